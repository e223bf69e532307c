"""A criterion's text as words, numbers and signs: what the lexer makes tokens of, and what topics are found among."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from extract.criteria.phrases import NORMAL, simplify
from extract.memo import Memo

COMPARISON_SIGNS: Final = frozenset("<>≤≥≦≧⩽⩾˂˃﹤﹥=")

_NUMBER: Final = (
    r"\d(?=,\d\s*(?:,|or|and)\s*\d)|"  # "1,2 or 3" is a list
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,3}(?:\s\d{3})+(?![\d.,])|\d+(?:[.,·]\d+)*"
)
_SYMBOL: Final = r"[<>](?:\s?/\s?|\s?or\s)?\s?=|=\s?(?:/|or)?\s?[<>]|[<>≤≥≦≧⩽⩾˂˃﹤﹥](?:\s?=)?|="
_SIGN: Final = r"[^\s\x1c-\x1f\-'_\u00ad]"
"""Any other character, and what all words begin with: looked at first, blanks are passed over at once."""

_WORD: Final = re.compile(rf"((?={_SIGN})(?:[^\W\d_]++(?:'s(?![^\W_]))?+|[,.;:()/%]|{_NUMBER}|{_SYMBOL}|{_SIGN}))")
_ASCII_WORD: Final = re.compile(
    rf"((?={_SIGN})(?:[a-z]++(?:'s(?![a-z0-9]))?+|[,.;:()/%]|{_NUMBER}|{_SYMBOL}|{_SIGN}))", re.ASCII
)
"""The same for the simplified text that is ASCII, which nearly all is, in two thirds of the time."""

_SPACED: Final = re.compile(rf"[\d{''.join(sorted(COMPARISON_SIGNS))}]")
"""What a word with a blank in it begins with: "1 500", "> ="."""

_ESCAPES: Final = re.compile(r"\\(?=[^\w\s])|&(?:gt|lt|ge|le|amp|nbsp|#\d{2,4});")
_ENTITIES: Final = {"&gt;": ">", "&lt;": "<", "&ge;": "≥", "&le;": "≤", "&amp;": "&", "&nbsp;": " "}


class Chunk(NamedTuple):
    """What stands between two blanks: its words, and where in it they begin and end."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class Words:
    """The words of a text, in lower case, singular, in one spelling.

    given: the text; text: the same without Markdown's backslashes and HTML's entities; simple: that, simplified.
    """

    __slots__ = ("_chunks", "_ends", "_known", "_shifts", "_starts", "given", "simple", "text", "words")

    def __init__(self, given: str) -> None:
        self.given = self.text = given
        self._shifts: list[tuple[int, int]] = []
        if "\\" in given or "&" in given:
            self.text, self._shifts = _unescaped(given)
        self.simple = simplify(self.text)
        self._chunks = self.simple.split()
        self._known: list[Chunk | None] = list(map(_CHUNKS.__getitem__, self._chunks))
        self._starts: list[int] = []
        self._ends: list[int] = []
        if None in self._known:
            self.words = self._placed()
        else:
            self.words = list(chain.from_iterable(map(_FIRST, self._known)))

    def places(self) -> tuple[list[int], list[int]]:
        """Where in `text` the words begin, and where they end; the topics of a text need neither."""
        if self.words and not self._starts:
            self._placed()
        return self._starts, self._ends

    def _placed(self) -> list[str]:
        """The words, whose places are noted: chunk by chunk, but where a word may have a blank by the pattern."""
        words: list[str] = []
        starts, ends, known, begins = self._starts, self._ends, self._known, self._begins()
        at, count = 0, len(known)
        while at < count:
            begin, chunk = begins[at], known[at]
            at += 1
            if chunk is None:
                while at < count and (known[at] is None or (at + 1 < count and known[at + 1] is None)):
                    at += 1  # "> or = 5", "1,2 or 3"
                chunk = _RUNS[self.simple[begin : begins[at - 1] + len(self._chunks[at - 1])]]
            words += chunk.words
            for place in chunk.starts:
                starts.append(begin + place)
            for place in chunk.ends:
                ends.append(begin + place)
        return words

    def _begins(self) -> list[int]:
        """Where the chunks begin."""
        begins = list(accumulate([len(chunk) + 1 for chunk in self._chunks], initial=0))
        if begins[-1] == len(self.simple) + 1:  # one blank between any two, and none around
            return begins
        at = 0
        for k, chunk in enumerate(self._chunks):
            begins[k] = at = self.simple.index(chunk, at)
            at += len(chunk)
        return begins

    def original(self, place: int) -> int:
        """Where a place in `text` was in the text as given."""
        if not self._shifts:
            return place
        before = bisect_right(self._shifts, place, key=itemgetter(0))
        return place + (self._shifts[before - 1][1] if before else 0)


@lru_cache(maxsize=1)
def words_of(text: str) -> Words:
    """The words of a text. The last text's are remembered: its bounds are looked for, then its topics."""
    return Words(text)


def _chunk(simple: str) -> Chunk:
    """The words that the pattern finds in a simplified text, in their normal form."""
    # Split by a group, a text is blank, word, blank, word, ..., blank.
    pieces = (_ASCII_WORD if simple.isascii() else _WORD).split(simple)
    places = tuple(accumulate(map(len, pieces)))
    return Chunk(tuple(map(NORMAL.__getitem__, pieces[1::2])), places[:-1:2], places[1::2])


def _known_chunk(chunk: str) -> Chunk | None:
    """What is always read alike, whatever stands around it; None where a word may begin that has a blank in it."""
    if chunk.isalpha():  # as a third of them are: it takes no pattern
        return Chunk((NORMAL[chunk],), _AT_START, (len(chunk),))
    return None if _SPACED.search(chunk) else _chunk(chunk)


_CHUNKS: Final = Memo(_known_chunk, 1 << 14)
_RUNS: Final = Memo(_chunk, 1 << 12)
"""Of several chunks over which a word may go: most are short, as "18" and "> = 3"."""

_AT_START: Final = (0,)
_FIRST: Final[Callable[[Any], tuple[str, ...]]] = itemgetter(0)


def _unescaped(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without Markdown's backslashes and HTML's entities, and how far what follows each was moved."""
    parts: list[str] = []
    shifts: list[tuple[int, int]] = []
    at = size = 0
    for m in _ESCAPES.finditer(text):
        plain = _ENTITIES.get(m[0], "" if m[0] == "\\" else " ")
        parts += [text[at : m.start()], plain]
        size += m.start() - at + len(plain)
        at = m.end()
        shifts.append((size, at - size))
    parts.append(text[at:])
    return "".join(parts), shifts
