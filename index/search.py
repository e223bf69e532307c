"""Searching: in one document, all of whose rows compete, or in a library, whose indexes put candidates forward.

In a library a question often names the trial ("has the asthma study opened?") and asks for something that is said
elsewhere in its record without the trial's name ("Recruitment Status: RECRUITING"). So the documents that fit best
also put forward what stands in the places where such a question is answered, and their rows are helped by the
document's best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.candidates import MeaningCandidates, WordCandidates
from index.hints import hints, shipped
from index.hit import Hit, Unit
from index.lexical import ChunkKey
from index.pool import Pool, Row, rows_of
from index.query import concepts
from index.ranking import WEIGHTS, Weights, best, match, scores
from index.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from extract.source import LineRange
    from index.embedder import Embedder
    from index.store import Store
    from index.vectors import VectorsHome

_CANDIDATES = 50
"""Chunks that each index puts forward."""

_DOCUMENTS_LOOKED_INTO = 8
_PLACES_LOOKED_INTO = 3
_LEAST_PROBABLE = 0.05

_RANK_SMOOTHING = 60

_POOLS_KEPT = 64

_ABOUT = ("title", "conditions", "interventions", "arms", "summary")
"""Places that tell what a trial is about."""

_ABOUT_MOST = 12
_NEAR = 100


class Search:
    """Searches over one store. `embedder` is None where only words can be compared."""

    def __init__(
        self,
        store: Store,
        lexical: Path,
        vectors: VectorsHome,
        embedder: Embedder | None,
        weights: Weights = WEIGHTS,
    ) -> None:
        self._store = store
        self._weights = weights
        self._embedder = embedder
        self._words = WordCandidates(store, lexical)
        self._meanings = MeaningCandidates(store, vectors)
        self._pools: dict[int, Pool] = {}

    @property
    def notes(self) -> list[str]:
        """What does not work as it could, a line each."""
        return [note for note in (self._words.note, self._meanings.note) if note]

    def in_document(self, query: str, number: int, *, k: int, unit: Unit) -> list[Hit]:
        """The `k` best rows of one document, best first."""
        vector, expected = self._understood(query)
        pool = self._pool(number)
        matches = match(concepts(query, pool.abbreviations), vector, pool, self._weights)
        return self._hits(pool, scores(matches, expected, pool, self._weights), k=k, unit=unit)

    def cosines(self, query: str, number: int) -> list[tuple[LineRange, float]]:
        """The cosine of every row of a document with the query, unranked; nothing without vectors."""
        pool = self._pool(number)
        if self._embedder is None or pool.vectors is None:
            return []
        values = (pool.vectors @ self._embedder.embed([query])[0]).tolist()
        return [(r.span.lines, value) for r, value in zip(pool.rows, values, strict=True)]

    def in_library(self, query: str, *, k: int, unit: Unit, documents: Collection[int] | None) -> list[Hit]:
        """The `k` best rows of all documents, or of those numbers, best first."""
        import numpy as np

        vector, expected = self._understood(query)
        asked = concepts(query)
        keys = self._put_forward([t for c in asked for run in c.runs for t in run], vector, k, documents)
        leading = list(dict.fromkeys(number for number, _ in keys))[:_DOCUMENTS_LOOKED_INTO]
        pool = self._some([*keys, *self._looked_into(leading, expected)])
        matches = match(asked, vector, pool, self._weights)
        highest = _best_by_document(pool, matches)
        helped = self._weights.document * np.array([highest[r.document] for r in pool.rows])
        return self._hits(pool, scores(matches, expected, pool, self._weights) + helped, k=k, unit=unit)

    def similar(self, number: int, *, k: int, documents: Collection[int] | None) -> list[Hit]:
        """The `k` other documents most like one in what they are about, best first; of each, the place most like it.

        A document is like another as far as, for each thing that it is about, the other has something near it.
        """
        about = self._store.chunks_at(number, _ABOUT)[:_ABOUT_MOST]
        likeness: dict[int, float] = {}
        nearest: dict[int, tuple[float, ChunkKey]] = {}
        for near in (self._near(number, chunk, documents) for chunk in about):
            by_document: dict[int, float] = {}
            for key, value in near:
                by_document[key[0]] = max(value, by_document.get(key[0], value))
                nearest[key[0]] = max((value, key), nearest.get(key[0], (value, key)))
            for other, value in by_document.items():
                likeness[other] = likeness.get(other, 0.0) + value / len(about)
        likeness.pop(number, None)
        chosen = sorted(likeness, key=lambda other: (-likeness[other], other))[:k]
        pool = self._some(nearest[other][1] for other in chosen)
        whole = {r.document: r for r in pool.rows if r.span.whole}
        return self._as_hits((whole[other], likeness[other]) for other in chosen if other in whole)

    def _near(self, number: int, chunk: int, documents: Collection[int] | None) -> list[tuple[ChunkKey, float]]:
        """Chunks near one of a document, with their cosines; by words where there are no vectors, by their rank."""
        found = self._store.some_chunks([(number, chunk)])
        if not found:
            return []
        _, _, first, piece = found[0]
        vectors = self._store.some_vectors({number: [(first, 1)]}) if self._embedder else None
        if vectors is not None:
            return self._meanings.search(vectors[0][0], k=_NEAR, documents=documents)
        words = terms(self._store.text(number)[piece.start : piece.end])
        keys = self._words.search(words, k=_NEAR, documents=documents)
        return [(key, 1 / (1 + rank)) for rank, key in enumerate(keys)]

    def close(self) -> None:
        """Let go of the indexes."""
        self._meanings.close()

    def _understood(self, query: str) -> tuple[NDArray[np.float32] | None, Mapping[str, float]]:
        """The query's vector, if there is an embedder, and where its answer is expected."""
        if self._embedder is None:
            return None, hints(query, None, None)
        vector = self._embedder.embed([query])[0]
        return vector, hints(query, vector, shipped(self._embedder.fingerprint))

    def _put_forward(
        self, words: list[str], vector: NDArray[np.float32] | None, k: int, documents: Collection[int] | None
    ) -> list[ChunkKey]:
        """The indexes' candidates, those first that both have far up (reciprocal ranks; Cormack et al. 2009)."""
        wide = max(_CANDIDATES, 2 * k)
        lists = [self._words.search(words, k=wide, documents=documents)]
        if vector is not None:
            lists.append([key for key, _ in self._meanings.search(vector, k=wide, documents=documents)])
        fused: dict[ChunkKey, float] = {}
        for ranked in lists:
            for rank, key in enumerate(ranked):
                fused[key] = fused.get(key, 0.0) + 1 / (_RANK_SMOOTHING + rank)
        return sorted(fused, key=lambda key: (-fused[key], key))

    def _looked_into(self, documents: Iterable[int], expected: Mapping[str, float]) -> list[ChunkKey]:
        """What stands in the likeliest places of these documents."""
        likely = sorted(expected, key=lambda place: -expected[place])[:_PLACES_LOOKED_INTO]
        likely = [place for place in likely if expected[place] >= _LEAST_PROBABLE]
        return [(number, chunk) for number in documents for chunk in self._store.chunks_at(number, likely)]

    def _pool(self, number: int) -> Pool:
        """All rows of a document. The last used are kept: analysing a document costs more than scoring it."""
        pool = self._pools.pop(number, None) or self._whole(number)
        self._pools[number] = pool
        if len(self._pools) > _POOLS_KEPT:
            del self._pools[next(iter(self._pools))]
        return pool

    def _whole(self, number: int) -> Pool:
        pieces = [(number, i, chunk) for i, chunk in enumerate(self._store.chunks(number))]
        rows = rows_of(pieces, {number: self._store.text(number)})
        return Pool(rows, self._store.vectors(number) if self._embedder else None)

    def _some(self, keys: Iterable[ChunkKey]) -> Pool:
        """The rows of some chunks of several documents."""
        found = self._store.some_chunks(set(keys))
        rows = rows_of(((n, i, chunk) for n, i, _, chunk in found), self._store.texts({n for n, *_ in found}))
        many = Counter((r.document, r.span.chunk) for r in rows)
        slices: dict[int, list[tuple[int, int]]] = {}
        for number, i, first, _ in found:
            slices.setdefault(number, []).append((first, many[number, i]))
        vectors = self._store.some_vectors(slices) if self._embedder else None
        return Pool(rows, _stacked(vectors), frequency=self._words.frequency, size=len(self._words))

    def _hits(self, pool: Pool, values: NDArray[np.float64], *, k: int, unit: Unit) -> list[Hit]:
        return self._as_hits(best(pool, values, unit=unit, k=k))

    def _as_hits(self, rows: Iterable[tuple[Row, float]]) -> list[Hit]:
        chosen = list(rows)
        stored = self._store.rows_of({r.document for r, _ in chosen})
        hits = []
        for r, score in chosen:
            at = stored[r.document]
            hits.append(Hit(at.id, r.span.lines, r.text, score, r.chunk.section, r.chunk.label, at.path, at.sha256))
        return hits


def _best_by_document(pool: Pool, matches: NDArray[np.float64]) -> dict[int, float]:
    """The match of each document's best row, by document."""
    found: dict[int, float] = {}
    for r, value in zip(pool.rows, matches.tolist(), strict=True):
        found[r.document] = max(value, found.get(r.document, value))
    return found


def _stacked(parts: Sequence[NDArray[np.float32]] | None) -> NDArray[np.float32] | None:
    if not parts:
        return None
    import numpy as np

    return np.concatenate(parts)
