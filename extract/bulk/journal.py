"""The journal of a run: an SQLite file in the output folder, with one row an input.

A batch and its inputs are written in one transaction, after its part is on disk. The settings that decide what the
outputs hold are kept too: a run goes on only with the same ones.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from extract.bulk.batches import Batch
from extract.bulk.work import Done
from trialcite.errors import UsageError

NAME = "journal.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, studies INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS input (
    batch INTEGER NOT NULL REFERENCES batch,
    number INTEGER NOT NULL,        -- of the input, from 0 in the order of the run
    container TEXT NOT NULL,        -- the file
    member TEXT,                    -- the record in it
    status TEXT NOT NULL,           -- done, failed, skipped
    document TEXT,
    reason TEXT,                    -- why it failed or was skipped
    extracted INTEGER, not_stated INTEGER, unreadable INTEGER, rejected INTEGER,  -- fields by outcome
    criteria INTEGER, constraints INTEGER, findings INTEGER, tokens INTEGER
);
CREATE INDEX IF NOT EXISTS input_batch ON input (batch);
"""
_COUNTS = ("extracted", "not_stated", "unreadable", "rejected", "criteria", "constraints", "findings", "tokens")
_FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run comes to. `reasons` counts the failures by what is wrong, `counts` what was found in the studies."""

    statuses: Mapping[str, int]
    counts: Mapping[str, int]
    reasons: Mapping[str, int]


class Journal:
    """The journal in an output folder. Raises UsageError when the file there is no journal."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            # In WAL mode a transaction costs one sync, and what was committed outlives any crash.
            self._db = sqlite3.connect(self._path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as e:
            raise UsageError(
                f"no journal of a bulk run ({e})", where=str(self._path), hint="--fresh, or another folder"
            ) from e

    def settle(self, settings: Mapping[str, object]) -> None:
        """Keep the settings of a new run, or hold them against those that it was begun with. Raises UsageError."""
        wanted = {name: json.dumps(value) for name, value in settings.items()}
        kept = dict(self._db.execute("SELECT name, value FROM setting WHERE name != ?", (_FINISHED,)))
        if not kept:
            self._db.executemany("INSERT INTO setting VALUES (?, ?)", wanted.items())
        different = sorted(n for n in kept.keys() | wanted.keys() if kept and kept.get(n) != wanted.get(n))
        if different:
            name = different[0]
            raise UsageError(
                f"the run in this folder was begun with {name} {kept.get(name)}, not {wanted.get(name)}",
                where=str(self._path.parent),
                hint="repeat its command to go on, --fresh to begin anew, or -o another folder",
            )

    @property
    def finished(self) -> bool:
        """Whether the outputs are there, whole."""
        return bool(self._db.execute("SELECT 1 FROM setting WHERE name = ?", (_FINISHED,)).fetchone())

    @finished.setter
    def finished(self, value: bool) -> None:
        self._db.execute("DELETE FROM setting WHERE name = ?", (_FINISHED,))
        if value:
            self._db.execute("INSERT INTO setting VALUES (?, 'true')", (_FINISHED,))

    def has(self, batch: Batch) -> bool:
        """Whether just this batch was done."""
        row = self._db.execute("SELECT fingerprint FROM batch WHERE number = ?", (batch.number,)).fetchone()
        return row is not None and row[0] == batch.fingerprint

    def add(self, batch: Batch, done: Done) -> None:
        """Note a batch as done, in place of what was noted of another one of its number."""
        inputs = [
            (batch.number, e.number, e.container, e.member, e.status, e.document, e.reason, *map(e.counts.get, _COUNTS))
            for e in done.entries
        ]
        with self._transaction():
            self._forget("= ?", batch.number)
            self._db.execute("INSERT INTO batch VALUES (?, ?, ?)", (batch.number, batch.fingerprint, done.studies))
            self._db.executemany(f"INSERT INTO input VALUES (?,?,?,?,?,?,?{',?' * len(_COUNTS)})", inputs)  # noqa: S608 - our own

    def cut(self, batches: int) -> None:
        """Forget the batches beyond so many: the inputs have become fewer."""
        with self._transaction():
            self._forget(">= ?", batches)

    def batches(self) -> Iterator[tuple[int, int]]:
        """(number, studies) of every batch, in order."""
        yield from self._db.execute("SELECT number, studies FROM batch ORDER BY number")

    def inputs(self) -> Iterator[tuple[str, str | None, str, str | None]]:
        """(container, member, status, reason) of every input, in order."""
        yield from self._db.execute("SELECT container, member, status, reason FROM input ORDER BY batch, rowid")

    def totals(self) -> Totals:
        """What the run comes to so far."""
        statuses = dict(self._db.execute("SELECT status, count(*) FROM input GROUP BY status"))
        sums = self._db.execute(f"SELECT {', '.join(f'sum({n})' for n in _COUNTS)} FROM input").fetchone()  # noqa: S608 - our own
        reasons: Counter[str] = Counter()
        failed = self._db.execute("SELECT container, member, reason FROM input WHERE status = 'failed'")
        for container, member, reason in failed:
            reasons[_kind(reason, container, member)] += 1
        counts = {name: total or 0 for name, total in zip(_COUNTS, sums, strict=True)}
        return Totals(statuses, counts, dict(reasons.most_common()))

    def _forget(self, which: str, number: int) -> None:
        self._db.execute(f"DELETE FROM batch WHERE number {which}", (number,))  # noqa: S608 - our own
        self._db.execute(f"DELETE FROM input WHERE batch {which}", (number,))  # noqa: S608 - our own

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")


def _kind(reason: str, container: str, member: str | None) -> str:
    """A reason without the names that make each one of its kind."""
    where = f"{container}/{member}" if member else container
    bare = reason.removeprefix(f"{where}: ").removeprefix(f"{container}: ")
    return bare.partition(" at line ")[0]
