"""The vector index: chunks by their meaning, in Chroma, embedded in this process or at a server (`index.server`).

Embedded Chroma's files break when two processes write to one folder, and its own checks don't notice; reading broken
files can end the process. So a folder is opened under a lock that writers hold alone and readers share, and writing
ends with a seal: size, time and hash of each file of the index proper. A folder whose seal does not fit is not opened,
and rebuilt from the truth by the next writer. A writer that was killed leaves no seal.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.lexical import ChunkKey
from index.seal import Seal
from prompts.faults import one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_UPSERT = 2_000
"""Records a call. Chroma takes 5,461 and a server 40 MB, but makes Python numbers of them: 32 bytes each meanwhile."""

_WAIT_SECONDS = 2.0


class VectorsUnusable(Exception):
    """The vector index cannot be read or written now; the truth can rebuild it, and serves until then."""


class VectorsNotNow(VectorsUnusable):
    """It cannot be used now, for a reason that making it anew would not heal."""


class VectorsBusy(VectorsNotNow):
    """Another process has it open."""


class VectorsHome(Protocol):
    """Where a library's vector index is."""

    @property
    def place(self) -> str:
        """The address of a server; "" for the library's own folder."""

    def reading(self) -> AbstractContextManager[Vectors]:
        """Open to search. Raises VectorsBusy, VectorsUnusable."""

    def writing(self, *, anew: bool) -> AbstractContextManager[tuple[Vectors, bool]]:
        """Open to write; and whether what was there was kept. `anew` keeps nothing. Raises VectorsBusy,
        VectorsUnusable."""

    def is_intact(self, rows: int | None) -> bool:
        """Whether it is as the last writer left it, with so many rows; None are not known."""


class Vectors:
    """An open collection of unit vectors. Raises VectorsUnusable."""

    def __init__(self, collection: Any, faults: Callable[[], AbstractContextManager[None]] | None = None) -> None:
        """`faults` says Chroma's failures in our words."""
        self._collection = collection
        self._faults = faults or chroma_faults

    def __len__(self) -> int:
        with self._faults():
            return int(self._collection.count())

    def upsert(self, keys: Sequence[ChunkKey], vectors: NDArray[np.float32]) -> None:
        """Put in one vector a key; what has the key is replaced."""
        with self._faults():
            for start in range(0, len(keys), MAX_UPSERT):
                part = slice(start, start + MAX_UPSERT)
                self._collection.upsert(ids=[_id(k) for k in keys[part]], embeddings=vectors[part])

    def delete(self, keys: Sequence[ChunkKey]) -> None:
        """Take out these keys; those that are not there are passed over."""
        with self._faults():
            for start in range(0, len(keys), MAX_UPSERT):
                self._collection.delete(ids=[_id(k) for k in keys[start : start + MAX_UPSERT]])

    def search(self, vector: NDArray[np.float32], *, k: int) -> list[tuple[ChunkKey, float]]:
        """The `k` keys nearest to a unit vector with their cosines, best first."""
        with self._faults():
            found = self._collection.query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(_key(i), 1.0 - float(distance)) for i, distance in pairs]
        raise AssertionError("unreachable")


def _id(key: ChunkKey) -> str:
    return f"{key[0]}-{key[1]}"


def _key(identifier: str) -> ChunkKey:
    document, chunk = identifier.split("-")
    return int(document), int(chunk)


class VectorsFolder:
    """Where a library's embedded Chroma lives; its lock and its seal stand beside the folder."""

    place = ""

    def __init__(self, folder: Path, collection: str) -> None:
        self._folder = folder
        self._collection = collection
        self._seal = Seal(folder, "*/*")  # the index proper: Chroma changes its own database when it reads

    @contextmanager
    def reading(self) -> Iterator[Vectors]:
        """Open to search; writers are kept out meanwhile. Raises VectorsBusy, VectorsUnusable."""
        with self._locked(write=False), ExitStack() as opened:
            if not self._seal.fits():
                raise VectorsUnusable("the vector index was not written to its end, or was changed since")
            yield self._connect(opened)

    @contextmanager
    def writing(self, *, anew: bool) -> Iterator[tuple[Vectors, bool]]:
        """Open to write, alone; and whether what was there was kept. `anew` keeps nothing. Raises VectorsBusy.

        Sealed at the end, unless that is an exception.
        """
        with self._locked(write=True):
            keep = not anew and self.is_intact(None)
            with _disk_faults():
                self._seal.lift()
                if not keep:
                    shutil.rmtree(self._folder, ignore_errors=True)
            with ExitStack() as opened:
                yield self._connect(opened), keep
            with _disk_faults():
                self._seal.set()

    def _connect(self, opened: ExitStack) -> Vectors:
        import chromadb
        from chromadb.config import Settings

        with chroma_faults():
            settings = Settings(_env_file=None, anonymized_telemetry=False)
            client: Any = chromadb.PersistentClient(self._folder, settings=settings)
            opened.callback(client.close)
            return Vectors(made(client, self._collection))
        raise AssertionError("unreachable")

    @contextmanager
    def _locked(self, *, write: bool) -> Iterator[None]:
        from filelock import ReadWriteLock, Timeout

        lock = ReadWriteLock(self._folder.with_name(f"{self._folder.name}.lock"), is_singleton=False)
        try:
            acquire = lock.acquire_write if write else lock.acquire_read
            acquire(timeout=_WAIT_SECONDS if write else 0)
        except Timeout as e:
            lock.close()
            raise VectorsBusy("another process has the vector index open") from e
        try:
            yield
        finally:
            lock.release()
            lock.close()

    def is_intact(self, rows: int | None) -> bool:
        """Whether the files are those that the last writer left, and Chroma's own database is whole."""
        return self._seal.fits() and self._database_is_whole(rows)

    def _database_is_whole(self, rows: int | None) -> bool:
        """By SQLite's own check, and by counting what Chroma counts: that needs no Chroma, which takes a second."""
        address = (self._folder / "chroma.sqlite3").absolute().as_uri()
        try:
            with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as db:
                if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    return False
                return rows is None or db.execute("SELECT COUNT(*) FROM embeddings").fetchone() == (rows,)
        except sqlite3.Error:
            return False


def made(client: Any, name: str) -> Any:
    """The collection of that name, made where there is none."""
    return client.get_or_create_collection(name, embedding_function=None, configuration={"hnsw": {"space": "ip"}})


@contextmanager
def chroma_faults(kind: type[VectorsUnusable] = VectorsUnusable, redact: Callable[[str], str] = str) -> Iterator[None]:
    """Chroma's failures as VectorsUnusable. It raises what its parts raise, down to panics of its core.

    `redact` takes out of its messages what nobody may see.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as e:  # noqa: BLE001 - a panic of its core is no Exception
        raise kind(one_line(redact(f"{type(e).__name__}: {e}"))) from None


@contextmanager
def _disk_faults() -> Iterator[None]:
    """What the disk refuses as VectorsNotNow."""
    try:
        yield
    except OSError as e:
        raise VectorsNotNow(e.strerror or str(e)) from e
