"""Protocols as PDF: the title page, the criteria of the body, their pages and lines; and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.evidence import stands_at
from extract.extraction import Extraction
from extract.extractor import extract
from extract.readers import readings
from extract.readers.pdf_layout import Protocol
from extract.reading import Reading
from tests.extract.pdfs import pdf_of
from trialcite.errors import InputError

TITLE = [
    "Protocol SOL-401, Version 2",
    "A PHASE II/III RANDOMIZED STUDY OF SOLVARIN",
    "IN ADULTS WITH GOUT",
    "PROTOCOL NUMBER: SOL-401",
    "NCT NUMBER: NCT99000041",
    "EUDRACT NUMBER: 2031-009999-41",
    "SPONSOR: Example Therapeutics",
    "Page 1 of 5",
]
CONTENTS = [
    "Protocol SOL-401, Version 2",
    "1. Background .............. 3",
    "4. Patient Selection ........... 4",
    "4.1 Inclusion Criteria ......... 4",
    "4.2 Exclusion Criteria ......... 5",
    "5. Treatment .................. 5",
    "Page 2 of 5",
]
SYNOPSIS = [
    "Protocol SOL-401, Version 2",
    "Inclusion criteria",
    "Adults with gout, in short",
    "1. Background",
    "Gout hurts. An earlier trial (NCT99000999) said so.",
    "Page 3 of 5",
]
BODY = [
    "Protocol SOL-401, Version 2",
    "4. Patient Selection",
    "4.1 Inclusion Criteria",
    "1. Age 18 to 75 years",
    "2. Uric acid above 7 mg/dL at screening, told by the",
    "Page 4 of 5",
]
END = [
    "Protocol SOL-401, Version 2",
    "central laboratory",
    "4.2 Exclusion Criteria",
    "1. Kidney stones",
    "5. Treatment",
    "Solvarin 10 mg once daily.",
    "Page 5 of 5",
]


@pytest.fixture
def protocol(tmp_path: Path) -> Protocol:
    path = tmp_path / "protocol.pdf"
    path.write_bytes(pdf_of(TITLE, CONTENTS, SYNOPSIS, BODY, END))
    reading = read(path)
    assert isinstance(reading, Protocol)
    return reading


def read(path: Path) -> Reading | InputError:
    (reading,) = readings(path)
    return reading


def values(extraction: Extraction) -> dict[str, tuple[str, str | None]]:
    return {
        pointer.removeprefix("/protocolSection/"): (stated[0].quote, stated[0].locator)
        for pointer, stated in extraction.evidence.items()
    }


def test_the_text_is_without_what_repeats_and_without_the_contents(protocol: Protocol) -> None:
    lines = [line for line in protocol.source.lines if line]
    assert not [line for line in lines if line.startswith(("Page ", "Protocol SOL"))]
    assert not [line for line in lines if "...." in line]
    assert [(h.number, h.words) for h in protocol.headings] == [
        ((1,), "Background"),
        ((4,), "Patient Selection"),
        ((4, 1), "Inclusion Criteria"),
        ((4, 2), "Exclusion Criteria"),
        ((5,), "Treatment"),
    ]


def test_the_title_page_is_read_with_pages_and_lines(protocol: Protocol) -> None:
    extraction = extract(protocol)
    found = values(extraction)
    criteria, place = found.pop("eligibilityModule/eligibilityCriteria")
    assert found == {
        "identificationModule/officialTitle": (
            "A PHASE II/III RANDOMIZED STUDY OF SOLVARIN IN ADULTS WITH GOUT",
            "page 1, line 2",
        ),
        "designModule/phases/0": ("PHASE II/III", "page 1, line 2"),
        "designModule/phases/1": ("PHASE II/III", "page 1, line 2"),
        "identificationModule/nctId": ("NCT99000041", "page 1, line 5"),
        "identificationModule/secondaryIdInfos/0/id": ("2031-009999-41", "page 1, line 6"),
        "identificationModule/orgStudyIdInfo/id": ("SOL-401", "page 1, line 4"),
        "sponsorCollaboratorsModule/leadSponsor/name": ("Example Therapeutics", "page 1, line 7"),
        "eligibilityModule/minimumAge": ("Age 18 to 75 years", "page 4, line 4"),
        "eligibilityModule/maximumAge": ("Age 18 to 75 years", "page 4, line 4"),
    }
    assert criteria.startswith("4.1 Inclusion Criteria 1. Age 18")
    assert place == "page 4, line 3"
    assert all(stands_at(e.quote, e.lines, protocol.source) for s in extraction.evidence.values() for e in s)
    assert extraction.document.format == "pdf"


def test_the_criteria_are_those_of_the_body_across_its_pages(protocol: Protocol) -> None:
    assert [(c.id, c.text) for c in extract(protocol).criteria] == [
        ("inclusion-1", "Age 18 to 75 years"),
        ("inclusion-2", "Uric acid above 7 mg/dL at screening, told by the central laboratory"),
        ("exclusion-1", "Kidney stones"),
    ]


def test_what_is_not_stated_for_certain_is_not_stated(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(pdf_of(["Dear colleague,", "NCT99000041 and NCT99000042 are both about gout.", "Kind regards"]))
    reading = read(path)
    assert isinstance(reading, Reading)
    extraction = extract(reading)
    assert not extraction.evidence
    assert set(extraction.outcomes.values()) == {"not_stated"}
    assert extraction.document.id == "letter"


def test_a_page_that_is_a_picture_is_said_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    path.write_bytes(pdf_of(["Solvarin"], None, ["Gout"]))
    reading = read(path)
    assert isinstance(reading, Reading)
    assert reading.source.lines == ("Solvarin", "[Page 2 is a picture without text]", "Gout")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf_of(None, None), "a PDF of 2 pages without text, as scans are (run OCR on it)"),
        (b"%PDF-1.7\n" + b"broken " * 100, "a PDF that cannot be opened"),
        (pdf_of(["Solvarin"])[:300], "a PDF that cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(data)
    error = read(path)
    assert isinstance(error, InputError)
    assert reason in str(error)
