"""A library's database as SQLite sees it: how it is opened, brought to the present schema, asked, and written to.

What its tables mean is `index.store`'s. SQLite's failures come out in our words.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from index.schema import MIGRATIONS
from trialcite.errors import LibraryDamaged, LibraryNotFound, LibraryTooNew, LibraryUnwritable

_CANNOT_WRITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """SQLite's failures as LibraryDamaged or LibraryUnwritable."""
    try:
        yield
    except sqlite3.Error as e:
        if _code(e).startswith(_CANNOT_WRITE):
            raise LibraryUnwritable(str(e), where=str(path), hint="free some space, or see who may write there") from e
        raise LibraryDamaged(f"the database cannot be used ({e})", where=str(path)) from e


class Database:
    """A connection to the database, with the facts that it keeps about itself. Use it from one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Self:
        """Open for writing, made when it is not there, and brought to the present schema. Raises LibraryTooNew."""
        with faults(path):
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA foreign_keys=ON")
            database = cls(db, path)
            database._migrate()
        return database

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open for reading. Raises LibraryNotFound, LibraryTooNew, LibraryDamaged."""
        if not path.is_file():
            raise LibraryNotFound("no library there", where=str(path.parent), hint="trialcite add PATH makes one")
        with faults(path):
            database = cls(_connect_to_read(path), path)
            database._check_version()
        return database

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _migrate(self) -> None:
        version = self._check_version()
        for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
            with self._writing():
                for statement in statements:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={number}")
        if version == 0:
            self.set_meta("library", uuid.uuid4().hex)

    def _check_version(self) -> int:
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise LibraryTooNew(
                f"written by a later trialcite (schema {version}, this one knows {len(MIGRATIONS)})",
                where=str(self.path.parent),
                hint="upgrade trialcite",
            )
        return version

    # What it says of itself

    def meta(self, key: str) -> str | None:
        """A fact about the library: "library" is its identity, "embedder" its vectors' fingerprint, "embedder_name" and
        "dimension" whose they are and how wide."""
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the library."""
        with self._writing():
            self._db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value)
            )

    @property
    def schema(self) -> int:
        """The version of its tables."""
        return int(self._must("PRAGMA user_version")[0])

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever anything stored does, whoever changes it."""
        return int(self._must("PRAGMA data_version")[0]), self._db.total_changes

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the whole database; nothing is wrong with most."""
        return [fault for (fault,) in self._all("PRAGMA quick_check") if fault != "ok"]

    # Asking it and writing to it

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with faults(self.path), closing(self._db.execute(query, values)) as cursor:
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    def _must(self, query: str, *values: object) -> tuple[Any, ...]:
        row = self._one(query, *values)
        if row is None:
            raise LibraryDamaged("a document has no contents", where=str(self.path))
        return row

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with faults(self.path):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it is written, or nothing."""
        with faults(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A read-only connection; on a medium that cannot be written, one that does not expect changes."""
    address = path.absolute().as_uri()
    try:
        db = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as e:
        if _code(e) != "SQLITE_CANTOPEN":
            raise
        db = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    return db


def _code(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", ""))
