"""Gold labels of a trial: as CT.gov v2 studies, or as a label file that a person corrected.

A label file is TOML, one trial a file; `trialcite gold init` writes it filled in from an extraction:

    schema = "trialcite-gold/1"
    document = "NCT99000001"
    path = "examples/NCT99000001.txt"
    sha256 = "…"
    annotator = ""

    [[value]]
    field = "minimumAge"                 a name of evaluation/fields.toml
    value = "18 Years"
    lines = [[184, 184]]                 where the record says so
    [[value]]
    field = "maximumAge"
    stated = false                       the record does not say: nothing may be extracted

A field without a row is not labelled: it is counted as unscored, not as absent.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.compare import normalised, without_colons
from evaluation.fields import fields
from evaluation.files import LONGEST, read_bytes, read_rows, unique
from evaluation.sources import Sources
from extract.evidence import fold
from extract.source import LineRange, Source
from trialcite.errors import GoldRefused, MalformedRecord

SCHEMA = "trialcite-gold/1"
_NCT = re.compile(r"NCT\d{8}")
_NO_LINES_OF_THEIR_OWN = ("enum", "boolean", "date", "age", "number")
"""Kinds whose value is worded otherwise than the record words it, so the words cannot be looked for."""


@dataclass
class GoldTrial:
    """What is known of a trial. A field in `values` with None is known to be absent; one not there is not labelled.

    `criteria` are the texts of each kind."""

    trial: str
    values: dict[str, Any]
    lines: dict[str, list[LineRange]] = field(default_factory=dict)
    study: Mapping[str, Any] | None = None
    criteria: dict[str, list[str]] = field(default_factory=dict)
    path: str | None = None


class Label(BaseModel):
    """One `[[value]]` of a label file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    field: str
    value: str | int | float | bool | list[str] | None = None
    stated: bool = True
    lines: list[list[int]] = []


