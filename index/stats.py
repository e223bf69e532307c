"""How large a library is, what in it waits, and whether its parts are whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from index.lexical import Lexical, LexicalUnusable
from index.store import INDEX_NAMES, IndexName, Store
from index.terms import ANALYSIS
from index.upkeep import elsewhere, lexical_seal, needs_vector_index
from index.vectors import VectorsBusy, VectorsHome, VectorsUnusable
from trialcite.errors import LibraryError
from trialcite.version import __version__

_PARTS = {"truth": "library.sqlite*", "words": "lexical/**/*", "vectors": "vectors/**/*"}


class Stats(NamedTuple):
    """How large a library is, and how far its vectors and indexes are. Sizes are bytes on disk."""

    documents: int
    chunks: int
    formats: dict[str, int]
    schema: int
    embedder: str | None
    """The fingerprint of its vectors' embedder; None before there are any."""
    embedder_name: str | None
    dimension: int | None
    without_vectors: int
    """Documents that wait for their vectors."""
    other_version: int
    """Documents that another version of the program has read: the next `add` of their files reads them anew."""
    behind: dict[IndexName, int]
    """By index, how many documents it has not taken in. A small library needs no vector index, so none waits for it."""
    sizes: dict[str, int]
    vectors_at: str | None
    """The server that the vector index is at; None for the library's own folder."""


class Check(NamedTuple):
    """One part of a library, whether it is whole, and what there is to say of it."""

    part: str
    ok: bool
    detail: str


def stats(folder: Path, store: Store) -> Stats:
    """What is stored, without looking whether it is whole."""
    dimension = store.meta("dimension")
    return Stats(
        documents=store.count(),
        chunks=store.chunk_count(),
        formats=store.formats(),
        schema=store.schema,
        embedder=store.meta("embedder"),
        embedder_name=store.meta("embedder_name"),
        dimension=int(dimension) if dimension else None,
        without_vectors=len(store.without_vectors()),
        other_version=store.read_by_others(__version__),
        behind={index: _behind(store, index) for index in INDEX_NAMES},
        sizes={part: sum(_size(p) for p in folder.glob(pattern)) for part, pattern in _PARTS.items()},
        vectors_at=store.meta("vectors_at") or None,
    )


def _behind(store: Store, index: IndexName) -> int:
    if index == "vectors" and not needs_vector_index(store):
        return 0
    return len(store.numbers_after(store.progress(index).applied))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # a writer has just replaced it
        return 0


def health(store: Store, lexical: Path, vectors: VectorsHome) -> list[Check]:
    """Each part opened and held against the truth."""
    return [
        _check("database", lambda: _database(store)),
        _check("word index", lambda: _words(store, lexical)),
        _check("vector index", lambda: _vectors(store, vectors)),
    ]


def _check(part: str, look: Callable[[], str]) -> Check:
    try:
        return Check(part, True, look())
    except VectorsBusy as e:
        return Check(part, True, f"not looked at: {e}")
    except (LibraryError, LexicalUnusable, VectorsUnusable) as e:
        return Check(part, False, f"{e}; the next add or reindex makes it anew" if part != "database" else str(e))


def _database(store: Store) -> str:
    if found := store.faults():
        raise LibraryError(
            f"{found[0]} ({len(found)} faults)", hint="restore a copy, or add the records to a new library"
        )
    return "whole"


def _words(store: Store, folder: Path) -> str:
    progress = store.progress("lexical")
    if not progress.applied:
        return "none yet"
    if store.meta("analysis") != ANALYSIS:
        raise LexicalUnusable("made by another version's analysis")
    if progress.rows is not None and not lexical_seal(folder).fits():
        raise LexicalUnusable("was changed since it was written")
    return _agreed(len(Lexical(folder)), progress.rows, LexicalUnusable)


def _vectors(store: Store, home: VectorsHome) -> str:
    if not needs_vector_index(store):
        return "none needed yet: so few are compared one by one"
    if (at := store.meta("vectors_at") or "") != home.place:
        raise VectorsUnusable(elsewhere(at))
    with home.reading() as vectors:
        return _agreed(len(vectors), store.progress("vectors").rows, VectorsUnusable)


def _agreed(rows: int, expected: int | None, fault: type[Exception]) -> str:
    if expected is None:
        raise fault("was interrupted while it was written")
    if rows != expected:
        raise fault(f"holds {rows} chunks, not {expected}")
    return f"{rows} chunks, as it should"
