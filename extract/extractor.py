"""The extractor: a reading in, an evidenced study out.

A structured record brings its study along, and its pointers place every value. A text's study is filled by the rules
of its format. The eligibility text of either is split into criteria at the lines where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from extract.criteria.split import split
from extract.document import Document
from extract.evidence import Evidence, fold
from extract.extraction import Extraction, Outcome, Run
from extract.findings import find
from extract.inputs import expand
from extract.readers import readings, readings_of_text
from extract.readers.mapped import MappedReading
from extract.readers.page import PageReading
from extract.readers.pdf_layout import Protocol
from extract.reading import Reading
from extract.rules import page as page_rules
from extract.rules import plain as plain_rules
from extract.rules import protocol as protocol_rules
from extract.rules.draft import Draft
from extract.rules.fields import fields
from extract.study import Study, study_of
from trialcite.errors import InputError

ELIGIBILITY = "/protocolSection/eligibilityModule/eligibilityCriteria"

_INDEX = re.compile(r"/\d+(?=/|$)")

EvidenceScope = Literal["text", "all"]
"""Whose values get evidence: those read from text, or also those of structured records, which their pointer places."""


@dataclass(frozen=True)
class Extracted:
    """A reading and what was extracted from it: what an index needs to store both."""

    reading: Reading
    extraction: Extraction


def extract_paths(paths: Iterable[Path], *, evidence: EvidenceScope = "text") -> Iterator[Extracted | InputError]:
    """Every record behind the paths, in order; what cannot be read is an error in its place."""
    for path in expand(paths):
        if isinstance(path, InputError):
            yield path
            continue
        for reading in readings(path):
            yield reading if isinstance(reading, InputError) else extracted(reading, evidence=evidence)


def extracted(reading: Reading, *, evidence: EvidenceScope = "text") -> Extracted | InputError:
    """The reading with its extraction, or why the record cannot be one."""
    try:
        return Extracted(reading, extract(reading, evidence=evidence))
    except InputError as e:
        return e


def extract_text(text: str, *, evidence: EvidenceScope = "text") -> Extraction:
    """The study in a text. Raises InputError when there is none to read."""
    for reading in readings_of_text(text):
        if isinstance(reading, InputError):
            raise reading
        return extract(reading, evidence=evidence)
    raise AssertionError("a text gives one reading or one error")


def extract(reading: Reading, *, evidence: EvidenceScope = "text") -> Extraction:
    """The study of one reading, by rules alone. Raises MalformedRecord for a record out of the registry's shape."""
    if reading.record is not None:
        extraction = _structured(reading, reading.record, evidence)
    else:
        extraction = _unstructured(reading)
    extraction.findings = find(reading, extraction)
    return extraction


def _unstructured(reading: Reading) -> Extraction:
    draft = _draft(reading)
    if reading.line_places:
        draft.evidence = {p: [_placed(e, reading) for e in stated] for p, stated in draft.evidence.items()}
    lines = draft.evidence.get(ELIGIBILITY)
    study = Study.model_validate(draft.study)
    # The draft has checked its evidence; to have it checked again takes longer than to find the values. Every field is
    # given, because Pydantic is slow to find out what those left out are.
    return Extraction.model_construct(
        document=_document(reading, study),
        study=study,
        evidence=draft.evidence,
        criteria=split(reading.source, lines[0].lines) if lines else [],
        findings=[],
        outcomes=draft.outcomes,
        run=Run(),
    )


def _draft(reading: Reading) -> Draft:
    """What the rules of its format make of a text."""
    if isinstance(reading, PageReading):
        return page_rules.fill(reading)
    if isinstance(reading, Protocol):
        return protocol_rules.fill(reading)
    return plain_rules.fill(reading)


def _placed(evidence: Evidence, reading: Reading) -> Evidence:
    """The evidence with the place of its first line in the file."""
    return replace(evidence, locator=reading.line_places[evidence.lines[0] - 1])


def _structured(reading: Reading, record: Mapping[str, Any], scope: EvidenceScope) -> Extraction:
    member = f" {reading.member}" if reading.member else ""
    study = study_of(record, where=f"{reading.source.path}{member}")
    lines = reading.places.get(ELIGIBILITY)
    return Extraction(
        document=_document(reading, study),
        study=study,
        evidence=evidence_of_places(reading) if scope == "all" else {},
        criteria=split(reading.source, lines) if lines else [],
        outcomes=_outcomes(reading),
    )


def _outcomes(reading: Reading) -> dict[str, Outcome]:
    """How the fields of a mapped record came out; a record of the registry's API says it by its keys."""
    if not isinstance(reading, MappedReading):
        return {}
    stated = {_INDEX.sub("/*", place) for place in reading.places}
    return {
        f.pointer: "extracted"
        if f.pointer in stated
        else "unreadable"
        if f.pointer in reading.unreadable
        else "not_stated"
        for f in fields().values()
    }


def evidence_of_places(reading: Reading) -> dict[str, list[Evidence]]:
    """Evidence for every leaf of a structured record: the lines of the reading text that say it, located by pointer."""
    return {pointer: [evidence_at(reading, pointer)] for pointer in reading.places}


def evidence_at(reading: Reading, pointer: str) -> Evidence:
    """Evidence for one leaf of a structured record. Raises KeyError for a pointer that is no leaf."""
    lines = reading.places[pointer]
    quote = fold(reading.source.span(*lines))
    return Evidence(lines=lines, quote=quote, method="source", locator=reading.locator(pointer))


def _document(reading: Reading, study: Study) -> Document:
    source = reading.source
    return Document(
        id=study.nct_id or reading.name or Path(source.path).stem,
        path=source.path,
        format=source.format,
        sha256=source.sha256,
        lines=len(source),
        encoding=source.encoding,
        member=reading.member,
    )
