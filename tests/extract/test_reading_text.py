"""The reading text says every leaf of a record, in words, at the lines that it names."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings

from extract.evidence import fold
from extract.readers import reading_text_layout as form
from extract.readers.reading_places import ReadingText
from extract.readers.reading_text import reading_text
from extract.source import Source
from extract.vocabulary import vocabulary_of
from tests.extract.records import ODD, leaves, records, rich_record

OUTCOMES = "resultsSection.outcomeMeasuresModule.outcomeMeasures"
FLOW = "resultsSection.participantFlowModule"
EVENTS = "resultsSection.adverseEventsModule"
BASELINE = "resultsSection.baselineCharacteristicsModule"
TWO_GROUPS = [{"id": "G0", "title": "Drug 5 mg"}, {"id": "G1", "title": "Placebo"}]
SAID_GROUPS = ["Group G0, Drug 5 mg", "Group G1, Placebo"]


def record_of(path: str, value: Any) -> dict[str, Any]:
    """A record that has one value, at a path of keys."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return dict(value)


def lines_of(record: dict[str, Any]) -> list[str]:
    return reading_text(record).text.split("\n")


def source_of(text: ReadingText) -> Source:
    return Source(path="r", format="ctgov-v2", sha256="", text=text.text)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        pytest.param(
            "protocolSection.statusModule",
            {"overallStatus": "ENROLLING_BY_INVITATION", "startDateStruct": {"date": "2031-02", "type": "ESTIMATED"}},
            ["Status", "Overall status: Enrolling by invitation", "Study start date: 2031-02 (Estimated)"],
            id="codes in words, a date with its kind",
        ),
        pytest.param(
            "protocolSection.statusModule",
            {"overallStatus": "PAUSED", "completionDateStruct": {"type": "ACTUAL"}},
            ["Status", "Overall status: PAUSED", "Study completion date: (Actual)"],
            id="an unknown code, a kind without its date",
        ),
        pytest.param(
            "protocolSection.designModule",
            {"phases": ["PHASE1", "PHASE2"], "enrollmentInfo": {"count": 12, "type": "ACTUAL"}},
            ["Study Design", "Phase: Phase 1; Phase 2", "Enrollment: 12 participants (Actual)"],
            id="a list, a number",
        ),
        pytest.param(
            "protocolSection.eligibilityModule",
            {
                "eligibilityCriteria": "Inclusion:\r\n\r\n* a\n* b\n",
                "minimumAge": "18 Years",
                "healthyVolunteers": False,
            },
            [
                *("Eligibility Criteria", "Inclusion:", "", "* a", "* b", ""),
                *("Minimum age: 18 Years", "Accepts healthy volunteers: No"),
            ],
            id="criteria line by line",
        ),
        pytest.param(
            "protocolSection.armsInterventionsModule.armGroups",
            [{"label": "A", "type": "SHAM_COMPARATOR", "description": "one\ntwo"}, {"label": "B"}],
            ["Study Groups", "Arm: A (Sham comparator)", "Description:", "one", "two", "", "Arm: B"],
            id="arms",
        ),
        pytest.param(
            "protocolSection.contactsLocationsModule.locations",
            [{"city": "Ghent", "country": "Belgium", "status": "COMPLETED", "contacts": [{"name": "C", "phone": "1"}]}],
            ["Locations", "Site: Ghent, Belgium, site status Completed", "Site contact: C, phone 1"],
            id="a site with its contact",
        ),
        pytest.param(
            FLOW,
            {
                "groups": TWO_GROUPS,
                "periods": [
                    {
                        "title": "Run-in",
                        "milestones": [
                            {"type": "STARTED", "achievements": [{"groupId": "G0", "numSubjects": "5"}]},
                            {"type": "Dosed", "achievements": [{"groupId": "G9", "numSubjects": "4", "comment": "x"}]},
                        ],
                        "dropWithdraws": [{"type": "Death", "reasons": [{"groupId": "G1", "numSubjects": "1"}]}],
                    }
                ],
            },
            [
                *("Participant Flow", *SAID_GROUPS, "", "Period: Run-in", "Started – Drug 5 mg: 5"),
                *("Dosed – G9: 4 (x)", "Not completed because of Death – Placebo: 1"),
            ],
            id="flow, an unknown group by its id",
        ),
        pytest.param(
            FLOW,
            {
                "groups": [{"id": "G0", "title": "Drug"}, {"id": "G1", "title": "Drug"}, {"id": "G2"}],
                "periods": [
                    {"milestones": [{"achievements": [{"groupId": f"G{i}", "numSubjects": "7"} for i in range(3)]}]}
                ],
            },
            [
                *("Participant Flow", "Group G0, Drug", "Group G1, Drug", "Group G2", ""),
                "Drug [G0]: 7; Drug [G1]: 7; G2: 7",
            ],
            id="groups of one title are told apart",
        ),
        pytest.param(
            BASELINE,
            {
                "groups": TWO_GROUPS,
                "denoms": [{"units": "Participants", "counts": [{"groupId": "G0", "value": "9"}]}],
                "measures": [
                    {
                        "title": "Race",
                        "paramType": "COUNT_OF_PARTICIPANTS",
                        "unitOfMeasure": "Participants",
                        "classes": [
                            {
                                "title": "Asian",
                                "categories": [
                                    {"measurements": [{"groupId": "G0", "value": "2"}, {"groupId": "G1", "value": "3"}]}
                                ],
                            }
                        ],
                    }
                ],
            },
            [
                *("Baseline Characteristics", *SAID_GROUPS, "Participants analyzed – Drug 5 mg: 9", ""),
                *("Baseline measure: Race", "Reported as: count of participants, Participants"),
                "Race: Asian – Drug 5 mg: 2 of 9 Participants; Placebo: 3 Participants",
            ],
            id="a baseline row, shares of the denominator where there is one",
        ),
        pytest.param(
            EVENTS,
            {
                "eventGroups": TWO_GROUPS,
                "otherEvents": [
                    {
                        "term": "Nausea",
                        "organSystem": "Gut disorders",
                        "stats": [
                            {"groupId": "G0", "numAffected": 9, "numAtRisk": 50, "numEvents": 11},
                            {"groupId": "G1", "numAffected": 0, "numAtRisk": 52},
                        ],
                    }
                ],
            },
            [
                *("Adverse Events", *SAID_GROUPS),
                "Other adverse event: Nausea (Gut disorders) – Drug 5 mg: 9 of 50 (11 events); Placebo: 0 of 52",
            ],
            id="an adverse event",
        ),
        pytest.param(
            "derivedSection.conditionBrowseModule.meshes",
            [{"id": "D1", "term": "Fever"}, {"term": "Chills"}],
            ["Condition Terms", "Condition MeSH terms: Fever (D1); Chills"],
            id="MeSH terms on one line",
        ),
        pytest.param(
            "protocolSection.designModule",
            {
                "newFlag": True,
                "newList": ["a", 1],
                "deepInfo": {"someURL": "u", "rows": [{"x": "one\ntwo"}, {"x": None}]},
            },
            [
                *("Other Fields", "Protocol section, design module, new flag: Yes"),
                *("Protocol section, design module, new list 1: a", "Protocol section, design module, new list 2: 1"),
                *("Protocol section, design module, deep info, some url: u",),
                *("Protocol section, design module, deep info, rows 1, x:", "one", "two"),
            ],
            id="unknown keys are said by their keys",
        ),
        pytest.param(
            "protocolSection.designModule",
            {"phases": "PHASE1", "studyType": ["OBSERVATIONAL", None], "designInfo": [1]},
            [
                *("Study Design", "Study type: Observational", "Phase: Phase 1", ""),
                *("Other Fields", "Protocol section, design module, design info 1: 1"),
            ],
            id="known keys of another type are said too",
        ),
        pytest.param(
            "protocolSection.statusModule", {"whyStopped": " ", "overallStatus": None}, [""], id="nothing to say"
        ),
    ],
)
def test_lines(path: str, value: Any, expected: list[str]) -> None:
    assert lines_of(record_of(path, value)) == expected


