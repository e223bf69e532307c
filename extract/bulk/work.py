"""A batch worked on: what it adds to every output, and what became of each of its inputs.

This runs wherever the engine likes, and gives bytes only, so that the process that puts them together has next to
nothing to do. Rows count the batch's own studies from 1; where the batch begins is known when all are put together.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from extract import tables as flat
from extract.bulk import columnar
from extract.bulk.batches import Batch
from extract.bulk.tables import Row, rows
from extract.bulk.tables import tables as all_tables
from extract.bulk.units import Skipped, Unit
from extract.extraction import Extraction
from extract.extractor import EvidenceScope, Extracted, extracted
from extract.readers import ctgov, readings_of_bytes
from extract.readers.json_records import RawMember
from extract.reading import Reading
from trialcite.errors import InputError, UnreadableInput

Kind = Literal["jsonl", "csv", "parquet", "sqlite"]

Status = Literal["done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made of every batch."""

    kinds: tuple[Kind, ...] = ("jsonl",)
    evidence: EvidenceScope = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an input: a row of the journal. `number` counts inputs from 0; `counts` are Outcome counts,
    criteria, constraints, findings and tokens."""

    number: int
    container: str
    member: str | None
    status: Status
    document: str | None = None
    reason: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worked:
    """A batch, worked on. `sheets` are what it adds to the outputs, by name ("jsonl", "csv", "parquet/sites" …)."""

    entries: tuple[Entry, ...]
    sheets: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Done:
    """A batch that is done. `draft` is the file of what it adds to the outputs, still to be kept (parts)."""

    entries: tuple[Entry, ...]
    draft: Path

    @property
    def studies(self) -> int:
        """How many studies it gave."""
        return sum(e.status == "done" for e in self.entries)


def process(batch: Batch, job: Job) -> Worked:
    """Work on a batch by rules."""
    collector = Collector(batch, job)
    for number, unit in enumerate(batch.units, start=batch.first):
        for item in items_of(unit, job.evidence):
            collector.add(number, unit, item if isinstance(item, InputError | Skipped) else item.extraction)
    return collector.worked()


def items_of(unit: Unit, evidence: EvidenceScope) -> Iterator[Extracted | InputError | Skipped]:
    """What an input gives: one record, or several where a file was taken whole, or why there is none."""
    if isinstance(unit.content, InputError | Skipped):
        yield unit.content
        return
    try:
        for reading in _readings(unit, unit.content):
            yield reading if isinstance(reading, InputError) else extracted(reading, evidence=evidence)
    except Exception as e:  # noqa: BLE001 - a fault of ours in one record of many must not cost the others
        fault = f"the program failed on it ({type(e).__name__}: {e})"
        yield UnreadableInput(fault, where=unit.where, hint="please report it")


def _readings(unit: Unit, content: bytes | RawMember) -> Iterator[Reading | InputError]:
    if isinstance(content, RawMember):
        record = ctgov.record_of(content, where=unit.where)
        yield record if isinstance(record, InputError) else ctgov.read(record, path=unit.where)
    else:
        yield from readings_of_bytes(content, path=unit.where)


class Collector:
    """What a batch adds to the outputs, in the making."""

    def __init__(self, batch: Batch, job: Job) -> None:
        self._batch, self._job = batch, job
        self._entries: list[Entry] = []
        self._studies = 0
        self._lines: list[bytes] = []
        self._table_rows: dict[str, list[Row]] = {t.name: [] for t in all_tables()}
        self._sheet = io.StringIO(newline="")
        self._csv = csv.writer(self._sheet, lineterminator="\n")

    def add(self, number: int, unit: Unit, item: Extraction | InputError | Skipped) -> None:
        """Take what an input gave."""
        if isinstance(item, InputError):
            self._entries.append(Entry(number, unit.container, _place(unit), "failed", reason=str(item)))
        elif isinstance(item, Skipped):
            self._entries.append(Entry(number, unit.container, _place(unit), "skipped", reason=item.reason))
        else:
            self._study(number, unit, item)

    def _study(self, number: int, unit: Unit, extraction: Extraction) -> None:
        document = extraction.document
        if unit.member:  # what reads a member knows it by one name; a citation names the file, and the member in it
            document.path, document.member = unit.container, " ".join(filter(None, (unit.member, document.member)))
        self._studies += 1
        self._lines.append(extraction.to_bytes())
        if len(self._job.kinds) > 1:
            self._rows(extraction)
        entry = Entry(number, unit.container, document.member, "done", document.id, counts=_counts(extraction))
        self._entries.append(entry)

    def _rows(self, extraction: Extraction) -> None:
        if "csv" in self._job.kinds:
            self._csv.writerow(flat.row(extraction).values())
        if "parquet" in self._job.kinds or "sqlite" in self._job.kinds:
            for table, found in rows(self._studies, extraction):
                self._table_rows[table] += found

    def worked(self) -> Worked:
        """All of it."""
        sheets = {"jsonl": b"".join(self._lines)}
        if "csv" in self._job.kinds:
            sheets["csv"] = self._sheet.getvalue().encode(errors="surrogatepass")
        for table in all_tables():
            found = self._table_rows[table.name]
            if "parquet" in self._job.kinds:
                sheets[f"parquet/{table.name}"] = columnar.packed(table, found)
            if "sqlite" in self._job.kinds:
                sheets[f"sqlite/{table.name}"] = orjson.dumps(found)
        return Worked(tuple(self._entries), sheets)


def _place(unit: Unit) -> str | None:
    place = unit.content.place if isinstance(unit.content, RawMember) else None
    return " ".join(filter(None, (unit.member, place))) or None


def _counts(extraction: Extraction) -> dict[str, int]:
    usage: Mapping[str, Any] = extraction.run.usage or {}
    return {
        **Counter(extraction.outcomes.values()),
        "criteria": len(extraction.criteria),
        "constraints": sum(len(c.constraints) for c in extraction.criteria),
        "findings": len(extraction.findings),
        "tokens": usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0),
    }
