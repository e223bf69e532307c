"""The little language in which phrasings are written in our tables, and the search for them in a question.

    a|b      one of these words        word*    a word that begins so (also inside: "enrol*ing")
    word?    may be missing            …        up to five words between

Patterns run over words, not over characters: a question is its words in lower case, each with a space after it,
punctuation off.
Every gap is bounded, so a search is linear in the question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

_WORD = re.compile(r"[^\W_]+(?:[-'’./][^\W_]+)*|[<>≤≥=%&]")


@dataclass(frozen=True)
class Words:
    """A text as words: `plain` is what patterns see; word i of it is `text[spans[i][0]:spans[i][1]]`."""

    text: str
    plain: str
    spans: tuple[tuple[int, int], ...]

    def find(self, pattern: str) -> tuple[int, int] | None:
        """(first word, word after the last) of the pattern's first match."""
        found = self._match(pattern)
        if not found:
            return None
        first = self.plain.count(" ", 0, found.start())
        return first, first + found[0].strip().count(" ") + 1

    def named(self, pattern: str) -> frozenset[int]:
        """The words that the pattern itself names in its first match; not those that one of its gaps took."""
        found = self._match(pattern)
        if not found:
            return frozenset()
        gaps = {n for k in range(1, len(found.groups()) + 1) for n in self._between(*found.span(k))}
        return frozenset(self._between(*found.span())) - gaps

    def _match(self, pattern: str) -> re.Match[str] | None:
        for words in _needed(pattern):
            for word in words:
                if word in self._spaced:
                    break
            else:
                return None
        return _compiled(pattern).search(self.plain)

    @cached_property
    def _spaced(self) -> str:
        return f" {self.plain}"

    def _between(self, start: int, end: int) -> range:
        first = self.plain.count(" ", 0, start)
        return range(first, first + self.plain.count(" ", start, end))

    def span(self, first: int, after: int) -> tuple[int, int]:
        """Where words `first` up to but without `after` stand in the text."""
        return self.spans[first][0], self.spans[after - 1][1]


def words_of(text: str) -> Words:
    """The words of a text."""
    found = list(_WORD.finditer(text.replace("’", "'")))
    return Words(text, "".join(m[0].lower() + " " for m in found), tuple(m.span() for m in found))


@cache
def _needed(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The words without which a pattern has no match, each as what one of its alternatives begins with.

    A question has the words of few of the patterns, and to compile a pattern costs a hundred times as much as to see
    that: the difference is half of what a new process needs to read a question.
    """
    parts = (part for part in pattern.split() if part != "…" and not part.endswith("?"))
    return tuple(
        tuple(f" {start}" if star else f" {start} " for start, star, _ in (w.partition("*") for w in part.split("|")))
        for part in parts
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression over `Words.plain`."""
    return re.compile(r"(?<!\S)" + "".join(map(_part, pattern.split())))


def _part(part: str) -> str:
    """One word of a pattern, the space after it included."""
    if part == "…":
        return r"((?:\S+ ){0,5})"
    words = "|".join(re.escape(w).replace(r"\*", r"\S*") for w in part.removesuffix("?").split("|"))
    return f"(?:(?:{words}) )" + ("?" if part.endswith("?") else "")