def outcome_lines(**outcome: Any) -> list[str]:
    """What is said of an outcome's table, below its header."""
    said = lines_of(record_of(OUTCOMES, [{"groups": TWO_GROUPS} | outcome]))
    return said[said.index("Group G1, Placebo") + 1 :]


def table(*cells: dict[str, str], title: str | None = None, category: str | None = None) -> list[dict[str, Any]]:
    row: dict[str, Any] = {"categories": [{"measurements": list(cells)}]}
    if title:
        row["title"] = title
    if category:
        row["categories"][0]["title"] = category
    return [row]


DENOMS = [{"units": "Participants", "counts": [{"groupId": "G0", "value": "50"}, {"groupId": "G1", "value": "52"}]}]
EYES = {"units": "Eyes", "counts": [{"groupId": "G0", "value": "99"}]}
SAID_DENOMS = "Participants analyzed – Drug 5 mg: 50; Placebo: 52"
MEAN = {"paramType": "MEAN", "dispersionType": "STANDARD_DEVIATION", "unitOfMeasure": "mmol/L"}
SHARE = {"paramType": "COUNT_OF_PARTICIPANTS", "unitOfMeasure": "participants"}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(
            MEAN | {"classes": table({"groupId": "G1", "value": "3.2", "spread": "0.4"}), "denoms": DENOMS},
            [SAID_DENOMS, "Placebo: mean 3.2 (standard deviation 0.4) mmol/L, 52 Participants analyzed"],
            id="a mean with its spread",
        ),
        pytest.param(
            MEAN
            | {"classes": table({"groupId": "G1", "value": "3"}, {"groupId": "G0"}, title="Week 4", category="Men")},
            ["Week 4: Men – Placebo: mean 3 mmol/L", "Week 4: Men – Drug 5 mg: mean no value mmol/L"],
            id="row and category; a cell without a value",
        ),
        pytest.param(
            {
                "paramType": "MEDIAN",
                "dispersionType": "95% Confidence Interval",
                "unitOfMeasure": "months",
                "classes": table(
                    {"groupId": "G0", "value": "8", "lowerLimit": "6", "upperLimit": "9"},
                    {"groupId": "G1", "value": "7", "lowerLimit": "5"},
                    {"groupId": "G2", "value": "NA", "upperLimit": "4", "comment": "few\nevents"},
                ),
            },
            [
                "Drug 5 mg: median 8 (95% Confidence Interval 6 to 9) months",
                "Placebo: median 7 (95% Confidence Interval from 5) months",
                "G2: median NA (95% Confidence Interval up to 4) months (few events)",
            ],
            id="limits, a comment, words of the registry's own",
        ),
        pytest.param(
            SHARE | {"classes": table({"groupId": "G0", "value": "12"}), "denoms": DENOMS},
            [SAID_DENOMS, "Drug 5 mg: 12 of 50 participants"],
            id="a count is a share of the denominator in its unit",
        ),
        pytest.param(
            SHARE | {"paramType": "NUMBER", "classes": table({"groupId": "G0", "value": "12"}), "denoms": DENOMS},
            [SAID_DENOMS, "Drug 5 mg: 12 participants, 50 Participants analyzed"],
            id="a bare number may be anything",
        ),
        pytest.param(
            SHARE | {"classes": table({"groupId": "G0", "value": "12"}), "denoms": [EYES]},
            ["Eyes analyzed – Drug 5 mg: 99", "Drug 5 mg: 12 participants, 99 Eyes analyzed"],
            id="a count is no share of another unit",
        ),
        pytest.param(
            MEAN
            | {
                "denomUnitsSelected": "Eyes",
                "classes": table({"groupId": "G0", "value": "1"}),
                "denoms": [*DENOMS, EYES],
            },
            [SAID_DENOMS, "Eyes analyzed – Drug 5 mg: 99", "Drug 5 mg: mean 1 mmol/L, 99 Eyes analyzed"],
            id="the unit of analysis that was selected",
        ),
        pytest.param(
            MEAN
            | {"denomUnitsSelected": "Lesions", "classes": table({"groupId": "G0", "value": "1"}), "denoms": DENOMS},
            [SAID_DENOMS, "Drug 5 mg: mean 1 mmol/L"],
            id="no denominators in the unit that was selected",
        ),
        pytest.param(
            MEAN | {"denoms": DENOMS, "classes": [{"title": "Day 1", "denoms": [EYES]} | table({"groupId": "G0"})[0]]},
            [
                *(SAID_DENOMS, "Day 1: Eyes analyzed – Drug 5 mg: 99"),
                "Day 1 – Drug 5 mg: mean no value mmol/L, 99 Eyes analyzed",
            ],
            id="a row's own denominators come first",
        ),
        pytest.param(
            MEAN | {"classes": [{"title": "Day 1"}, {"title": "Day 2", "categories": [{"title": "Men"}]}]},
            ["Day 1", "Day 2: Men"],
            id="rows without figures",
        ),
        pytest.param(
            {"analyses": [{"groupIds": ["G0", "G1"], "pValue": "<0.05", "ciPctValue": "95", "ciLowerLimit": "1"}]},
            ["Analysis of Drug 5 mg versus Placebo, p-value <0.05, 95% confidence interval from 1"],
            id="an analysis",
        ),
        pytest.param(
            {
                "analyses": [
                    {"paramType": "Odds Ratio", "ciUpperLimit": "2", "ciNumSides": "ONE_SIDED", "ciPctValue": "90"}
                ]
            },
            ["Analysis, Odds Ratio, 90% confidence interval up to 2 (one-sided)"],
            id="an analysis of no groups",
        ),
    ],
)
def test_result_tables(outcome: dict[str, Any], expected: list[str]) -> None:
    said = [line for line in outcome_lines(**outcome) if not line.startswith("Reported as")]
    assert said == expected


