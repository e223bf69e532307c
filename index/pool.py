"""A pool: the rows that compete for one query, with what their scores are computed from.

A row is a chunk, or one line of a chunk that has several. The rows of one document make a pool, and so do the
candidates that the indexes of a library put forward: both are scored in the same way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from index.chunks import Chunk, line_spans
from index.query import Concept, abbreviations_in
from index.terms import terms, terms_of_all

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from extract.source import LineRange

_K1, _B = 1.2, 0.75
"""BM25's usual saturation and length normalisation (Robertson & Zaragoza 2009, FnTIR 3:333)."""

_CONTEXT_WEIGHT = 0.5
"""A term in a row's context counts this much of one in its text."""

_NEIGHBOURS = ((1, 1.0), (2, 0.5))
"""How many lines away, and what such a neighbour weighs."""


_APART = ("inclusion", "exclusion")


class Span(NamedTuple):
    """Where a row stands: a whole chunk, or one line of it. `chunk` is that chunk's number in its document."""

    chunk: int
    lines: LineRange
    start: int
    end: int
    whole: bool

    @property
    def single(self) -> bool:
        """Whether it is (of) one line."""
        return self.lines[0] == self.lines[1]


@dataclass(frozen=True, slots=True)
class Row:
    """One competitor. `document` is its document's number in the store."""

    document: int
    span: Span
    chunk: Chunk
    text: str
    terms: Counter[str] = field(repr=False)


def rows_of(pieces: Iterable[tuple[int, int, Chunk]], texts: Mapping[int, str]) -> list[Row]:
    """The rows of chunks, each (document, its number there, chunk); `texts` are the documents' whole texts."""
    placed = [
        (document, span, chunk)
        for document, number, chunk in pieces
        for span in spans(number, chunk, texts[document][chunk.start : chunk.end])
    ]
    said = [texts[document][span.start : span.end] for document, span, _ in placed]
    return [
        Row(document, span, chunk, text, Counter(own))
        for (document, span, chunk), text, own in zip(placed, said, terms_of_all(said), strict=True)
    ]


def spans(number: int, chunk: Chunk, text: str) -> list[Span]:
    """Where the rows of a document's chunk stand: itself, and its lines when it has several; `text` is its own."""
    whole = Span(number, chunk.lines, chunk.start, chunk.end, True)
    if whole.single:
        return [whole]
    return [whole, *(Span(number, (line, line), start, end, False) for line, start, end in line_spans(chunk, text))]


def embedded_text(chunk: Chunk, text: str) -> str:
    """What is embedded for words of a chunk: with the context that gives them their meaning."""
    return f"{chunk.context}: {text}"


class Pool:
    """Rows with their vectors (one unit vector a row, or none at all)."""

    def __init__(
        self,
        rows: Sequence[Row],
        vectors: NDArray[np.float32] | None,
        *,
        frequency: Callable[[str], int] | None = None,
        size: int | None = None,
    ) -> None:
        """`frequency` tells in how many of `size` chunks a term occurs; by default the rows themselves are counted."""
        self.rows = rows
        self.vectors = vectors
        self._size = size or len(rows)
        self._idfs: dict[str, float] = {}
        self._found: dict[str, list[tuple[int, float]]] = {}
        self._frequency = frequency or (lambda term: len(self._postings(term)))

    @cached_property
    def abbreviations(self) -> dict[str, str]:
        """What the rows' texts abbreviate."""
        return abbreviations_in(r.text for r in self.rows if r.span.whole)

    def lexical(self, query: Sequence[Concept]) -> NDArray[np.float64]:
        """BM25 of each row, as a share of what a row could reach that has everything the query asks for."""
        import numpy as np

        total = np.zeros(len(self.rows))
        best = 0.0
        for concept in query:
            weight = self._mean_idf(concept.runs[0])
            best += weight * (_K1 + 1)
            total += weight * np.max([self._run(run) for run in concept.runs], axis=0)
        return total / (best or 1.0)

    def _run(self, run: Sequence[str]) -> NDArray[np.float64]:
        """The saturated frequency of a run's terms in each row, averaged by how rare they are."""
        import numpy as np

        score = np.zeros(len(self.rows))
        for term in run:
            idf = self._idf(term)
            for index, count in self._postings(term):
                length = self._lengths[index] / self._mean_length
                score[index] += idf * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))
        return score / sum(self._idf(term) for term in run)

    def _mean_idf(self, run: Sequence[str]) -> float:
        return sum(self._idf(term) for term in run) / len(run)

    def _idf(self, term: str) -> float:
        if term not in self._idfs:
            n = min(self._frequency(term), self._size)
            self._idfs[term] = math.log(1 + (self._size - n + 0.5) / (n + 0.5))
        return self._idfs[term]

    def _postings(self, term: str) -> list[tuple[int, float]]:
        """(row, weighted count) of every row that has the term in its text or context."""
        if term not in self._found:
            counts = (
                r.terms[term] + (_CONTEXT_WEIGHT if term in context else 0.0)
                for r, context in zip(self.rows, self._contexts, strict=True)
            )
            self._found[term] = [(index, count) for index, count in enumerate(counts) if count]
        return self._found[term]

    @cached_property
    def _contexts(self) -> list[set[str]]:
        """The terms of each row's context."""
        by_context = {c: set(terms(c)) for c in {r.chunk.context for r in self.rows}}
        return [by_context[r.chunk.context] for r in self.rows]

    @cached_property
    def _lengths(self) -> list[int]:
        return [r.terms.total() for r in self.rows]

    @cached_property
    def _mean_length(self) -> float:
        return sum(self._lengths) / max(1, len(self._lengths)) or 1.0

    def around(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each row the mean of its neighbours' values; its own value for a row without any.

        Neighbours are the lines just before and after, within the section. A criterion has none but its own lines:
        criteria are independent of each other.
        """
        import numpy as np

        total, weight = np.zeros(len(values)), np.zeros(len(values))
        for here, there, w in self._neighbours:
            np.add.at(total, here, w * values[there])
            np.add.at(weight, here, w)
        return np.where(weight > 0, total / np.maximum(weight, 1e-9), values)

    @cached_property
    def _neighbours(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp], float]]:
        import numpy as np

        lines = sorted(
            (i for i, r in enumerate(self.rows) if r.span.single),
            key=lambda i: (self.rows[i].document, self.rows[i].span.start),
        )
        found = []
        for distance, w in _NEIGHBOURS:
            pairs = [(a, b) for a, b in zip(lines, lines[distance:], strict=False) if self._near(a, b, distance)]
            first, second = np.array(pairs, np.intp).reshape(-1, 2).T
            found += [(first, second, w), (second, first, w)]
        return found

    def _near(self, a: int, b: int, distance: int) -> bool:
        one, other = self.rows[a], self.rows[b]
        return (
            one.document == other.document
            and one.chunk.section == other.chunk.section
            and other.span.lines[0] - one.span.lines[0] <= distance
            and (one.span.chunk == other.span.chunk or one.chunk.place not in _APART)
        )
