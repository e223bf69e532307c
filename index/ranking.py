"""How the rows of a pool are ranked for a query: by meaning and by words together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.hit import Unit
from index.pool import Pool, Row
from index.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEXICAL_WEIGHT = 0.35
"""Of the share of the query's words, against a cosine's 1."""


def scores(query: str, vector: NDArray[np.float32] | None, pool: Pool) -> list[float]:
    """A score for each row of the pool, higher is better. Without vectors words decide alone."""
    words: Sequence[float] = pool.lexical(terms(query))
    if vector is None or pool.vectors is None:
        return list(words)
    return [c + LEXICAL_WEIGHT * w for c, w in zip(pool.cosines(vector), words, strict=True)]


def best(pool: Pool, values: Sequence[float], *, unit: Unit, k: int) -> list[tuple[Row, float]]:
    """The `k` best chunks or lines, best first, each place once."""
    placed = [
        (r, score)
        for r, score in zip(pool.rows, values, strict=True)
        if score > 0 and (r.span.whole if unit == "chunk" else r.span.lines[0] == r.span.lines[1])
    ]
    placed.sort(key=lambda p: (-p[1], p[0].document, p[0].span.start))
    seen: set[tuple[int, int]] = set()
    chosen: list[tuple[Row, float]] = []
    for r, score in placed:
        place = (r.document, r.span.lines[0] if unit == "line" else r.span.start)
        if place not in seen:
            seen.add(place)
            chosen.append((r, score))
        if len(chosen) == k:
            break
    return chosen
