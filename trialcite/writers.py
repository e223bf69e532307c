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
    from trialcite.rendering import studies_table

    text = TextIOWrapper(stream, encoding="utf-8", write_through=True)
    count = studies_table(extractions, text)
    text.flush()
    text.detach()
    return count


_WRITERS = {Format.JSONL: _jsonl, Format.JSON: _json, Format.CSV: _csv, Format.TABLE: _table}
