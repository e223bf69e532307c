"""Chunks: the pieces of a reading that are embedded, indexed and found.

A chunk is verbatim text that never crosses a passage or a criterion, and so no section either. What gives it its
meaning (section, field, arm, kind of criterion, parent item) goes into the index with it as `context`, but is never
quoted as its text. A piece too long for the embedder is cut at line ends, or at sentence ends where a line is long:
its chunks then share that line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from extract.evidence import fold
from extract.reading import Passage
from extract.source import LineRange, Source
from index.places import place_of

if TYPE_CHECKING:
    from extract.extraction import Criterion

MAX_CHARS = 700
"""Some 160 tokens. Longer texts lose their tail in the embedder and their point in the mean."""

_MAX_CONTEXT = 160
_MAX_DEPTH = 4
_LINE_END = re.compile(r"\r\n|\r|\n")
_SENTENCE_END = re.compile(r"(?<=[.;!?])[ \t\xa0]+(?=\S)")


class Chunk(NamedTuple):
    """`source.text[start:end]`, which stands in `lines`. `section` and `label` are its context."""

    lines: LineRange
    start: int
    end: int
    section: str
    label: str | None = None
    place: str | None = None
    """The id in `index.places`, where the context tells one."""

    @property
    def context(self) -> str:
        """What is embedded and indexed before the text."""
        return f"{self.section}: {self.label}" if self.label else self.section

    def text(self, source: Source) -> str:
        """Verbatim, line ends included where it has several lines."""
        return source.text[self.start : self.end]


def chunks(source: Source, passages: Sequence[Passage], criteria: Sequence[Criterion]) -> list[Chunk]:
    """Every passage in chunks, in order. Passages of white space alone have none."""
    starts = _Criteria(criteria)
    return [
        chunk
        for passage in passages
        for first, last, label in starts.cut(passage)
        for chunk in _pack(source, first, last, passage.section, label)
    ]


def line_spans(chunk: Chunk, text: str) -> list[tuple[int, int, int]]:
    """(line, start, end) of every line of a chunk that is not blank; `text` is the chunk's own."""
    spans = []
    at = 0
    for line, end in enumerate([*_LINE_END.finditer(text), None], chunk.lines[0]):
        span = _strip(text, at, end.start() if end else len(text))
        if span:
            spans.append((line, chunk.start + span[0], chunk.start + span[1]))
        at = end.end() if end else len(text)
    return spans


class _Criteria:
    """Where criteria begin, and what each is called in its context."""

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        by_id = {c.id: c for c in criteria}
        labels: dict[int, str] = {}
        for c in criteria:
            labels.setdefault(c.lines[0], _label(c, by_id))
        self._firsts = sorted(labels)
        self._labels = labels
        self._ends = {c.lines[0]: c.lines[1] for c in criteria}

    def cut(self, passage: Passage) -> Iterator[tuple[int, int, str | None]]:
        """(first line, last line, label) of the passage's parts: a new one begins at each criterion's first line."""
        first, last = passage.lines
        inner = self._firsts[bisect_right(self._firsts, first) : bisect_right(self._firsts, last)]
        bounds = [first, *inner, last + 1]
        for a, b in pairwise(bounds):
            yield a, b - 1, self._label_at(a) or passage.label

    def _label_at(self, line: int) -> str | None:
        """The label of the criterion whose lines hold this one."""
        at = bisect_right(self._firsts, line)
        if not at:
            return None
        first = self._firsts[at - 1]
        return self._labels[first] if line <= self._ends[first] else None


def _label(criterion: Criterion, by_id: dict[str, Criterion]) -> str:
    """Kind, cohort and the items it is nested in, outermost first: what a nested item says alone means little."""
    nested: list[str] = []
    parent = criterion.parent
    while parent in by_id and len(nested) < _MAX_DEPTH:
        nested.append(_short(by_id[parent].text))
        parent = by_id[parent].parent
    group = [criterion.group] if criterion.group else []
    return ", ".join([f"{criterion.kind} criterion", *group, *reversed(nested)])


def _short(text: str) -> str:
    folded = fold(text)
    return folded if len(folded) <= _MAX_CONTEXT else folded[:_MAX_CONTEXT].rsplit(" ", 1)[0]


def _pack(source: Source, first: int, last: int, section: str, label: str | None) -> Iterator[Chunk]:
    """Lines `first` to `last` as chunks of at most MAX_CHARS, where line and sentence ends allow."""
    start: int | None = None
    end = 0
    for a, b in _units(source, first, last):
        if start is not None and b - start > MAX_CHARS:
            yield _chunk(source, start, end, section, label)
            start = None
        start = a if start is None else start
        end = b
    if start is not None:
        yield _chunk(source, start, end, section, label)


def _chunk(source: Source, start: int, end: int, section: str, label: str | None) -> Chunk:
    place = place_of(section, label, source.text[start:end])
    return Chunk(source.lines_of(start, end), start, end, section, label, place)


def _units(source: Source, first: int, last: int) -> Iterator[tuple[int, int]]:
    """What is not torn apart: lines, or the sentences of a long line, or the words of a long sentence."""
    for line in range(first, last + 1):
        at = source.offset(line)
        span = _strip(source.text, at, at + len(source.line(line)))
        if span is None:
            continue
        a, b = span
        if b - a <= MAX_CHARS:
            yield a, b
            continue
        ends = [m.end() for m in _SENTENCE_END.finditer(source.text, a, b)] + [b]
        for end in ends:
            yield from _words(source.text, a, end)
            a = end


def _words(text: str, a: int, b: int) -> Iterator[tuple[int, int]]:
    """The span cut into pieces of at most MAX_CHARS, at white space where there is some."""
    while b - a > MAX_CHARS:
        space = text.rfind(" ", a + 1, a + MAX_CHARS + 1)
        cut = space if space > a else a + MAX_CHARS
        if span := _strip(text, a, cut):
            yield span
        a = cut + (space > a)
    if span := _strip(text, a, b):
        yield span


def _strip(text: str, a: int, b: int) -> tuple[int, int] | None:
    """The span without white space at its ends; None when nothing is left."""
    inner = text[a:b]
    left = len(inner) - len(inner.lstrip())
    size = len(inner.strip())
    return (a + left, a + left + size) if size else None