def test_sections_follow_a_registry_page() -> None:
    shown = [s.heading for s in form.layout()]
    lines = lines_of(rich_record())
    at = [lines.index(h) for h in shown]
    assert at == sorted(at)
    assert "Other Fields" not in lines


def test_the_text_is_a_function_of_the_record() -> None:
    assert reading_text(rich_record()) == reading_text(rich_record())


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def unsaid(record: dict[str, Any], text: ReadingText) -> Iterator[str]:
    """Leaves whose lines do not hold their text, their words, or the title of their group."""
    source, values = source_of(text), dict(leaves(record))
    folded = {lines: fold(source.span(*lines)) for lines in set(text.places.values())}
    titles: dict[Any, list[str]] = {}
    for pointer, value in values.items():
        if pointer.endswith("/title"):
            titles.setdefault(values.get(pointer.removesuffix("title") + "id"), []).append(in_words(value))
    for pointer, value in values.items():
        terms = vocabulary_of(pointer) or vocabulary_of(f"{pointer}/0")
        words = [in_words(value), *titles.get(value, [])] + ([terms.word(value)] if terms else [])
        lines = text.places.get(pointer)
        if lines is None or not any(fold(w) in folded[lines] for w in words):
            yield pointer


def check(record: dict[str, Any]) -> None:
    text = reading_text(record)
    assert list(unsaid(record, text)) == []
    assert text.places.keys() == {pointer for pointer, _ in leaves(record)}
    source, last = source_of(text), 0
    assert source.lines == tuple(text.lines or [""])
    for passage in text.passages:
        first, end = passage.lines
        assert last < first <= end <= len(source)
        assert source.span(first, end).strip()
        last = end
    said = {n for first, end in text.places.values() for n in range(first, end + 1) if source.line(n).strip()}
    assert said <= {n for p in text.passages for n in range(p.lines[0], p.lines[1] + 1)}


