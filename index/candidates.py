"""Candidates of a whole library: the chunks that its indexes put forward for a query.

An index may be behind the truth (a writer is at work, or was interrupted) or of no use (damaged, held by another
process). What it lacks is searched all the same, from the truth and in memory: everything that is stored is found.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.lexical import ChunkKey, Lexical, LexicalUnusable
from index.store import Store
from index.terms import ANALYSIS
from index.upkeep import chunk_vectors, elsewhere, entries, lexical_seal
from index.vectors import Vectors, VectorsHome, VectorsUnusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EXACT_UP_TO = 8_000
"""Chunks of a filtered search that are compared one by one; above it the index is asked for more than is needed."""

_MOST_ASKED = 5_000


class WordCandidates:
    """By words: the lexical index, and in memory what it lacks."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._base: Lexical | None = None
        self._rest: Lexical | None = None
        self._seen: tuple[int, list[int]] | None = None
        self.note: str | None = None

    def search(self, terms: Iterable[str], *, k: int, documents: Collection[int] | None) -> list[ChunkKey]:
        """Up to `k` chunks from each part, best first."""
        self._refresh()
        query = list(terms)
        try:
            return self._found(query, k, documents)
        except LexicalUnusable as e:  # damaged since it was opened
            self._base = None
            self._note(e)
            self._rest = self._in_memory(self._store.numbers_after(0))
            return self._found(query, k, documents)

    def _found(self, query: list[str], k: int, documents: Collection[int] | None) -> list[ChunkKey]:
        parts = [part for part in (self._base, self._rest) if part is not None]
        return [key for part in parts for key in part.search(query, k=k, documents=documents)]

    def frequency(self, term: str) -> int:
        """In how many chunks a term occurs."""
        return sum(part.frequency(term) for part in (self._base, self._rest) if part is not None)

    def __len__(self) -> int:
        return sum(len(part) for part in (self._base, self._rest) if part is not None)

    def _refresh(self) -> None:
        """Look at the index anew when it, or what it lacks, has changed."""
        applied = self._store.progress("lexical").applied
        if self._seen == (seen := (applied, self._store.numbers_after(applied))):
            return
        self._base = self._opened(applied)
        missing = seen[1] if self._base is not None else self._store.numbers_after(0)
        self._rest = self._in_memory(missing)
        self._seen = seen

    def _in_memory(self, numbers: list[int]) -> Lexical | None:
        if not numbers:
            return None
        made = Lexical()
        made.update(entry for number in numbers for entry in entries(self._store, number))
        return made

    def _opened(self, applied: int) -> Lexical | None:
        if not applied or self._store.meta("analysis") != ANALYSIS:
            return None
        try:
            base = Lexical(self._folder)
            rows = self._store.progress("lexical").rows
            if rows is not None and len(base) < rows:
                raise LexicalUnusable("it does not hold what was put in")
            if rows is not None and not lexical_seal(self._folder).fits() and not self._is_written():
                raise LexicalUnusable("it was changed since it was written")
        except LexicalUnusable as e:
            self._note(e)
            return None
        self.note = None
        return base

    def _note(self, reason: LexicalUnusable) -> None:
        self.note = f"the word index cannot be used ({reason}); searching without it; the next add makes it anew"

    def _is_written(self) -> bool:
        """Whether a writer is at it just now, which lifts the seal and harms no reader."""
        return self._store.progress("lexical").rows is None


