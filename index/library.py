"""The library: trial records that were read, ready to be searched and cited.

    .trialcite/
        library.sqlite      the truth: sources, readings, extractions, chunks, vectors
        vectors/            Chroma; follows the truth, can be rebuilt from it
        lexical/            tantivy; follows the truth, can be rebuilt from it
        writer.lock         held by the one process that writes; writer.json says which

One process writes, any number read at the same time. What `add` returned for is stored for good and found at once;
an interrupted run goes on where it stopped. A document's id is its registry number, or else its file's name. Of two
records of one trial the later takes the earlier one's place; of two files of one name the later is called "name~2".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from extract.document import Document
from extract.reading import Reading
from extract.source import LineRange
from index.chunks import chunks
from index.embedders import MINILM, FindEmbedder, local
from index.hit import Hit, Unit
from index.lexical import LexicalUnusable
from index.locks import writer_lock
from index.search import Search
from index.server import ServerAddress, VectorsServer
from index.stats import Check, Stats, health, stats
from index.store import Row, Store
from index.stored import Stored, contents, document
from index.upkeep import EMBEDDED_AT_ONCE, INDEXED_AT_ONCE, embed, follow_lexical, follow_vectors
from index.vectors import VectorsFolder, VectorsHome, VectorsNotNow, VectorsUnusable
from index.where import parse
from trialcite.errors import EmbedderMismatch, EmbedderUnavailable, LibraryNotFound, UnknownDocument, WeightsMissing
from trialcite.version import __version__

if TYPE_CHECKING:
    from extract.extraction import Extraction
    from index.embedder import Embedder

__all__ = [
    "FOLDER",
    "Added",
    "Check",
    "Hit",
    "Library",
    "Stats",
    "Stored",
    "Unchanged",
    "Unit",
    "Updated",
    "find_library",
]

FOLDER = ".trialcite"
_DATABASE = "library.sqlite"


@dataclass(frozen=True, slots=True)
class Added:
    """The document is new."""

    document: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The library holds this content already, read by this version of the program."""

    document: str


@dataclass(frozen=True, slots=True)
class Updated:
    """The document took an older one's place. `replaced` is that one's path, when it was read from another."""

    document: str
    replaced: str | None = None


