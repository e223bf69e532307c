"""A pool: the rows that compete for one query, with what their scores are computed from.

A row is a chunk, or one line of a chunk that has several. The rows of one document make a pool, and so do the
candidates that the indexes of a library put forward: both are scored in the same way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.chunks import Chunk, line_spans
from index.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from extract.source import LineRange

_K1, _B = 1.2, 0.75
"""BM25's usual saturation and length normalisation (Robertson & Zaragoza 2009)."""

_CONTEXT_WEIGHT = 0.5
"""A term in a row's context counts this much of one in its text."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a row stands: a whole chunk, or one line of it. `chunk` is that chunk's number in its document."""

    chunk: int
    lines: LineRange
    start: int
    end: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One competitor. `document` is its document's number in the store."""

    document: int
    span: Span
    chunk: Chunk
    text: str
    terms: Counter[str] = field(repr=False)
    length: int

    @property
    def embedded(self) -> str:
        """What is embedded for it: context and words."""
        return embedded_text(self.chunk, self.text)


def row(document: int, span: Span, chunk: Chunk, text: str) -> Row:
    """The row that stands at `span` of a source's text."""
    own = text[span.start : span.end]
    words = terms(own)
    return Row(document, span, chunk, own, Counter(words), len(words))


def spans(number: int, chunk: Chunk, text: str) -> list[Span]:
    """The rows of a document's chunk: itself, and its lines when it has several."""
    whole = Span(number, chunk.lines, chunk.start, chunk.end, True)
    if chunk.lines[0] == chunk.lines[1]:
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
        self._contexts = {c: frozenset(terms(c)) for c in {r.chunk.context for r in rows}}
        self._size = size or len(rows)
        self._mean_length = sum(r.length for r in rows) / max(1, len(rows)) or 1.0
        self._frequency = frequency or self._counted(rows)

    def _counted(self, rows: Iterable[Row]) -> Callable[[str], int]:
        counts = Counter(t for r in rows for t in r.terms.keys() | self._contexts[r.chunk.context])
        return lambda term: counts[term]

    def cosines(self, query: NDArray[np.float32]) -> list[float]:
        """The cosine of each row's vector and the query's."""
        assert self.vectors is not None
        similarities: list[float] = (self.vectors @ query).tolist()
        return similarities

    def lexical(self, query: Iterable[str]) -> list[float]:
        """BM25 of each row, as a share of what a row could reach that has every term of the query."""
        idf = {t: self._idf(t) for t in dict.fromkeys(query)}
        best = sum(idf.values()) * (_K1 + 1) or 1.0
        return [sum(w * self._saturated(r, t) for t, w in idf.items()) / best for r in self.rows]

    def _idf(self, term: str) -> float:
        n = min(self._frequency(term), self._size)
        return math.log(1 + (self._size - n + 0.5) / (n + 0.5))

    def _saturated(self, row: Row, term: str) -> float:
        count = row.terms[term] + (_CONTEXT_WEIGHT if term in self._contexts[row.chunk.context] else 0.0)
        if not count:
            return 0.0
        return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * row.length / self._mean_length))