class MeaningCandidates:
    """By meaning: the vector index, and compared one by one what it lacks."""

    def __init__(self, store: Store, home: VectorsHome) -> None:
        self._store = store
        self._home = home
        self._opened = ExitStack()
        self._base: Vectors | None = None
        self._base_size = 0
        self._applied: int | None = None
        self._rest: tuple[list[int], _Stack] = ([], _Stack([], None))
        self._filtered: tuple[tuple[tuple[int, int], list[int]] | None, _Stack] = (None, _Stack([], None))
        self.note: str | None = None

    def search(
        self, vector: NDArray[np.float32], *, k: int, documents: Collection[int] | None
    ) -> list[tuple[ChunkKey, float]]:
        """Up to `k` chunks from each part with their cosines, best first."""
        self._open()
        if documents is None:
            return self._missing().nearest(vector, k) + self._from_index(vector, k)
        share = len(documents) / max(1, self._store.count())
        total = len(self._missing().keys) + self._base_size
        if share * total <= _EXACT_UP_TO:
            return self._admitted(sorted(documents)).nearest(vector, k)
        indexed = self._from_index(vector, min(total, _MOST_ASKED, math.ceil(2 * k / share)))
        parts = (self._missing().nearest(vector, total), indexed)
        return [found for part in parts for found in [f for f in part if f[0][0] in documents][:k]]

    def _from_index(self, vector: NDArray[np.float32], k: int) -> list[tuple[ChunkKey, float]]:
        """What the index has of the documents that it was opened with: a server's may have followed further since.

        A server that fails is done without from then on.
        """
        if self._base is None:
            return []
        try:
            found = self._base.search(vector, k=k)
        except VectorsUnusable as e:
            self.close()
            self._without(e)
            return self._missing().nearest(vector, k)
        return [(key, cosine) for key, cosine in found if key[0] <= (self._applied or 0)]

    def close(self) -> None:
        """Let writers have the vector index."""
        self._opened.close()
        self._base, self._base_size = None, 0

    def _open(self) -> None:
        if self._applied is not None:
            return
        self._applied = 0
        progress = self._store.progress("vectors")
        if not progress.applied:
            return
        try:
            if (at := self._store.meta("vectors_at") or "") != self._home.place:
                raise VectorsUnusable(elsewhere(at))
            base = self._opened.enter_context(self._home.reading())
            progress = self._store.progress("vectors")  # again: nobody writes any more
            size = len(base)
            if progress.rows not in (None, size):
                raise VectorsUnusable("it does not hold what was put in")
        except VectorsUnusable as e:
            self._opened.close()
            self._without(e)
            return
        self._base, self._base_size, self._applied = base, size, progress.applied

    def _without(self, reason: VectorsUnusable) -> None:
        self._applied = 0
        self.note = f"the vector index is not used ({reason}); comparing one by one"

    def _admitted(self, numbers: list[int]) -> _Stack:
        """The vectors of some documents; those of the last filter are kept until something stored changes."""
        if self._filtered[0] != (key := (self._store.version, numbers)):
            self._filtered = key, _stack(self._store, numbers)
        return self._filtered[1]

    def _missing(self) -> _Stack:
        """The vectors that the index does not have."""
        numbers = self._store.with_vectors_after(self._applied or 0)
        if numbers != self._rest[0]:
            self._rest = numbers, _stack(self._store, numbers)
        return self._rest[1]


class _Stack(NamedTuple):
    """Chunk vectors in memory, and whose they are."""

    keys: list[ChunkKey]
    vectors: NDArray[np.float32] | None

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[ChunkKey, float]]:
        """The `k` nearest with their cosines, best first."""
        import numpy as np

        if self.vectors is None:
            return []
        # Not BLAS's product: its threads wait for each other, and on a busy machine that takes longest.
        cosines = np.einsum("ij,j->i", self.vectors, vector)
        best = np.argpartition(-cosines, k - 1)[:k] if k < len(cosines) else np.arange(len(cosines))
        best = best[np.argsort(-cosines[best], kind="stable")]
        return [(self.keys[i], float(cosines[i])) for i in best.tolist()]


def _stack(store: Store, numbers: Iterable[int]) -> _Stack:
    import numpy as np

    keys: list[ChunkKey] = []
    parts: list[NDArray[np.float32]] = []
    for some_keys, some_vectors in chunk_vectors(store, numbers):
        keys += some_keys
        parts.append(some_vectors)
    return _Stack(keys, np.concatenate(parts) if parts else None)
