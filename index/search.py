"""Searching: in one document, all of whose rows compete, or in a library, whose indexes put candidates forward."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.candidates import MeaningCandidates, WordCandidates
from index.hit import Hit, Unit
from index.lexical import ChunkKey
from index.pool import Pool, Row, row, spans
from index.ranking import best, scores
from index.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder
    from index.store import Store
    from index.vectors import VectorsFolder

_CANDIDATES = 50
"""Chunks that each index puts forward."""

_POOLS_KEPT = 64


class Search:
    """Searches over one store. `embedder` is None where only words can be compared."""

    def __init__(self, store: Store, lexical: Path, vectors: VectorsFolder, embedder: Embedder | None) -> None:
        self._store = store
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
        pool = self._pool(number)
        return self._hits(pool, scores(query, self._embedded(query), pool), k=k, unit=unit)

    def in_library(self, query: str, *, k: int, unit: Unit, documents: Collection[int] | None) -> list[Hit]:
        """The `k` best rows of all documents, or of those numbers, best first."""
        vector = self._embedded(query)
        wide = max(_CANDIDATES, 2 * k)
        keys = dict.fromkeys(self._words.search(terms(query), k=wide, documents=documents))
        if vector is not None:
            found = self._meanings.search(vector, k=wide, documents=documents)
            keys |= dict.fromkeys(key for key, _ in found)
        pool = self._candidates(keys)
        return self._hits(pool, scores(query, vector, pool), k=k, unit=unit)

    def close(self) -> None:
        """Let go of the indexes."""
        self._meanings.close()

    def _embedded(self, query: str) -> NDArray[np.float32] | None:
        return None if self._embedder is None else self._embedder.embed([query])[0]

    def _pool(self, number: int) -> Pool:
        """All rows of a document. The last used are kept: analysing a document costs more than scoring it."""
        pool = self._pools.pop(number, None) or self._whole(number)
        self._pools[number] = pool
        if len(self._pools) > _POOLS_KEPT:
            del self._pools[next(iter(self._pools))]
        return pool

    def _whole(self, number: int) -> Pool:
        text = self._store.text(number)
        rows = [
            row(number, span, chunk, text)
            for i, chunk in enumerate(self._store.chunks(number))
            for span in spans(i, chunk, text)
        ]
        return Pool(rows, self._store.vectors(number) if self._embedder else None)

    def _candidates(self, keys: Iterable[ChunkKey]) -> Pool:
        """The rows of some chunks of several documents; what is no longer stored is left out."""
        by_document: dict[int, list[int]] = {}
        for number, chunk in keys:
            by_document.setdefault(number, []).append(chunk)
        rows: list[Row] = []
        vectors: list[NDArray[np.float32]] | None = [] if self._embedder else None
        for number in self._store.rows_of(by_document):
            text, chunks, first_rows = (
                self._store.text(number),
                self._store.chunks(number),
                self._store.chunk_rows(number),
            )
            stored = self._store.vectors(number)
            for i in by_document[number]:
                own = [row(number, span, chunks[i], text) for span in spans(i, chunks[i], text)]
                rows += own
                if vectors is not None and stored is not None:
                    vectors.append(stored[first_rows[i] : first_rows[i] + len(own)])
                else:
                    vectors = None
        return Pool(rows, _stacked(vectors), frequency=self._words.frequency, size=len(self._words))

    def _hits(self, pool: Pool, values: Sequence[float], *, k: int, unit: Unit) -> list[Hit]:
        rows = self._store.rows_of({r.document for r in pool.rows})
        hits = []
        for r, score in best(pool, values, unit=unit, k=k):
            at = rows[r.document]
            hits.append(Hit(at.id, r.span.lines, r.text, score, r.chunk.section, r.chunk.label, at.path, at.sha256))
        return hits


def _stacked(parts: list[NDArray[np.float32]] | None) -> NDArray[np.float32] | None:
    if not parts:
        return None
    import numpy as np

    return np.concatenate(parts)