def test_the_whole_record_is_said() -> None:
    check(rich_record())


def test_one_leaf_that_no_entry_says_is_said_beside_all_that_are() -> None:
    check(rich_record() | {"newField": "x"})


@settings(max_examples=150, deadline=None)
@given(records(wild=True))
@example({})
@example({"": {"": ["", {"": 1}]}})
@example({"protocolSection": {"identificationModule": {"nctId": "\r"}}})
@example({f"k{i}": odd for i, odd in enumerate(ODD)})
def test_any_record_is_said(record: dict[str, Any]) -> None:
    check(record)


def test_the_work_grows_with_the_record() -> None:
    """Twice the record, twice the lines: nothing is said twice, nothing joined with everything."""

    def size(n: int) -> int:
        groups = [{"id": f"G{i}", "title": f"Arm {i}"} for i in range(n)]
        events = [{"term": f"T{i}", "stats": [{"groupId": f"G{i}", "numAffected": 1}]} for i in range(n)]
        return len(reading_text(record_of(EVENTS, {"eventGroups": groups, "otherEvents": events})).text)

    assert size(4000) < 2.2 * size(2000)


@pytest.mark.corpus
def test_every_development_record_is_said(corpus: Path) -> None:
    with gzip.open(corpus / "data" / "ctgov" / "studies-dev.jsonl.gz") as lines:
        for line in lines:
            check(orjson.loads(line))
