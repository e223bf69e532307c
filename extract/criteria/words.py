"""A criterion's text as words, numbers and signs: what the lexer makes tokens of, and what topics are found among."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from typing import Final

from extract.criteria.phrases import NORMAL, simplify
from extract.memo import Memo

COMPARISON_SIGNS: Final = frozenset("<>≤≥≦≧⩽⩾˂˃﹤﹥=")

_NUMBER: Final = (
    r"\d(?=,\d\s*(?:,|or|and)\s*\d)|"  # "1,2 or 3" is a list
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,3}(?:\s\d{3})+(?![\d.,])|\d+(?:[.,·]\d+)*"
)
_SYMBOL: Final = r"[<>](?:\s?/\s?|\s?or\s)?\s?=|=\s?(?:/|or)?\s?[<>]|[<>≤≥≦≧⩽⩾˂˃﹤﹥](?:\s?=)?|="
_SIGN: Final = r"[^\s\-'_\u00ad]"
"""Any other character, and what all words begin with: looked at first, blanks are passed over at once."""

_WORD: Final = re.compile(rf"((?={_SIGN})(?:[^\W\d_]++(?:'s(?![^\W_]))?+|[,.;:()/%]|{_NUMBER}|{_SYMBOL}|{_SIGN}))")
_ASCII_WORD: Final = re.compile(
    rf"((?={_SIGN})(?:[a-z]++(?:'s(?![a-z0-9]))?+|[,.;:()/%]|{_NUMBER}|{_SYMBOL}|{_SIGN}))", re.ASCII
)
"""The same for the simplified text that is ASCII, which nearly all is, in two thirds of the time."""

_SPACED: Final = re.compile(rf"[\d{''.join(sorted(COMPARISON_SIGNS))}]")
_ASCII_SPACED: Final = re.compile("[0-9<=>]")
"""What a word with a blank in it begins with: "1 500", "> ="."""

_ESCAPES: Final = re.compile(r"\\(?=[^\w\s])|&(?:gt|lt|ge|le|amp|nbsp|#\d{2,4});")
_ENTITIES: Final = {"&gt;": ">", "&lt;": "<", "&ge;": "≥", "&le;": "≤", "&amp;": "&", "&nbsp;": " "}


class Words:
    """The words of a text, in lower case, singular, in one spelling.

    given: the text; text: the same without Markdown's backslashes and HTML's entities; simple: that, simplified.
    """

    __slots__ = ("_pieces", "_shifts", "given", "simple", "text", "words")

    def __init__(self, given: str) -> None:
        self.given = self.text = given
        self._shifts: list[tuple[int, int]] = []
        if "\\" in given or "&" in given:
            self.text, self._shifts = _unescaped(given)
        self.simple = simplify(self.text)
        if (_ASCII_SPACED if self.simple.isascii() else _SPACED).search(self.simple):
            self._pieces = _pieces(self.simple)
            self.words = list(map(NORMAL.__getitem__, self._pieces[1::2]))
        else:  # no word has a blank in it, and what stands between blanks comes again and again
            self._pieces = []
            self.words = list(chain.from_iterable(map(_CHUNKS.__getitem__, self.simple.split())))

    def places(self) -> tuple[list[int], list[int]]:
        """Where in `text` the words begin, and where they end; the topics of a text need neither."""
        places = list(accumulate(map(len, self._pieces or _pieces(self.simple))))
        return places[:-1:2], places[1::2]

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


def _pieces(simple: str) -> list[str]:
    """A simplified text as blank, word, blank, word, …, blank."""
    return (_ASCII_WORD if simple.isascii() else _WORD).split(simple)


def _normal_words(chunk: str) -> tuple[str, ...]:
    """The words of what stands between two blanks, in their normal form."""
    return tuple(map(NORMAL.__getitem__, _pieces(chunk)[1::2]))


_CHUNKS = Memo(_normal_words, 1 << 16)


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
