"""Phrases of a table found in running text: the longest one at each word, however it is cased, spaced or spelled.

A phrase matches whatever differs from it only in case, white space, hyphens, plural, British spelling, accents or
sub- and superscripts ("haemoglobins" is "hemoglobin", "SpO₂" is "SpO2"). A phrase added as `exact` must stand letter
for letter, for abbreviations that mean something else in other dress ("PT" is no "pt"). Time is linear in the text:
a lookup walks a tree of words and never goes back further than the longest phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from extract.memo import Memo

V = TypeVar("V")


class Token(NamedTuple):
    """A word, number or sign in its normal form, and where it stands."""

    word: str
    start: int
    end: int


def _simple_characters() -> dict[int, str]:
    """One plain character for each fancy one, so that offsets stay what they were."""
    # Plain ones stand for themselves, for a character that is missing takes far longer than one that is there.
    table = {code: chr(code).lower() for code in range(128)}
    ranges = ((0x00A0, 0x0180), (0x0370, 0x0400), (0x1E00, 0x1F00), (0x2070, 0x209D), (0xFF01, 0xFF5F))
    for code in (c for first, last in ranges for c in range(first, last)):
        plain = unicodedata.normalize("NFKD", chr(code)).lower()
        letters = "".join(c for c in plain if not unicodedata.combining(c))
        if len(letters) == 1 and letters != chr(code):
            table[code] = letters
    table |= dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-") | dict.fromkeys(map(ord, "‘’ʼ`´"), "'")
    return table | dict.fromkeys(map(ord, "⁄∕"), "/") | dict.fromkeys(map(ord, "✕✖╳⨯"), "×")


_SIMPLE = _simple_characters()
_GROUP = re.compile(r"\(([^()|]*\|[^()]*)\)")
_BRITISH = (("ae", "e"), ("oe", "e"), ("our", "or"), ("ph", "f"), ("ised", "ized"), ("isation", "ization"))


def simplify(text: str) -> str:
    """The text in lower case without accents, sub- and superscripts; as long as it was, character for character."""
    lowered = text.lower() if text.isascii() else text.translate(_SIMPLE)
    assert len(lowered) == len(text)
    return lowered


def _normal(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    if len(word) > 4:  # shorter ones fall together: "four" would be "for"
        for british, american in _BRITISH:
            word = word.replace(british, american)
    return word


NORMAL: Final = Memo(_normal, 1 << 14)
"""A simplified word as its singular in one spelling. What it gives is for comparing, not for reading."""


def expand(template: str) -> Iterator[str]:
    """Every reading of a template: "(total|) protein" is "total protein" and "protein".

    Parentheses without a bar are themselves.
    """
    if "|" not in template:  # as most
        yield " ".join(template.split())
        return
    parts = _GROUP.split(template)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    for choice in product(*choices):
        yield " ".join("".join(choice).split())


class Indexed(Protocol):
    """Tokens by index, which may be found only when they are asked for."""

    def __getitem__(self, at: int, /) -> Token:
        """Raises IndexError behind the last."""


class _Node(Generic[V]):
    __slots__ = ("exact", "loose", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node[V]] = {}
        self.loose: V | None = None
        self.exact: dict[str, V] | None = None


class Phrases(Generic[V]):
    """A tree of words with a value at the end of each phrase."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        """`pattern`, which has no groups, finds the tokens of a simplified text; what it leaves out may stand between
        any two words."""
        self._pattern = pattern
        self._root: _Node[V] = _Node()

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text, in order."""
        return [Token(NORMAL[m[0]], m.start(), m.end()) for m in self._pattern.finditer(simplify(text))]

    def add(self, phrase: str, value: V, *, exact: bool = False) -> None:
        """Raises ValueError when the phrase has another value already: a table must not say two things."""
        node = self._root
        for word in self._pattern.findall(simplify(phrase)):
            normal = NORMAL[word]
            following = node.next.get(normal)
            if following is None:
                following = node.next[normal] = _Node()
            node = following
        known = (node.exact or {}).get(phrase) if exact else node.loose
        if node is self._root or (known is not None and known != value):
            raise ValueError(f"{phrase!r} is {known!r} already, it cannot be {value!r} too")
        if exact:
            node.exact = {**(node.exact or {}), phrase: value}
        else:
            node.loose = value

    def longest(self, text: str, tokens: Indexed, at: int) -> tuple[int, V] | None:
        """The longest phrase that starts at token `at`: how many tokens it takes, and its value."""
        node, best, i = self._root, None, at
        try:
            while (following := node.next.get(tokens[i].word)) is not None:
                node, value = following, following.loose
                if node.exact is not None:
                    value = node.exact.get(text[tokens[at].start : tokens[i].end], value)
                i += 1
                if value is not None:
                    best = i - at, value
        except IndexError:  # the last token is part of the phrase
            pass
        return best

    def openers(self) -> frozenset[str]:
        """The words that a phrase begins with, in their normal form."""
        return frozenset(self._root.next)
