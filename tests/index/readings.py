"""Readings made by hand: invented trials, laid out as a heading line, then one passage a line or a group of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from extract.document import Document
from extract.extraction import Criterion, Extraction
from extract.reading import Passage, Reading
from extract.source import source_from_bytes
from extract.study import Study

Made = tuple[Reading, Extraction]

ASTHMA = """Inhaled Velocimab in Severe Asthma

NCT ID: NCT99000101

# Brief Summary

This study tests whether inhaled velocimab reduces flare-ups in adults whose asthma stays severe despite steroids.

# Study Design

Blinding Strategy

DOUBLE

# Eligibility Criteria

1. Age 18 to 65 years;
2. FEV1 below 60% of the predicted value;
3. At least two flare-ups in the past 12 months.
1. Current smokers;
2. Pregnancy or breastfeeding.

# Sponsors

Institute of Invented Airways

# Locations

Northmoor Chest Clinic
Belmarsh, Freedonia
"""

DIABETES = """Evening Dosing of Glucalin in Type 2 Diabetes

NCT ID: NCT99000102

# Brief Summary

Participants take glucalin 40 mg every evening for 24 weeks, and 80 mg when fasting glucose stays high.

# Study Design

Blinding Strategy

NONE

# Eligibility Criteria

1. HbA1c between 7.5% and 10%;
2. Body mass index of 20 to 35 kg/m2.
1. Type 1 diabetes;
2. Severe hypoglycemia in the past 3 months.

# Sponsors

Freedonian Society for Metabolism

# Locations

Harbour Metabolic Centre
Port Elgin, Freedonia
"""


def make(text: str, *, path: str = "a.txt", document: str | None = None, nct: bool = True) -> Made:
    """A reading and extraction of a text: `# ` opens a section, a paragraph (or a criterion) is a passage."""
    source = source_from_bytes(text.encode(), path=path, format="page-text")
    name = document or next((w for w in text.split() if w.startswith("NCT99")), Path(path).stem)
    identified = {"protocolSection": {"identificationModule": {"nctId": name}}} if nct and name[:3] == "NCT" else {}
    described = Document(id=name, path=path, format=source.format, sha256=source.sha256, lines=len(source))
    passages = tuple(_passages(source.lines))
    criteria = list(_criteria(source.lines, passages))
    extraction = Extraction(document=described, study=Study.model_validate(identified), criteria=criteria)
    return Reading(source, passages), extraction


def _passages(lines: tuple[str, ...]) -> Iterator[Passage]:
    section, first = "Title", 0
    for number, line in enumerate((*lines, ""), start=1):
        if line.startswith("# "):
            section = line[2:]
        elif line.strip():
            first = first or number
        elif first:
            yield Passage(section, (first, number - 1))
            first = 0


def _criteria(lines: tuple[str, ...], passages: tuple[Passage, ...]) -> Iterator[Criterion]:
    kinds: list[Literal["inclusion", "exclusion"]] = ["exclusion", "inclusion"]
    for passage in passages:
        if passage.section != "Eligibility Criteria":
            continue
        for number in range(passage.lines[0], passage.lines[1] + 1):
            item, _, text = lines[number - 1].partition(". ")
            if item == "1":
                kind = kinds.pop()
            yield Criterion(id=f"{kind}-{item}", kind=kind, text=text, lines=(number, number))


class Letters:
    """An embedder without weights, for what does not depend on good vectors: counts of letters and of letter pairs."""

    name = "letters"
    dimension = 64

    def __init__(self, fingerprint: str = "letters/1") -> None:
        self.fingerprint = fingerprint
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `index.embedder.Embedder`."""
        self.embedded += len(texts)
        vectors = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for pair in pairwise(text.lower()):
                row[hash_of(pair) % self.dimension] += 1
        norms: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / norms


def hash_of(pair: tuple[str, str]) -> int:
    """The same in every process, as `hash` is not."""
    return ord(pair[0]) * 31 + ord(pair[1])
