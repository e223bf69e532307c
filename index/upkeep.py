"""Bringing the indexes up to date with the truth, and making them anew where they are not to be trusted.

Each index remembers how far it has followed. An index that was interrupted, lost, damaged or swapped does not agree
with what is remembered of it, and is rebuilt. Whatever is interrupted here goes on where it stopped, the next time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.lexical import ChunkKey, Entry, Lexical, LexicalUnusable
from index.pool import embedded_text, spans
from index.seal import Seal
from index.store import IndexName, Progress, Store
from index.terms import ANALYSIS
from index.vectors import MAX_UPSERT, VectorsHome, VectorsNotNow, VectorsUnusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder

EMBEDDED_AT_ONCE = 2_048
"""Rows embedded before they are written: what an interruption costs at most."""

INDEXED_AT_ONCE = 50_000
"""Chunks added before the indexes follow: what searching may have to hold in memory while a long run is under way."""

_DOCUMENTS_AT_ONCE = 500

VECTOR_INDEX_FROM = 5_000
"""Chunks from which a library has a vector index: fewer are compared one by one, in less time than Chroma takes to
open. It is also well above the 1,000 records below which Chroma writes its index even when it only reads."""


def embed(store: Store, embedder: Embedder) -> None:
    """Make the vectors that documents wait for, a batch over several documents at a time."""
    for batch in _batches_to_embed(store):
        texts = [text for _, rows in batch for text in rows]
        vectors = embedder.embed(texts)
        at, made = 0, {}
        for number, rows in batch:
            made[number] = vectors[at : at + len(rows)]
            at += len(rows)
        store.put_vectors(made)


def _batches_to_embed(store: Store) -> Iterator[list[tuple[int, list[str]]]]:
    batch: list[tuple[int, list[str]]] = []
    size = 0
    for number in store.without_vectors():
        rows = _texts(store, number)
        if batch and size + len(rows) > EMBEDDED_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append((number, rows))
        size += len(rows)
    if batch:
        yield batch


def _texts(store: Store, number: int) -> list[str]:
    text = store.text(number)
    return [
        embedded_text(chunk, text[span.start : span.end])
        for i, chunk in enumerate(store.chunks(number))
        for span in spans(i, chunk, text[chunk.start : chunk.end])
    ]


def entries(store: Store, number: int) -> Iterator[Entry]:
    """A document's chunks as the lexical index takes them."""
    text = store.text(number)
    for i, chunk in enumerate(store.chunks(number)):
        yield Entry((number, i), chunk, text[chunk.start : chunk.end])


def follow_lexical(store: Store, folder: Path, *, anew: bool = False) -> None:
    """Bring the lexical index up to date, or make it anew. Raises LexicalUnusable when it cannot be written."""
    anew = anew or store.meta("analysis") != ANALYSIS
    todo, seal = _todo(store, "lexical", anew=anew), lexical_seal(folder)
    try:
        # One that was interrupted has no seal, and what it lacks is told by its rows.
        lexical = Lexical(folder)
        intact = todo.agrees(len(lexical)) and (todo.before.rows is None or seal.fits())
    except LexicalUnusable:
        intact = False
    if anew or not intact:
        shutil.rmtree(folder, ignore_errors=True)
        lexical, todo = Lexical(folder), _todo(store, "lexical", anew=True)
        store.set_meta("analysis", ANALYSIS)
    if not todo:
        return
    store.set_progress("lexical", todo.begun)
    # What is added is taken out first: an interrupted run may have added it already.
    lexical.update(gone=[*todo.gone, *todo.numbers])
    for start in range(0, len(todo.numbers), _DOCUMENTS_AT_ONCE):
        part = todo.numbers[start : start + _DOCUMENTS_AT_ONCE]
        lexical.update(entry for number in part for entry in entries(store, number))
    try:
        seal.set()
    except OSError as e:
        raise LexicalUnusable(e.strerror or str(e)) from e
    store.set_progress("lexical", todo.done(len(lexical)))


