"""Connections to SQLite, and its failures in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialcite.errors import LibraryDamaged, LibraryUnwritable

_CANNOT_WRITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")


def connect_to_read(path: Path) -> sqlite3.Connection:
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


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """SQLite's failures as LibraryDamaged or LibraryUnwritable."""
    try:
        yield
    except sqlite3.Error as e:
        if _code(e).startswith(_CANNOT_WRITE):
            raise LibraryUnwritable(str(e), where=str(path), hint="free some space, or see who may write there") from e
        raise LibraryDamaged(f"the database cannot be used ({e})", where=str(path)) from e


def _code(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", ""))
