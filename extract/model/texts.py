"""Two views of a text in which a quote can be looked for, each with the way back to the text's own positions.

Folded   white space folded: "70\n  Years" is "70 Years"
Tokens   its words, numbers and signs, normalised: "≥ 7,0 Mmol/l (fasting)" is "≥", "7,0", "mmol", "l", "fasting"
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
"""A character class: what takes no room on the page, so that a reader does not see that it is there."""

_MARKS = "\u0300-\u036f"
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*"
    rf"|[^\W\d_][^\W_{INVISIBLE}]*(?:[{INVISIBLE}{_MARKS}]+[^\W_{INVISIBLE}]*)*"
    r"|[^\W\d_]"
    r"|[²³¹½¼¾]"
    r"|[<>≤≥=±%~≈≠]"
    r"|[-\u2010-\u2015\u2212](?=\d)"
)
_INVISIBLES = re.compile(f"[{INVISIBLE}]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_RUN = re.compile(r"\S+")


def visible(text: str) -> str:
    """The text without invisible characters."""
    return _INVISIBLES.sub("", text)


class Folded:
    """A text with its white space folded, as `extract.evidence.fold` does it."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._sources: list[int] = []
        runs = []
        length = 0
        for run in _RUN.finditer(text):
            self._starts.append(length)
            self._sources.append(run.start())
            runs.append(run.group())
            length += len(run.group()) + 1
        self.text = " ".join(runs)

    def find(self, words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the folded words stand in `text[start:end]`, in the positions of the text itself."""
        low, high = self._to_folded(start), self._to_folded(end)
        at = self.text.find(words, low, high)
        while at >= 0:
            yield self._to_source(at), self._to_source(at + len(words) - 1) + 1
            at = self.text.find(words, at + 1, high)

    def _to_folded(self, position: int) -> int:
        run = bisect_right(self._sources, position) - 1
        if run < 0:
            return 0
        last = run + 1 == len(self._starts)
        end = len(self.text) if last else self._starts[run + 1] - 1
        return min(end, self._starts[run] + position - self._sources[run])

    def _to_source(self, position: int) -> int:
        run = bisect_right(self._starts, position) - 1
        return self._sources[run] + position - self._starts[run]


class Tokens:
    """The words, numbers and signs of a text. Punctuation, brackets and invisible characters are no tokens, so texts
    that differ in these alone have the same tokens. Signs of comparison are: "≥ 7" and "≤ 7" differ."""

    def __init__(self, text: str) -> None:
        self.norms: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for token in _TOKEN.finditer(text):
            self.norms.append(_norm(token.group()))
            self.starts.append(token.start())
            self.ends.append(token.end())
        self._text = " ".join(["", *self.norms, ""])
        self._places: list[int] = []
        at = 0
        for norm in self.norms:
            self._places.append(at)
            at += len(norm) + 1

    def __len__(self) -> int:
        return len(self.norms)

    def between(self, start: int, end: int) -> range:
        """The indexes of the tokens that lie in `text[start:end]`."""
        return range(bisect_left(self.starts, start), max(bisect_right(self.ends, end), 0))

    def find(self, wanted: Tokens, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the same tokens stand in `text[start:end]`, in the positions of the text."""
        inside = self.between(start, end)
        if not len(wanted) or not inside:
            return
        low, high = self._places[inside[0]], self._places[inside[-1]] + len(self.norms[inside[-1]]) + 2
        at = self._text.find(wanted._text, low, high)
        while at >= 0:
            first = bisect_left(self._places, at)
            yield self.starts[first], self.ends[first + len(wanted) - 1]
            at = self._text.find(wanted._text, at + 1, high)


def _norm(token: str) -> str:
    if token.isascii():
        return token.lower()
    # NFKC makes one of "µ" and "μ", "m²" and "m2"; a token that is only a superscript stays apart from a number.
    if not token.isdecimal() and token[0] in "²³¹½¼¾":
        return "^" + unicodedata.normalize("NFKC", token)
    text = unicodedata.normalize("NFKC", _DASHES.sub("-", visible(token))).casefold()
    return text.replace(" ", "")