def lexical_seal(folder: Path) -> Seal:
    """What vouches for the lexical index's files."""
    return Seal(folder, "*")


def needs_vector_index(store: Store) -> bool:
    """Whether a library is large enough for a vector index, or once was."""
    return bool(store.progress("vectors").applied) or store.chunk_count() >= VECTOR_INDEX_FROM


def follow_vectors(store: Store, home: VectorsHome, *, anew: bool = False) -> None:
    """Bring the vector index up to date, or make it anew. Raises VectorsBusy, VectorsUnusable.

    To a server it moves as soon as one is named; back to the library's folder only when it is made anew.
    """
    if not needs_vector_index(store):
        return
    if (at := store.meta("vectors_at") or "") != home.place:
        if at and not (home.place or anew):
            raise VectorsNotNow(elsewhere(at))
        anew = True
    todo = _todo(store, "vectors", anew=anew)
    if not todo and home.is_intact(todo.before.rows):
        return
    with home.writing(anew=anew) as (vectors, kept):
        if kept and not todo.agrees(len(vectors)):
            raise VectorsUnusable("the vector index does not hold what was put in")
        if not kept:
            todo = _todo(store, "vectors", anew=True)
        store.set_meta("vectors_at", home.place)
        store.set_progress("vectors", todo.begun)
        vectors.delete([(number, i) for number, chunks in todo.gone.items() for i in range(chunks)])
        for keys, rows in chunk_vectors(store, todo.numbers):
            vectors.upsert(keys, rows)
        size = len(vectors)
    store.set_progress("vectors", todo.done(size))


def elsewhere(place: str) -> str:
    """What to say where a library is used without its vector index's server, or with another."""
    if not place:
        return "it is in the library's folder; the next add moves it to the server"
    return f"it is at {place}: name it by --chroma-url or TRIALCITE_CHROMA_URL, or trialcite reindex brings it here"


def chunk_vectors(store: Store, numbers: Iterable[int]) -> Iterator[tuple[list[ChunkKey], NDArray[np.float32]]]:
    """Documents' chunk vectors with their keys, some thousands at a time."""
    import numpy as np

    keys: list[ChunkKey] = []
    parts: list[NDArray[np.float32]] = []
    for number in numbers:
        vectors = store.vectors(number)
        if vectors is None:  # it waits for them
            continue
        rows = store.chunk_rows(number)
        keys += [(number, i) for i in range(len(rows))]
        parts.append(vectors[rows])
        if len(keys) >= MAX_UPSERT:
            yield keys, np.concatenate(parts)
            keys, parts = [], []
    if keys:
        yield keys, np.concatenate(parts)


class _Todo(NamedTuple):
    """What an index has not followed yet: documents to put in, and documents (with their chunks) to take out."""

    before: Progress
    numbers: list[int]
    gone: dict[int, int]
    cleared: int

    def __bool__(self) -> bool:
        return bool(self.numbers or self.gone or self.before.rows is None)

    def agrees(self, rows: int) -> bool:
        """Whether an index of so many rows can be the one that was left. One that was interrupted may have any."""
        return self.before.rows in (None, rows)

    @property
    def begun(self) -> Progress:
        """From now on and until it is done, the number of rows is not known."""
        return Progress(self.before.applied, self.before.cleared, None)

    def done(self, rows: int) -> Progress:
        applied = self.numbers[-1] if self.numbers else self.before.applied
        return Progress(applied, self.cleared, rows)


def _todo(store: Store, index: IndexName, *, anew: bool) -> _Todo:
    before = Progress(cleared=store.last_removal(), rows=None) if anew else store.progress(index)
    numbers = store.numbers_after(before.applied)
    if index == "vectors":
        waiting = set(store.without_vectors())
        numbers = [n for n in numbers if n not in waiting]
    gone = store.gone_after(before.cleared)
    return _Todo(before, numbers, gone, store.last_removal())