class Library:
    """A library opened for reading, or for reading and writing; a context manager. Use it from one thread."""

    def __init__(
        self,
        path: Path,
        store: Store,
        opened: ExitStack,
        embedder: Embedder | FindEmbedder,
        chroma: ServerAddress | None,
        *,
        write: bool,
    ) -> None:
        """Not for callers: see `create` and `open`."""
        self.path = path
        self._store = store
        self._opened = opened
        self._embedder = embedder
        self._chroma = chroma
        self._write = write
        self._waiting = self._unindexed = 0
        self._failed = False
        self._remarks: list[str] = []

    @classmethod
    def create(
        cls, path: Path, *, embedder: Embedder | FindEmbedder = local, chroma: ServerAddress | None = None
    ) -> Self:
        """Make a library in the folder `path` and open it for writing; one that is there is opened. See `open`.

        Raises LibraryLocked, LibraryDamaged, LibraryTooNew, LibraryUnwritable.
        """
        with ExitStack() as opened:
            opened.enter_context(writer_lock(path))
            store = Store.create(path / _DATABASE)
            opened.callback(store.close)
            return cls(path, store, opened.pop_all(), embedder, chroma, write=True)
        raise AssertionError("unreachable")

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        write: bool = False,
        embedder: Embedder | FindEmbedder = local,
        chroma: ServerAddress | None = None,
    ) -> Self:
        """Open the library in the folder `path`. `embedder` is one, or finds the one of the name that the library
        remembers, when it is first needed; a new library's is MiniLM. One that is not at hand is done without.
        `chroma` is a server for the vector index, which is in the library's folder otherwise.

        Raises LibraryNotFound, LibraryDamaged, LibraryTooNew; for writing also LibraryLocked and LibraryUnwritable.
        """
        if not (path / _DATABASE).is_file():
            raise LibraryNotFound("no library there", where=str(path), hint="trialcite add PATH makes one")
        if write:
            return cls.create(path, embedder=embedder, chroma=chroma)
        with ExitStack() as opened:
            store = Store.open(path / _DATABASE)
            opened.callback(store.close)
            return cls(path, store, opened.pop_all(), embedder, chroma, write=False)
        raise AssertionError("unreachable")

    # What is in it

    def __len__(self) -> int:
        return self._store.count()

    def __contains__(self, document: object) -> bool:
        return isinstance(document, str) and self._store.by_id(document) is not None

    def documents(self) -> Iterator[Document]:
        """Every document, by id."""
        return (document(row) for row in self._store.rows())

    def get(self, document: str) -> Stored:
        """A document with its source, reading and extraction. Raises UnknownDocument."""
        return Stored(self._store, self._row(document))

    def holds(self, path: str, sha256: str, *, member: str | None = None) -> bool:
        """Whether the record there was added with these bytes by this version: then reading it again is no use."""
        row = self._store.at(path, member)
        return row is not None and (row.sha256, row.version) == (sha256, __version__)

    def stats(self) -> Stats:
        """How large it is, and whether anything waits."""
        return stats(self.path, self._store)

    def health(self) -> list[Check]:
        """What opens, is whole and agrees with the truth; this reads all of the database."""
        return health(self._store, self._lexical_folder, self._vectors)

    # Changing it

    def add(self, reading: Reading, extraction: Extraction) -> Added | Unchanged | Updated:
        """Store a record for good; `flush` makes its vectors, in batches over documents. Raises LibraryUnwritable."""
        source = reading.source
        there = self._store.at(source.path, reading.member)
        if there is not None and self.holds(source.path, source.sha256, member=reading.member):
            return Unchanged(there.id)
        name = self._name(reading, extraction)
        older = {r.number: r for r in (there, self._store.by_id(name)) if r}
        if name != extraction.document.id:
            named = extraction.document.model_copy(update={"id": name})
            extraction = extraction.model_copy(update={"document": named})
        cut = chunks(source, reading.passages, extraction.criteria)
        row = Row(
            number=0,
            id=name,
            path=source.path,
            member=reading.member,
            format=source.format,
            sha256=source.sha256,
            encoding=source.encoding,
            lines=len(source),
            version=__version__,
            added=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._store.put(row, contents(reading, extraction), cut, replaces=older)
        self._waiting += len(cut)
        self._unindexed += len(cut)
        if self._unindexed >= INDEXED_AT_ONCE:
            self.flush()
        elif self._waiting >= EMBEDDED_AT_ONCE:
            self._embed()
        if not older:
            return Added(name)
        elsewhere = [r.path for r in older.values() if r.path != source.path]
        return Updated(name, elsewhere[0] if elsewhere else None)

    def remove(self, document: str) -> None:
        """Forget a document. Raises UnknownDocument."""
        self._store.drop(self._row(document).number)

    def flush(self) -> None:
        """Embed and index what is stored but is not yet, also what an interrupted run left."""
        self._embed()
        self._index(anew=False)

    def reindex(self, *, everything: bool = False) -> None:
        """Make the indexes anew from what is stored; with `everything` the vectors too, by the embedder at hand."""
        if everything and self._at_hand is not None:
            self._store.set_embedder(self._at_hand, anew=True)
        self._embed()
        self._index(anew=True)

    # Searching it

    def search(
        self, query: str, *, k: int = 10, document: str | None = None, unit: Unit = "chunk", where: str | None = None
    ) -> list[Hit]:
        """The `k` places that may answer, best first: in all documents, in one, or in those that `where` admits.

        `where` is a filter over study fields (`index.where`). Raises UnknownDocument, UsageError, EmbedderMismatch.
        """
        admitted = None if where is None else self._store.matching(parse(where))
        if document is None:
            return self._search.in_library(query, k=k, unit=unit, documents=admitted)
        number = self._row(document).number
        if admitted is not None and number not in admitted:
            return []
        return self._search.in_document(query, number, k=k, unit=unit)

    def matching(self, where: str) -> list[Document]:
        """The documents that a filter over study fields admits, by id. Raises UsageError."""
        admitted = self._store.matching(parse(where))
        return [document(row) for row in self._store.rows() if row.number in admitted]

    @property
    def embedder(self) -> Embedder | None:
        """What made this library's vectors, when it is at hand; None where only words can be compared."""
        return self._usable()

    def cosines(self, query: str, document: str) -> list[tuple[LineRange, float]]:
        """How near every chunk and line of a document is to a query: (lines, cosine), unranked, [] without vectors.

        Unlike a search's scores these depend on nothing that is fitted. Raises UnknownDocument, EmbedderMismatch.
        """
        return self._search.cosines(query, self._row(document).number)

    def like(self, document: str, *, k: int = 10, where: str | None = None) -> list[Hit]:
        """The `k` documents most like one in what they are about. Raises UnknownDocument, UsageError."""
        admitted = None if where is None else self._store.matching(parse(where))
        return self._search.similar(self._row(document).number, k=k, documents=admitted)

    @property
    def notes(self) -> list[str]:
        """One-line remarks on what does not work as it could."""
        remarks = list(self._remarks)
        if self._at_hand is None:
            remarks.append(f"searching by words alone: {self._given_or_found[1]}")
        if "_search" in vars(self):
            remarks += self._search.notes
        return remarks

    def close(self) -> None:
        """Finish what is pending and let other writers in."""
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._opened:
            self._leave_search()
            if self._write and error is None:  # who interrupts does not want to wait; the next run goes on
                self.flush()

    # Inside

    def _row(self, document: str) -> Row:
        row = self._store.by_id(document)
        if row is None:
            raise UnknownDocument(f"no document {document}", where=str(self.path), hint="trialcite export lists them")
        return row

    def _name(self, reading: Reading, extraction: Extraction) -> str:
        """The id: a trial has one, whatever file tells of it; other files of one name are told apart."""
        wanted = extraction.document.id
        if wanted == extraction.study.nct_id:
            return wanted
        place = (reading.source.path, reading.member)
        names = chain([wanted], (f"{wanted}~{n}" for n in count(2)))
        return next(n for n in names if (row := self._store.by_id(n)) is None or (row.path, row.member) == place)

    def _embed(self) -> None:
        """Make the vectors that wait. An endpoint that fails leaves them waiting: what was added is stored anyway."""
        self._waiting = 0
        if self._failed or (embedder := self._usable()) is None:
            return
        if self._store.meta("embedder") is None:
            self._store.set_embedder(embedder, anew=False)
        try:
            embed(self._store, embedder)
        except EmbedderUnavailable as e:
            self._failed = True
            self._remarks.append(f"some vectors wait for the next add or reindex: {e}")

    def _index(self, *, anew: bool) -> None:
        """Bring both indexes up to date. One that cannot be is remarked on: the truth is complete without it."""
        self._unindexed = 0
        self._leave_search()
        try:
            follow_lexical(self._store, self._lexical_folder, anew=anew)
        except LexicalUnusable as e:
            self._remarks.append(f"the word index could not be written ({e})")
        try:
            try:
                follow_vectors(self._store, self._vectors, anew=anew)
            except VectorsNotNow:
                raise
            except VectorsUnusable:
                follow_vectors(self._store, self._vectors, anew=True)
        except VectorsUnusable as e:
            self._remarks.append(f"the vector index could not be written ({e}); the next add tries again")

    @property
    def _lexical_folder(self) -> Path:
        return self.path / "lexical"

    @cached_property
    def _vectors(self) -> VectorsHome:
        name = f"trialcite-{self._store.meta('library')}"
        return VectorsServer(self._chroma, name) if self._chroma else VectorsFolder(self.path / "vectors", name)

    def _usable(self) -> Embedder | None:
        """The embedder at hand, if it is the one of this library's vectors. Raises EmbedderMismatch."""
        made_by, mine = self._store.meta("embedder"), self._at_hand
        if mine is not None and made_by not in (None, mine.fingerprint):
            raise EmbedderMismatch(
                f"the vectors are by {made_by}, the embedder at hand is {mine.fingerprint}",
                where=str(self.path),
                hint=f"use that one, or embed anew: trialcite reindex --embedder {mine.name}",
            )
        return mine

    @property
    def _at_hand(self) -> Embedder | None:
        return self._given_or_found[0]

    @cached_property
    def _given_or_found(self) -> tuple[Embedder | None, str]:
        """The embedder, or None and why."""
        if not callable(self._embedder):
            return self._embedder, ""
        try:
            return self._embedder(self._store.meta("embedder_name") or MINILM), ""
        except (WeightsMissing, EmbedderUnavailable) as e:
            return None, str(e)

    @cached_property
    def _search(self) -> Search:
        return Search(self._store, self._lexical_folder, self._vectors, self._usable())

    def _leave_search(self) -> None:
        """Let go of what searching holds open; the next search opens it again."""
        if (search := vars(self).pop("_search", None)) is not None:
            search.close()


def find_library(start: Path) -> Path:
    """The nearest `.trialcite/` in `start` or above. Raises LibraryNotFound."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / FOLDER / _DATABASE).is_file():
            return folder / FOLDER
    raise LibraryNotFound("no library here or above", where=str(here), hint="trialcite add PATH makes one")
