"""Real records of other registries: all are read, and the legacy XML says what the API says of the same version."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extract.evidence import stands_at
from extract.extractor import Extracted, extracted
from extract.readers import readings
from extract.reading import Reading
from tests.extract.test_formats import leaves, value

pytestmark = pytest.mark.corpus

_ESCAPED = re.compile(r"\\([^\w\s])")
_MARKER = re.compile(r"(?m)^\s*(?:[*•-]|o|\(?\w{1,2}[.)])\s+")

# What the registry changed in its own lists since the XML was made; no sponsor edited these records meanwhile.
_CHANGED_BY_THE_REGISTRY = {
    ("NCT00931528", "/protocolSection/sponsorCollaboratorsModule/leadSponsor/class"),
    ("NCT00931528", "/protocolSection/contactsLocationsModule/overallOfficials/0/affiliation"),
    ("NCT03058094", "/protocolSection/contactsLocationsModule/locations/*/state"),  # "Beijing Municipality"
    ("NCT03150225", "/protocolSection/statusModule/overallStatus"),  # not verified for two years: unknown
    ("NCT00931528", "/resultsSection/baselineCharacteristicsModule/measures/0/title"),  # "Age, Continuous"
}
_SECTIONS = ("protocolSection", "resultsSection")
_GROUP_ID = re.compile(r"/resultsSection/.*/(?:groupId|id|groupIds/\d+)$")
"""The groups of results: the XML calls P1 what the API calls FG000."""


@pytest.fixture(scope="session")
def legacy(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xml")
    with tarfile.open(corpus / "data/ctgov/xml-dev.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def values(record: Any) -> dict[str, Any]:
    """The leaves of a record by pointer, without what Markdown adds to a text."""
    found: dict[str, Any] = {}
    for pointer in leaves(record):
        node = record
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        found[pointer] = " ".join(_MARKER.sub("", _ESCAPED.sub(r"\1", node)).split()) if type(node) is str else node
    return found


def documents(paths: list[Path]) -> Iterator[Extracted]:
    for path in paths:
        for reading in readings(path):
            assert isinstance(reading, Reading), reading
            document = extracted(reading, evidence="all")
            assert isinstance(document, Extracted), document
            yield document


def assert_proved(document: Extracted) -> None:
    extraction = document.extraction
    assert set(leaves(extraction.to_json()["study"])) == set(extraction.evidence)
    for stated in extraction.evidence.values():
        assert all(stands_at(e.quote, e.lines, document.reading.source) for e in stated)


def test_every_legacy_record_is_read_and_proved(legacy: Path) -> None:
    found = list(documents(sorted(legacy.rglob("*.xml"))))
    assert len(found) == 198
    for document in found:
        assert_proved(document)
        assert "unreadable" not in document.extraction.outcomes.values()
        assert document.extraction.criteria


def test_legacy_records_equal_those_of_the_api_of_the_same_version(legacy: Path, corpus: Path) -> None:
    counts: Counter[str] = Counter()
    with gzip.open(corpus / "data/ctgov/studies-dev.jsonl.gz") as lines:
        for line in lines:
            study = json.loads(line)
            name = study["protocolSection"]["identificationModule"]["nctId"]
            path = next(legacy.rglob(f"{name}.xml"), None)
            if path is None:
                continue
            (reading,) = readings(path)
            assert isinstance(reading, Reading)
            assert reading.record
            old, new = (values({key: r[key] for key in _SECTIONS if key in r}) for r in (reading.record, study))
            updated = "/protocolSection/statusModule/lastUpdateSubmitDate"
            counts["same version" if old[updated] == new[updated] else "edited since"] += 1
            if old[updated] != new[updated]:
                continue
            different = {p for p, v in old.items() if v != new.get(p) and not _GROUP_ID.search(p)}
            patterns = {(name, re.sub(r"/\d+(?=/|$)", "/*", p) if "/locations/" in p else p) for p in different}
            assert patterns <= _CHANGED_BY_THE_REGISTRY
            counts["equal"] += len(old) - len(different)
            counts["changed by the registry"] += len(different)
    assert counts["same version"] == 12
    assert counts["equal"] > 3000
    assert counts["changed by the registry"] == 10


# File, records in it, number of the one looked at, its document's id, and values checked by hand against the file.
REGISTRIES: list[tuple[str, int, int, str, dict[str, Any]]] = [
    (
        "ChiCTR2000034346.xml",
        1,
        0,
        "ChiCTR2000034346",
        {
            "statusModule/overallStatus": "COMPLETED",
            "statusModule/startDateStruct/date": "2020-04-10",
            "sponsorCollaboratorsModule/leadSponsor/name": "Jianxing He",
            "designModule/enrollmentInfo": None,  # "2019 Y:2418;2020 Y:821;"
            "designModule/phases": None,  # "Retrospective study"
            "eligibilityModule/sex": "ALL",
        },
    ),
    (
        "ictrp_NCT00523276.xml",
        1,
        0,
        "NCT00523276",
        {
            "statusModule": {"startDateStruct": {"date": "1996-01"}, "studyFirstSubmitDate": "2007-08-30"},
            "designModule/phases": ["NA"],
            "designModule/designInfo": {"observationalModel": "FAMILY_BASED", "timePerspective": "CROSS_SECTIONAL"},
            "eligibilityModule/minimumAge": "4 Years",
            "eligibilityModule/maximumAge": None,
        },
    ),
    (
        "ictrp_covid19_20_rows.csv",
        20,
        0,
        "NCT04246242",
        {
            "designModule/phases": ["PHASE4"],
            "designModule/enrollmentInfo/count": 500,
            "designModule/designInfo/maskingInfo/masking": "SINGLE",
        },
    ),
    ("ctgov_NCT03325556.json", 1, 0, "NCT03325556", {"eligibilityModule/maximumAge": "90 Years"}),
    (
        "euctr_one_trial_country.txt",
        1,
        0,
        "2022-002568-62-ES",
        {
            "sponsorCollaboratorsModule/leadSponsor/name": "AviadoBio Ltd",
            "designModule/phases": ["PHASE1", "PHASE2"],
            "designModule/enrollmentInfo/count": 15,
            "eligibilityModule/stdAges": ["ADULT", "OLDER_ADULT"],
        },
    ),
    ("euctr_full_details_multi_trial.txt", 10, 1, "2022-002568-62-SE", {"eligibilityModule/sex": "ALL"}),
    (
        "euctr_2016-004489-24-DE.json",
        1,
        0,
        "2016-004489-24",
        {
            "designModule/phases": ["PHASE3"],
            "designModule/designInfo/maskingInfo/masking": "SINGLE",
            "eligibilityModule/stdAges": ["CHILD"],
        },
    ),
    (
        "isrctn_17473621.json",
        1,
        0,
        "ISRCTN17473621",
        {"eligibilityModule/maximumAge": "14 Days", "designModule/phases": ["PHASE3"]},
    ),
    ("isrctn_12949496.json", 1, 0, "ISRCTN12949496", {"statusModule/overallStatus": "TERMINATED"}),
    ("isrctn_13281214.json", 1, 0, "ISRCTN13281214", {"designModule/enrollmentInfo/count": 60}),
    (
        "ctis_2023-508143-51-01.json",
        1,
        0,
        "2023-508143-51-01",
        {"designModule/phases": ["PHASE4"], "statusModule/completionDateStruct/date": "2026-01-03"},
    ),
    ("ctis_2022-500244-37-00.json", 1, 0, "2022-500244-37-00", {"designModule/phases": ["PHASE2"]}),
    (
        "ctgov_fhir_NCT07378956.json",
        1,
        0,
        "NCT07378956",
        {
            "statusModule/overallStatus": "RECRUITING",
            "statusModule/lastUpdatePostDateStruct/date": "2026-04-13",
            "eligibilityModule/minimumAge": "19 Years",
            "eligibilityModule/sex": "ALL",
        },
    ),
    ("ictrp_ChiCTR2000029953.xml", 1, 0, "ChiCTR2000029953", {"designModule/studyType": "OBSERVATIONAL"}),
]


@pytest.mark.parametrize(
    ("name", "count", "number", "document", "expected"), REGISTRIES, ids=[r[0] for r in REGISTRIES]
)
def test_a_registry_sample_is_read(
    corpus: Path, name: str, count: int, number: int, document: str, expected: dict[str, Any]
) -> None:
    found = list(documents([corpus / "data/registries" / name]))
    assert len(found) == count
    for one in found:
        assert_proved(one)
        assert one.extraction.criteria
    extraction = found[number].extraction
    assert extraction.document.id == document
    assert {path: value(extraction, f"protocolSection/{path}") for path in expected} == expected


def test_every_registry_sample_is_expected(corpus: Path) -> None:
    held = {path.name for path in (corpus / "data/registries").iterdir()}
    assert held == {name for name, *_ in REGISTRIES}


# Protocol, its registry number where the title page has it, phases, where the criteria begin, how many there are at
# the least of either kind, and words of one deep in the list.
PROTOCOLS: list[tuple[str, str | None, list[str], str, int, int, str]] = [
    (
        "NCT01101438",
        None,
        ["PHASE3"],
        "page 29, line 12",
        18,
        10,
        "Known hypersensitivity or intolerance to metformin.",
    ),
    ("NCT01272037", "NCT01272037", ["PHASE3"], "page 26, line 24", 30, 0, "Patients must have a performance status of"),
    ("NCT01723774", "NCT01723774", ["PHASE2"], "page 32, line 23", 60, 60, "Corrected QT (QTc) interval >470 msec."),
    ("NCT02513394", "NCT02513394", ["PHASE3"], "page 43, line 8", 20, 13, "Hemoglobin ≥ 10g/dL."),
    (
        "NCT03916744",
        "NCT03916744",
        ["PHASE1"],
        "page 30, line 18",
        20,
        25,
        "History or presence of sick sinus syndrome",
    ),
]


@pytest.mark.parametrize(
    ("name", "number", "phases", "begins", "inclusions", "exclusions", "words"),
    PROTOCOLS,
    ids=[p[0] for p in PROTOCOLS],
)
def test_a_protocol_is_read(
    corpus: Path,
    name: str,
    number: str | None,
    phases: list[str],
    begins: str,
    inclusions: int,
    exclusions: int,
    words: str,
) -> None:
    (document,) = documents([corpus / "data/protocols" / f"{name}.pdf"])
    assert_proved(document)
    extraction = document.extraction
    assert value(extraction, "protocolSection/identificationModule/nctId") == number
    assert value(extraction, "protocolSection/designModule/phases") == phases
    (evidence,) = extraction.evidence["/protocolSection/eligibilityModule/eligibilityCriteria"]
    assert evidence.locator == begins
    counts = Counter(c.kind for c in extraction.criteria)
    assert counts["inclusion"] >= inclusions
    assert counts["exclusion"] >= exclusions
    assert any(c.text.startswith(words) for c in extraction.criteria)
    assert not any("....." in c.text or re.search(r"\bPage \d", c.text) for c in extraction.criteria)


def test_the_titles_of_protocols_are_those_of_the_registry(corpus: Path) -> None:
    names = {name for name, *_ in PROTOCOLS}
    registered: dict[str, str] = {}
    with gzip.open(corpus / "data/ctgov/studies-dev.jsonl.gz") as lines:
        for line in lines:
            identification = json.loads(line)["protocolSection"]["identificationModule"]
            if identification["nctId"] in names:
                registered[identification["nctId"]] = identification["officialTitle"]
    for name in names:
        (document,) = documents([corpus / "data/protocols" / f"{name}.pdf"])
        title = value(document.extraction, "protocolSection/identificationModule/officialTitle")
        # One registration puts the study's acronym, spelt out, before what the title page calls the title.
        assert bare(registered[name]).endswith(bare(title)), title


def bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
