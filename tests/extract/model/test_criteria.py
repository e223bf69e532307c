"""Bounds and topics that a model reads in criteria: a row a wording that the rules leave, and a row a lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.constraints import Bound, Constraint
from extract.criteria.topics import vocabulary
from extract.extraction import Criterion
from extract.extractor import Extracted
from extract.model.bounds import CitedBound, CriteriaFound, Unproven, constraint_of
from tests.extract.model.common import cite, completed, extracted_of
from tests.prompts.stub import Answer, Received, Script, gives


def read(text: str, quote: str, **cited: Any) -> Constraint:
    """The constraint that a proposal makes of a criterion."""
    criterion = Criterion(id="inclusion-1", kind="inclusion", text=text, lines=(1, 1))
    return constraint_of(CitedBound(first_line=1, last_line=1, quote=quote, **cited), quote, criterion)


def bounds(constraint: Constraint) -> tuple[float | None, float | None]:
    """The numbers of a constraint's bounds."""
    lower, upper = constraint.lower, constraint.upper
    return (lower.value if lower else None, upper.value if upper else None)


READ: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "Platelets equal or greater to 100 x 10^9/L",
        "Platelets equal or greater to 100 x 10^9/L",
        {"kind": "measurement", "measure": "Platelets", "lower": 100},
        {"variable": "platelets", "lower": Bound(value=100, inclusive=True), "ucum": "10*9/L", "label": "Platelets"},
    ),
    (
        "Sleeps less than 5 hours a night",
        "less than 5 hours",
        {"kind": "duration", "measure": "Sleeps", "upper": 5},
        {"variable": None, "upper": Bound(value=5, inclusive=False), "unit": "hours", "label": "Sleeps"},
    ),
    (
        "ECOG of 0 or 1",
        "ECOG of 0 or 1",
        {"kind": "score", "measure": "ECOG", "values": ["0", "1"]},
        {"variable": "ecog", "values": ("0", "1")},
    ),
    (
        "A nerve block within the 4 weeks before testing",
        "within the 4 weeks before testing",
        {"kind": "window", "measure": "nerve block", "upper": 4, "anchor": "testing", "direction": "before"},
        {"upper": Bound(value=4, inclusive=True), "anchor": "testing", "direction": "before", "ucum": "wk"},
    ),
    (
        "BMI between 20 and 30 (in women)",
        "BMI between 20 and 30",
        {"kind": "measurement", "measure": "BMI", "lower": 20, "upper": 30, "condition": "in women"},
        {"variable": "bmi", "condition": "in women"},
    ),
    (
        "Hemoglobin above 10 g/dL, except with iron",
        "Hemoglobin above 10 g/dL",
        {"kind": "measurement", "measure": "hemoglobin", "lower": 10, "excepted": True},
        {"excepted": True, "label": "Hemoglobin"},
    ),
]


@pytest.mark.parametrize(("text", "quote", "cited", "made"), READ)
def test_a_bound_is_tied_together_from_the_words(
    text: str, quote: str, cited: dict[str, Any], made: dict[str, Any]
) -> None:
    constraint = read(text, quote, **cited)
    assert {k: getattr(constraint, k) for k in made} == made
    assert text[slice(*constraint.chars)] == constraint.quote == quote


TEXT = "Platelets at least 100 x 10^9/L and bilirubin no more than 2 mg/dL in men"
REFUSED: dict[str, dict[str, Any]] = {
    "another number": {"kind": "measurement", "measure": "Platelets", "lower": 75},
    "a number of the unit": {"kind": "measurement", "measure": "Platelets", "lower": 9},
    "another measure": {"kind": "measurement", "measure": "albumin", "lower": 100},
    "the other side": {"kind": "measurement", "measure": "Platelets", "upper": 100, "cut": "Platelets at least 100"},
    "no bound": {"kind": "measurement", "measure": "Platelets"},
    "grades that are not there": {"kind": "score", "measure": "Platelets", "values": ["III"]},
    "empty grades": {"kind": "score", "measure": "Platelets", "values": ["", " "]},
    "a condition of its own": {"kind": "measurement", "measure": "Platelets", "lower": 100, "condition": "if well"},
    "an anchor of its own": {"kind": "window", "measure": "Platelets", "lower": 100, "anchor": "consent"},
    "another sex": {"kind": "measurement", "measure": "bilirubin", "upper": 2, "sex": "female"},
    "an exception of its own": {"kind": "measurement", "measure": "Platelets", "lower": 100, "excepted": True},
    "bounds the wrong way round": {"kind": "measurement", "measure": "Platelets", "lower": 100, "upper": 2},
    "words that are not there": {
        "kind": "measurement",
        "measure": "Platelets",
        "lower": 100,
        "cut": "Platelets of 100",
    },
}


