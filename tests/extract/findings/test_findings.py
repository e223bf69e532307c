"""What a record says against itself: one row a contradiction, and one for what only looks like it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.evidence import stands_at
from extract.extraction import Finding
from extract.extractor import extract
from extract.readers import readings, readings_of_text
from extract.reading import Reading

RECORD: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT99000100", "briefTitle": "Velnaride for Cough"},
        "statusModule": {
            "overallStatus": "RECRUITING",
            "startDateStruct": {"date": "2024-03"},
            "completionDateStruct": {"date": "2026-09-30"},
            "lastUpdatePostDateStruct": {"date": "2025-05-02"},
        },
        "descriptionModule": {"briefSummary": "This study tests velnaride against placebo."},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "maskingInfo": {"masking": "DOUBLE"},
            },
            "enrollmentInfo": {"count": 120},
        },
        "armsInterventionsModule": {"armGroups": [{"label": "Velnaride"}, {"label": "Placebo"}]},
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n1. Cough for 8 weeks\n2. Able to consent\n3. No fever",
            "minimumAge": "18 Years",
            "maximumAge": "70 Years",
            "sex": "ALL",
            "healthyVolunteers": False,
        },
    },
    "hasResults": False,
}

IDENTIFICATION = "identificationModule"
STATUS = "statusModule"
TITLE = "identificationModule/briefTitle"
SUMMARY = "descriptionModule/briefSummary"
CRITERIA = "eligibilityModule/eligibilityCriteria"
PHASES = "designModule/phases"
MASKING = "designModule/designInfo/maskingInfo/masking"
ALLOCATION = "designModule/designInfo/allocation"
START = "statusModule/startDateStruct/date"
END = "statusModule/completionDateStruct/date"
STATE = "statusModule/overallStatus"


def changed(changes: dict[str, Any]) -> Reading:
    """The record with some values changed."""
    record = copy.deepcopy(RECORD)
    for path, value in changes.items():
        *above, key = path.split("/")
        node = record["protocolSection"]
        for step in above:
            node = node[step]
        node[key] = value
    (reading,) = readings_of_text(orjson.dumps(record).decode())
    assert isinstance(reading, Reading)
    return reading


def findings(changes: dict[str, Any]) -> list[Finding]:
    return extract(changed(changes)).findings


def inclusion(*items: str) -> dict[str, str]:
    return {CRITERIA: "Inclusion Criteria:\n\n" + "\n".join(f"* {i}" for i in items)}


def exclusion(*items: str) -> dict[str, str]:
    return {CRITERIA: "Exclusion Criteria:\n\n" + "\n".join(f"* {i}" for i in items)}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        (inclusion("Aged 30 to 75 years"), ["age-disagreement"]),
        (inclusion("Aged 18 to 70 years"), []),
        (inclusion("Adults over 21 years old"), ["age-disagreement"]),
        (inclusion("Older than 17 years"), []),
        (inclusion("Women aged 30 to 50 years or men aged 18 to 70 years"), []),
        (inclusion("Children aged 6 to 11 years in cohort B"), []),
        (inclusion("Caregivers aged 30 to 75 years"), []),
        (inclusion("A biopsy no older than 3 years"), []),
        (inclusion("Asthma diagnosed at 5 to 30 years of age"), []),
        ({"eligibilityModule/sex": "FEMALE", **inclusion("Men and women with cough")}, ["sex-disagreement"]),
        ({"eligibilityModule/sex": "MALE", **inclusion("Female patients, not pregnant")}, ["sex-disagreement"]),
        ({"eligibilityModule/sex": "FEMALE", **inclusion("Women aged 18 to 70 years")}, []),
        (inclusion("Women must have a negative pregnancy test"), []),
        (inclusion("Healthy male volunteers"), ["healthy-volunteers-disagreement"]),
        (inclusion("Healthy enough to travel"), []),
        ({TITLE: "A Phase 3 Study of Velnaride"}, ["phase-disagreement"]),
        ({TITLE: "A Phase II Study of Velnaride"}, []),
        ({TITLE: "A Phase 2a/2b Study of Velnaride"}, []),
        ({TITLE: "Cardiac Rehabilitation Phase III Exercises"}, []),
        ({TITLE: "A Two-Phase 3-Month Program"}, []),
        ({TITLE: "An Open-Label Study of Velnaride"}, ["masking-disagreement"]),
        ({TITLE: "An Open-Label Extension of Velnaride"}, []),
        ({MASKING: "NONE", SUMMARY: "A double-blind study."}, ["masking-disagreement"]),
        ({MASKING: "NONE", SUMMARY: "Double-blind, then an open-label part."}, []),
        ({ALLOCATION: "NA", TITLE: "A Randomized Study"}, ["allocation-disagreement"]),
        ({TITLE: "A Non-randomised Study"}, ["allocation-disagreement"]),
        ({ALLOCATION: "NON_RANDOMIZED", TITLE: "A Non-Randomized Study"}, []),
        ({SUMMARY: "A three-arm study."}, ["arms-disagreement"]),
        ({SUMMARY: "A two-arm study."}, []),
        ({SUMMARY: "A total of 150 patients will be enrolled."}, ["enrollment-disagreement"]),
        ({SUMMARY: "A total of 120 patients will be enrolled."}, []),
        ({STATE: "COMPLETED", SUMMARY: "A total of 150 patients will be enrolled."}, ["status-date-disagreement"]),
        ({END: "2023-12"}, ["dates-disorder", "status-date-disagreement"]),
        ({START: "2026-09", END: "2026-09-30"}, []),
        ({STATE: "NOT_YET_RECRUITING"}, ["status-date-disagreement"]),
        ({STATE: "NOT_YET_RECRUITING", START: "2025-04-20"}, []),
        ({STATE: "WITHDRAWN"}, ["enrollment-status-disagreement"]),
        ({"eligibilityModule/minimumAge": "80 Years"}, ["ages-disorder"]),
        ({"eligibilityModule/maximumAge": "999 Years"}, ["implausible-value"]),
        (exclusion("Hemoglobin < 9 mg/dL"), ["implausible-value"]),
        (exclusion("Hemoglobin < 9 g/dL"), []),
        (exclusion("Hemoglobin < 90 g/L"), []),
        ({CRITERIA: "Inclusion Criteria:\n\n1. Cough\n2. Consent\n4. No fever\n5. Adult"}, ["list-number-missing"]),
        ({CRITERIA: "Inclusion Criteria:\n\n1. Cough\n2. Consent\n2. No fever\n3. Adult"}, ["list-number-repeated"]),
        ({CRITERIA: "1. Cough\n2. Consent\n\nExclusion Criteria:\n\n1. Fever\n2. Travel"}, []),
    ],
)
def test_codes(changes: dict[str, Any], codes: list[str]) -> None:
    assert [f.code for f in findings(changes)] == codes


@pytest.mark.parametrize(
    "changes",
    [inclusion("Aged 30 to 75 years"), {TITLE: "A Phase 3 Study"}, {END: "2023-12"}, exclusion("Hb < 9 mg/dL")],
)
def test_a_finding_names_all_lines_it_rests_on(changes: dict[str, Any]) -> None:
    reading = changed(changes)
    for finding in extract(reading).findings:
        assert finding.evidence
        for e in finding.evidence:
            assert stands_at(e.quote, e.lines, reading.source)


def test_the_example_with_a_contradiction(examples: Path) -> None:
    (reading,) = readings(examples / "NCT99000003.txt")
    assert isinstance(reading, Reading)
    (finding,) = extract(reading).findings
    assert finding.code == "age-disagreement"
    assert [e.quote for e in finding.evidence[1:]] == ["18 Years", "70 Years"]


@pytest.mark.corpus
def test_the_seed_that_contradicts_itself(corpus: Path) -> None:
    found = {}
    for path in sorted((corpus / "seeds").iterdir()):
        (reading,) = readings(path)
        assert isinstance(reading, Reading)
        extraction = extract(reading)
        found[extraction.document.id] = [(f.code, [e.lines[0] for e in f.evidence]) for f in extraction.findings]
    assert found == {"NCT06196996": [], "NCT06727721": [("age-disagreement", [147, 180, 184])]}
