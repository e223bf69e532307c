"""The files a person asked for, put together from the parts in the order of the inputs.

Each is written beside its place and moved there when all are whole, so none is ever seen half written.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import orjson

from extract import tables as flat
from extract.bulk import columnar
from extract.bulk.parts import Parts, sync
from extract.bulk.tables import Table, Type, tables
from extract.bulk.work import Kind

Counted = Sequence[tuple[int, int]]
"""(number, studies) of each batch, in order."""

_SQL: dict[Type, str] = {"text": "TEXT", "integer": "INTEGER", "number": "REAL", "flag": "INTEGER"}
_PARTIAL = ".partial"
_AT_ONCE = 2
"""Outputs in the making. The workers are done by then, and each holds some tens of megabytes."""


def assemble(folder: Path, parts: Parts, batches: Counted, kinds: Sequence[Kind]) -> list[Path]:
    """Write every output of the kinds, two at a time; the files, in order."""

    def written(named: tuple[str, Writer]) -> tuple[Path, Path]:
        name, write = named
        partial = folder / f".{name}{_PARTIAL}"
        partial.unlink(missing_ok=True)
        write(partial, parts, batches)
        sync(partial)
        return partial, folder / name

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        finished = list(pool.map(written, [output for kind in kinds for output in _WRITERS[kind]()]))
    for partial, path in finished:
        partial.replace(path)
    return [path for _, path in finished]


def are_there(folder: Path, kinds: Sequence[Kind]) -> bool:
    """Whether the folder has every output of the kinds."""
    return all((folder / name).is_file() for kind in kinds for name, _ in _WRITERS[kind]())


Writer = Callable[[Path, Parts, Counted], None]


def _jsonl() -> Iterator[tuple[str, Writer]]:
    yield "studies.jsonl", lambda path, parts, batches: _joined(path, parts, batches, "jsonl", b"")


def _csv() -> Iterator[tuple[str, Writer]]:
    head = io.StringIO(newline="")
    csv.writer(head, lineterminator="\n").writerow(flat.header())
    yield "studies.csv", lambda path, parts, batches: _joined(path, parts, batches, "csv", head.getvalue().encode())


def _parquet() -> Iterator[tuple[str, Writer]]:
    for table in tables():
        yield f"{table.name}.parquet", _parquet_writer(table)


def _parquet_writer(table: Table) -> Writer:
    def write(path: Path, parts: Parts, batches: Counted) -> None:
        columnar.write(path, table, _sheets(parts, batches, f"parquet/{table.name}"))

    return write


def _sqlite() -> Iterator[tuple[str, Writer]]:
    yield "studies.sqlite", _database


_WRITERS: dict[Kind, Callable[[], Iterator[tuple[str, Writer]]]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "sqlite": _sqlite,
}


def _joined(path: Path, parts: Parts, batches: Counted, name: str, head: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(head)
        for _, data in _sheets(parts, batches, name):
            stream.write(data)


def _sheets(parts: Parts, batches: Counted, name: str) -> Iterator[tuple[int, bytes]]:
    """Each batch's sheet with the number of studies before it."""
    before = 0
    for number, studies in batches:
        yield before, parts.sheet(number, name)
        before += studies


def _database(path: Path, parts: Parts, batches: Counted) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # What fails here is thrown away, so nothing is kept for undoing it.
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN")
        for table in tables():
            columns = ", ".join(f'"{c.name}" {_SQL[c.type]}' for c in table.columns)
            db.execute(f'CREATE TABLE "{table.name}" ({columns})')
            insert = f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(table.columns))})'  # noqa: S608 - our table
            for before, data in _sheets(parts, batches, f"sqlite/{table.name}"):
                db.executemany(insert, ((record + before, *row) for record, *row in orjson.loads(data)))
            db.execute(f'CREATE INDEX "{table.name}_record" ON "{table.name}" (record)')
        db.execute("COMMIT")