class LabelFile(BaseModel):
    """A label file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal["trialcite-gold/1"] = Field(alias="schema")
    document: str
    path: str
    sha256: str
    annotator: str = ""
    value: list[Label] = []

    def trial(self) -> GoldTrial:
        """The labels as gold."""
        return GoldTrial(
            self.document,
            values={label.field: label.value if label.stated else None for label in self.value},
            lines={label.field: [(r[0], r[-1]) for r in label.lines] for label in self.value if label.lines},
            path=self.path,
        )


def read_gold(path: Path) -> dict[str, GoldTrial]:
    """Gold trials by NCT number: from label files (a file or a folder of them) or v2 studies.

    Raises GoldRefused for label files that do not hold, MalformedRecord for studies that are none or come twice.
    """
    labelled = sorted(path.glob("*.toml")) if path.is_dir() else [path] if path.suffix == ".toml" else []
    if labelled:
        return unique(((str(p), read_labels(p).trial()) for p in labelled), lambda g: g.trial)
    found = unique(_studies(path), lambda g: g.trial)
    if not found:
        raise MalformedRecord("holds no gold", where=str(path), hint="give v2 studies or label files (gold init)")
    return found


def _studies(path: Path) -> Iterator[tuple[str, GoldTrial]]:
    for where, row in read_rows(path):
        trial = fields()["nctId"].value(row) if isinstance(row.get("protocolSection"), dict) else None
        if not isinstance(trial, str):
            raise MalformedRecord("is no CT.gov v2 study: it has no nctId", where=where)
        if not _NCT.fullmatch(trial):
            raise MalformedRecord(f"nctId {trial!r} is no NCT number", where=where, hint="NCT and eight digits")
        values = {name: f.value(row) for name, f in fields().items()}
        yield where, GoldTrial(trial, values, study=row, criteria=_criteria(row, where))


def _criteria(row: Mapping[str, Any], where: str) -> dict[str, list[str]]:
    """A gold study may also have its criteria, one text each, by kind. Raises MalformedRecord where they are others."""
    criteria = row.get("criteria") or {}
    kinds = ("inclusion", "exclusion")
    if not isinstance(criteria, dict) or any(
        kind not in kinds or not isinstance(texts, list) or not all(isinstance(t, str) for t in texts)
        for kind, texts in criteria.items()
    ):
        raise MalformedRecord('criteria are lists of texts, as {"inclusion": ["Adults"]}', where=where)
    return criteria


def read_labels(path: Path) -> LabelFile:
    """A label file whose shape holds. Raises GoldRefused naming the row, UnreadableInput."""
    try:
        data = tomllib.loads(read_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise GoldRefused(f"is no TOML ({e})", where=str(path)) from e
    if data.get("schema") != SCHEMA:
        raise GoldRefused(
            f"has schema {data.get('schema')!r}, not {SCHEMA!r}", where=str(path), hint="start anew with gold init"
        )
    try:
        labels = LabelFile.model_validate(data)
    except ValidationError as e:
        fault = e.errors()[0]
        place = [str(step + 1) if isinstance(step, int) else step for step in fault["loc"]]
        raise GoldRefused(f"{' '.join(place)}: {fault['msg']}", where=str(path)) from e
    shape = list(_shape_faults(labels))
    if shape:
        raise GoldRefused(shape[0], where=str(path), hint=f"and {len(shape) - 1} more" if shape[1:] else None)
    return labels


def faults(labels: LabelFile, sources: Sources) -> list[str]:
    """What does not hold when the labels are held against their record, each with its row."""
    found = list(_shape_faults(labels))
    source = sources.find(labels.path)
    if source is None:
        return [*found, f"path: {labels.path} cannot be read"]
    if source.sha256 != labels.sha256:
        return [*found, f"sha256: {labels.path} has changed since the labels were made"]
    if _NCT.fullmatch(labels.document) and labels.document not in source.text:
        found.append(f"document: {labels.path} does not name {labels.document}")
    for number, label in enumerate(labels.value, start=1):
        found += (f"value {number} ({label.field}): {fault}" for fault in _place_faults(label, source))
    return found


def _shape_faults(labels: LabelFile) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, label in enumerate(labels.value, start=1):
        row = f"value {number} ({label.field})"
        if label.field not in fields():
            yield f"{row}: no field of that name"
            continue
        if label.field in seen:
            yield f"{row}: already in value {seen[label.field]}"
        seen.setdefault(label.field, number)
        empty = normalised(label.value) is None
        if label.stated and empty:
            yield f"{row}: no value; write stated = false if the record does not say"
        if not label.stated and not empty:
            yield f"{row}: has a value, and stated = false"
        if label.stated and not empty and isinstance(label.value, list) != fields()[label.field].is_list:
            yield f"{row}: is {'a list' if fields()[label.field].is_list else 'no list'}"
        if any(len(r) != 2 or not 1 <= r[0] <= r[1] <= LONGEST for r in label.lines):
            yield f"{row}: lines are pairs, first and last, as [[184, 184]]"
    if "nctId" in seen:
        named = labels.value[seen["nctId"] - 1].value
        if named not in (None, labels.document):
            yield f"value {seen['nctId']} (nctId): is {named}, the file is of {labels.document}"


def _place_faults(label: Label, source: Source) -> Iterator[str]:
    if not label.stated:
        return
    if not label.lines:
        yield "names no lines"
        return
    beyond = next((r for r in label.lines if r[1] > len(source)), None)
    if beyond:
        yield f"lines {beyond}: the record has {len(source)}"
        return
    if fields()[label.field].kind in _NO_LINES_OF_THEIR_OWN:
        return
    there = fold(without_colons("\n".join(source.span(first, last) for first, last in label.lines))).casefold()
    for value in label.value if isinstance(label.value, list) else [label.value]:
        if str(normalised(value)).casefold() not in there:
            yield f"{fold(str(value))[:60]!r} is not at its lines"
