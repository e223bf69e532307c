"""CSV rows out of a stream, each a record: its columns are the children, named by the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from extract.readers.nodes import Node
from extract.source import MAX_RECORD_BYTES, sha256
from trialcite.errors import InputError, MalformedRecord

csv.field_size_limit(MAX_RECORD_BYTES)
_MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One row, and where it stood ("row 3", the header being row 1). `sha256` is that of the row's cells."""

    member: str
    node: Node
    sha256: str


def columns(head: bytes) -> frozenset[str]:
    """The columns that the first line of a file names; empty for what is no header."""
    lines = head.partition(b"\n")[0].decode("utf-8-sig", errors="replace").splitlines()
    try:
        return frozenset(map(_name, next(csv.reader(lines[:1]), [])))
    except csv.Error:
        return frozenset()


def records(stream: BinaryIO, *, where: str) -> Iterator[CsvRecord | InputError]:
    """Every row below the header, in order. A row with another number of cells is an error in its place."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    try:
        header = next(rows)
        if len(header) > _MOST_COLUMNS:
            yield MalformedRecord(f"a header of more than {_MOST_COLUMNS:,} columns", where=where)
            return
        names = [_name(column) for column in header]
        for number, cells in enumerate(rows, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                reason = f"row {number} has {len(cells)} cells, the header has {len(header)}"
                yield MalformedRecord(reason, where=where)
                continue
            yield _record(number, header, names, cells)
    except (csv.Error, UnicodeDecodeError) as e:
        yield MalformedRecord(f"broken CSV at line {rows.line_num + 1}: {e}", where=where)
    finally:
        text.detach()


def _record(number: int, header: list[str], names: list[str], cells: list[str]) -> CsvRecord:
    member = f"row {number}"
    node = Node("row", member)
    for column, name, cell in zip(header, names, cells, strict=True):
        node.children.append(Node(name, f"{member}, {column.strip()}", cell))
    return CsvRecord(member, node, sha256("\0".join(cells).encode()))


def _name(column: str) -> str:
    return "_".join(column.split())