@pytest.mark.parametrize("cited", REFUSED.values(), ids=REFUSED.keys())
def test_a_bound_that_the_words_do_not_make_is_refused(cited: dict[str, Any]) -> None:
    quote = str(cited.get("cut", TEXT))
    with pytest.raises(Unproven):
        read(TEXT, quote, **{k: v for k, v in cited.items() if k != "cut"})


def test_an_impossible_value_is_refused() -> None:
    with pytest.raises(Unproven, match="no such values"):
        read(
            "Hemoglobin above 900 g/dL",
            "Hemoglobin above 900 g/dL",
            kind="measurement",
            measure="Hemoglobin",
            lower=900,
        )


@given(st.text(min_size=1), st.text(max_size=40), st.floats(allow_nan=False) | st.none(), st.floats() | st.none())
def test_whatever_is_proposed_is_tied_or_refused(
    text: str, measure: str, lower: float | None, upper: float | None
) -> None:
    try:
        made = read(text, text, kind="measurement", measure=measure, lower=lower, upper=upper)
    except Unproven:
        return
    assert made.quote == text
    assert set(bounds(made)) <= {lower, upper, None}


RECORD = """\
A trial of marsh tea

Inclusion criteria
1. Aged 20 to 60 years
2. Platelets equal or greater to 100 x 10^9/L
3. Keeps a quiet house

Exclusion criteria
1. Sings at night, more than 3 songs
"""


def with_criteria() -> Extracted:
    item = extracted_of(RECORD)
    assert [c.id for c in item.extraction.criteria] == ["inclusion-1", "inclusion-2", "inclusion-3", "exclusion-1"]
    bare = [replace(c, constraints=c.constraints * (c.id == "inclusion-1")) for c in item.extraction.criteria]
    return Extracted(item.reading, item.extraction.model_copy(update={"criteria": bare}))


def answering(reply: dict[str, Any]) -> Script:
    """Answers requests about criteria."""

    def script(received: Received) -> Answer:
        about = "bounds" in received.body["response_format"]["json_schema"]["schema"]["properties"]
        return gives(reply if about else {}, received)

    return script


PLATELETS = cite(RECORD, "Platelets equal or greater to 100 x 10^9/L") | {
    "kind": "measurement",
    "measure": "Platelets",
    "lower": 100,
}
LIE = cite(RECORD, "Sings at night") | {"kind": "count", "measure": "songs", "upper": 40}


def test_criteria_without_constraints_are_asked_for_and_filled() -> None:
    topic = cite(RECORD, "Keeps a quiet house") | {"topic": "logistics"}
    done, stub = completed(with_criteria(), answering({"bounds": [PLATELETS, LIE], "topics": [topic]}))
    one, two, three, four = done.extraction.criteria
    assert len(one.constraints) == 1
    assert [(c.variable, bounds(c)) for c in two.constraints] == [("platelets", (100, None))]
    assert four.constraints == []
    assert three.topics in ([], ["logistics"])  # asked for where the criterion has a number or a topic
    asked = "\n".join(r.text for r in stub.calls if "eligibility criteria" in r.text)
    assert "5| 2. Platelets" in asked
    assert "4| 1. Aged" not in asked
    found = [f for f in done.extraction.findings if f.code == "model-read-criterion"]
    assert [(f.message.partition(":")[0], f.evidence[0].lines, f.evidence[0].method) for f in found] == [
        ("inclusion-2", (5, 5), "model")
    ]


@pytest.mark.parametrize("lower", [20.0, 21.0])
def test_where_the_rules_read_bounds_they_stand_and_others_are_listed(lower: float) -> None:
    read_by_model = cite(RECORD, "Aged 20 to 60 years") | {"kind": "age", "measure": "Aged", "lower": 20, "upper": 60}
    item = with_criteria()
    (by_rules,) = item.extraction.criteria[0].constraints
    assert by_rules.lower
    changed = replace(by_rules, lower=replace(by_rules.lower, value=lower))
    item.extraction.criteria[0].constraints = [changed]
    done, _ = completed(item, answering({"bounds": [read_by_model]}), "full")
    assert done.extraction.criteria[0].constraints == [changed]
    assert any(f.code == "model-disagrees" for f in done.extraction.findings) is (lower != 20)


def test_a_topic_is_one_of_the_vocabulary() -> None:
    schema = CriteriaFound.model_json_schema()
    assert schema["$defs"]["CitedTopic"]["properties"]["topic"]["enum"] == list(vocabulary())
    done, _ = completed(with_criteria(), answering({"topics": [cite(RECORD, "Sings at night") | {"topic": "singing"}]}))
    assert all("singing" not in c.topics for c in done.extraction.criteria)
