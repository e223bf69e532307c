"""Writing extractions: JSON Lines, one JSON array, CSV, or a table for the terminal."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trialcite.errors import UsageError
from trialcite.options import STDOUT

if TYPE_CHECKING:
    from extract.extraction import Extraction

_TABLE = {
    "NCT ID": "nct_id",
    "Title": "brief_title",
    "Status": "overall_status",
    "Phase": "phases",
    "N": "enrollment",
    "Age": None,
    "Criteria": None,
}


class Format(StrEnum):
    """How extractions are written."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    TABLE = "table"


_BY_SUFFIX = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".json": Format.JSON, ".csv": Format.CSV}


def format_for(output: Path, asked: Format | None) -> Format:
    """The format asked for, else the one the file's suffix names. Raises UsageError for a suffix that names none."""
    if asked is not None:
        return asked
    if output == STDOUT or not output.suffix:
        return Format.JSONL
    if output.suffix.lower() not in _BY_SUFFIX:
        known = " ".join(_BY_SUFFIX)
        raise UsageError(f"no format is known for {output.suffix}", where=str(output), hint=f"{known}, or --format")
    return _BY_SUFFIX[output.suffix.lower()]


def write(extractions: Iterable[Extraction], stream: BinaryIO, fmt: Format) -> int:
    """Write them in order; how many there were."""
    return _WRITERS[fmt](extractions, stream)


def _jsonl(extractions: Iterable[Extraction], stream: BinaryIO) -> int:
    count = 0
    for extraction in extractions:
        stream.write(extraction.to_bytes())
        count += 1
    return count


def _json(extractions: Iterable[Extraction], stream: BinaryIO) -> int:
    count = 0
    for extraction in extractions:
        stream.write(b",\n" if count else b"[\n")
        stream.write(extraction.to_bytes().rstrip(b"\n"))
        count += 1
    stream.write(b"\n]\n" if count else b"[]\n")
    return count


def _csv(extractions: Iterable[Extraction], stream: BinaryIO) -> int:
    from extract import tables

    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, tables.header(), lineterminator="\n")
    writer.writeheader()
    count = 0
    for extraction in extractions:
        writer.writerow(tables.row(extraction))
        count += 1
    text.flush()
    text.detach()  # the stream belongs to the caller, who closes it
    return count


def _table(extractions: Iterable[Extraction], stream: BinaryIO) -> int:
    from rich.console import Console
    from rich.table import Table

    from extract import tables

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _TABLE:
        table.add_column(name, no_wrap=name != "Title", overflow="ellipsis", justify="right" if name == "N" else "left")
    count = 0
    for extraction in extractions:
        row = tables.row(extraction)
        ages = " to ".join(str(row[a]).replace(" Years", "") for a in ("minimum_age", "maximum_age") if row[a])
        both = f"{row['inclusion_criteria']} + {row['exclusion_criteria']}"
        cells = [str(row[c] if row[c] is not None else "") for c in _TABLE.values() if c]
        table.add_row(*cells, ages, both)
        count += 1
    text = TextIOWrapper(stream, encoding="utf-8", write_through=True)
    Console(file=text, highlight=False).print(table)
    text.flush()
    text.detach()
    return count


_WRITERS = {Format.JSONL: _jsonl, Format.JSON: _json, Format.CSV: _csv, Format.TABLE: _table}
