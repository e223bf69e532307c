"""Replies kept in SQLite, so that what was answered once is not asked again, and a run replays without a network.

A reply is kept under a hash of everything that determines it: endpoint, request body (model, parameters, prompt text,
schema), template and its version, the source's hash, and the program's version. Only whole chat completions get here;
errors are never kept. The store also remembers, by endpoint and model, the dialect that a probe found.

One row is one transaction: an interrupted run keeps every reply it got. Several processes may share a store.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from trialcite.errors import ReplyStoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reply (
  key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL, template TEXT NOT NULL, completion BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dialect (
  endpoint TEXT NOT NULL, model TEXT NOT NULL, dialect BLOB NOT NULL, PRIMARY KEY (endpoint, model)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
  mark TEXT PRIMARY KEY, requests INTEGER NOT NULL, body BLOB, file TEXT, batch TEXT
);
CREATE TABLE IF NOT EXISTS pending (
  key TEXT PRIMARY KEY, mark TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL, template TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Request:
    """One request, whole: what goes over the wire and what else its reply depends on."""

    endpoint: str
    template: str
    source: str
    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model that is asked."""
        return str(self.body["model"])

    def key(self, program: str) -> str:
        """64 hexadecimal digits: the same for the same request by the same program."""
        parts = [self.endpoint, self.template, self.source, program, self.body]
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class Part:
    """A file of requests for the Batch API (prompts/batch.py); `file` and `batch` are the endpoint's ids for it."""

    mark: str
    requests: int
    file: str | None = None
    batch: str | None = None


class ReplyStore:
    """The stored replies of one file. Raises ReplyStoreError when the file cannot be used."""

    def __init__(self, path: Path, *, program: str) -> None:
        self.path = path
        self.program = program
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost a reply, not the file
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as e:
            raise self._unusable(e) from e

    def reply(self, request: Request) -> dict[str, Any] | None:
        """The chat completion kept for a request."""
        row = self._row("SELECT completion FROM reply WHERE key = ?", request.key(self.program))
        return orjson.loads(row[0]) if row else None

    def keep(self, request: Request, completion: Mapping[str, Any]) -> None:
        """Keep a request's chat completion, in place of an earlier one."""
        row = (request.key(self.program), request.endpoint, request.model, request.template, orjson.dumps(completion))
        self._write("INSERT OR REPLACE INTO reply VALUES (?, ?, ?, ?, ?)", *row)

    def dialect(self, endpoint: str, model: str) -> dict[str, Any] | None:
        """What a probe found for this endpoint and model."""
        row = self._row("SELECT dialect FROM dialect WHERE endpoint = ? AND model = ?", endpoint, model)
        return orjson.loads(row[0]) if row else None

    def remember(self, endpoint: str, model: str, dialect: Mapping[str, Any]) -> None:
        """Keep what a probe found."""
        self._write("INSERT OR REPLACE INTO dialect VALUES (?, ?, ?)", endpoint, model, orjson.dumps(dialect))

    def begin(self, mark: str, body: bytes, requests: Mapping[str, Request]) -> None:
        """Note a part and its requests as under way."""
        pending = [(key, mark, r.endpoint, r.model, r.template) for key, r in requests.items()]
        with self._transaction():
            self._write("INSERT OR REPLACE INTO part VALUES (?, ?, ?, NULL, NULL)", mark, len(requests), body)
            self._database.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?)", pending)

    def progress(self, part: Part, *, file: str, batch: str | None = None) -> None:
        """Note what the endpoint has of a part. Once it has it all, the body is dropped."""
        self._write(
            "UPDATE part SET file = ?, batch = ?, body = iif(? IS NULL, body, NULL) WHERE mark = ?",
            *(file, batch, batch, part.mark),
        )

    def parts(self) -> list[Part]:
        """The parts under way, in the order of their marks."""
        return [Part(*row) for row in self._rows("SELECT mark, requests, file, batch FROM part ORDER BY mark")]

    def body(self, part: Part) -> bytes:
        """The file of a part that is not sent yet."""
        row = self._row("SELECT body FROM part WHERE mark = ?", part.mark)
        return bytes(row[0]) if row else b""

    def under_way(self) -> set[str]:
        """The keys of the requests under way."""
        return {str(row[0]) for row in self._rows("SELECT key FROM pending")}

    def keep_answer(self, key: str, completion: Mapping[str, Any]) -> bool:
        """Keep the chat completion of a request that was under way; False when none of that key was."""
        row = self._row("SELECT endpoint, model, template FROM pending WHERE key = ?", key)
        if row is None:
            return False
        with self._transaction():
            self._write("INSERT OR REPLACE INTO reply VALUES (?, ?, ?, ?, ?)", key, *row, orjson.dumps(completion))
            self._write("DELETE FROM pending WHERE key = ?", key)
        return True

    def forget(self, part: Part) -> int:
        """Drop a part that has ended; how many of its requests got no answer."""
        row = self._row("SELECT count(*) FROM pending WHERE mark = ?", part.mark)
        with self._transaction():
            self._write("DELETE FROM pending WHERE mark = ?", part.mark)
            self._write("DELETE FROM part WHERE mark = ?", part.mark)
        return int(row[0]) if row else 0

    def count(self) -> int:
        """How many replies are kept."""
        row = self._row("SELECT count(*) FROM reply")
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        return next(iter(self._rows(sql, *values)), None)

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with closing(self._database.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as e:
            raise self._unusable(e) from e

    def _write(self, sql: str, *values: object) -> None:
        try:
            self._database.execute(sql, values)
        except sqlite3.Error as e:
            raise self._unusable(e) from e

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            with self._database:  # commits, or rolls back
                yield
        except sqlite3.Error as e:
            raise self._unusable(e) from e

    def _unusable(self, fault: Exception) -> ReplyStoreError:
        return ReplyStoreError(str(fault), where=str(self.path), hint="delete the file, or run without the cache")
