"""What wins where rules and model both found something: a row a case."""

from __future__ import annotations

from typing import Any

import pytest

from extract.evidence import Evidence
from extract.extraction import Extraction, Outcome
from extract.model.asks import asks
from extract.model.ground import Accepted, Rejected, Verdict
from extract.model.merge import Found, merge
from extract.study import Study
from tests.extract.model.common import unread

ARMS = "/protocolSection/armsInterventionsModule/armGroups"
TEXT = "one\ntwo\nthree\nfour\nfive\nTea Time Marsh\n"
SOURCE = unread(TEXT).reading.source
ALL = tuple(asks().values())


def accepted(name: str, pointer: str, value: Any, line: int = 1) -> Accepted:
    return Accepted(asks()[name], pointer, value, (line, line), SOURCE.line(line))


def item(number: int, **members: str) -> list[Verdict]:
    """An arm that the model proposes."""
    names = {"label": "armLabels", "type": "armTypes", "interventionNames": "armInterventions"}
    found: list[Verdict] = []
    for member, value in members.items():
        at = f"{ARMS}/{number}/{member}" + ("/0" if member == "interventionNames" else "")
        found.append(accepted(names[member], at, value))
    return found


def by_rules(**arms: dict[str, Any]) -> Extraction:
    """An extraction with these arms."""
    study = {"protocolSection": {"armsInterventionsModule": {"armGroups": list(arms.values())}}} if arms else {}
    extraction = unread(TEXT).extraction
    extraction.study = Study.model_validate(study)
    for n, arm in enumerate(arms.values()):
        for member, value in arm.items():
            places = (
                [f"{ARMS}/{n}/{member}"]
                if isinstance(value, str)
                else [f"{ARMS}/{n}/{member}/{k}" for k in range(len(value))]
            )
            extraction.evidence |= {p: [Evidence(lines=(2, 2), quote="two")] for p in places}
    return extraction


def merged(extraction: Extraction, *replies: list[Verdict]) -> tuple[list[dict[str, Any]], list[str], Extraction]:
    """(arms, findings, extraction) of a merge."""
    found = Found()
    for reply in replies:
        found.add(reply)
    result, findings = merge(extraction, found, SOURCE, ALL)
    study = result.to_json()["study"]
    module = study.get("protocolSection", {}).get("armsInterventionsModule", {})
    return module.get("armGroups", []), [f.message for f in findings], result


TEA = {"label": "Tea", "type": "EXPERIMENTAL"}


def test_items_are_taken_where_the_rules_have_none() -> None:
    arms, findings, result = merged(by_rules(), [*item(0, label="Tea"), *item(1, label="Water", type="EXPERIMENTAL")])
    assert arms == [{"label": "Tea"}, {"label": "Water", "type": "EXPERIMENTAL"}]
    assert findings == []
    assert {e[0].method for p, e in result.evidence.items() if p.startswith(ARMS)} == {"model"}


def test_an_item_without_the_member_that_makes_it_one_is_dropped() -> None:
    arms, _, _ = merged(by_rules(), [*item(0, type="EXPERIMENTAL"), *item(1, label="Tea")])
    assert arms == [{"label": "Tea"}]


def test_items_of_several_parts_add_up_and_the_same_item_is_one() -> None:
    arms, _, _ = merged(by_rules(), item(0, label="Tea"), [*item(0, label="TEA"), *item(1, label="Water")])
    assert arms == [{"label": "Tea"}, {"label": "Water"}]


def test_items_of_the_rules_are_matched_by_name_and_only_their_gaps_filled() -> None:
    rules = by_rules(a={"label": "Tea"}, b={"label": "Water", "type": "EXPERIMENTAL"})
    proposed = [
        *item(0, label="water", type="PLACEBO_COMPARATOR"),
        *item(1, label="Tea", interventionNames="Marsh tea"),
    ]
    arms, findings, result = merged(rules, proposed)
    assert arms == [
        {"label": "Tea", "interventionNames": ["Marsh tea"]},
        {"label": "Water", "type": "EXPERIMENTAL"},
    ]
    assert findings == ['armGroups/1/type: the rules read "EXPERIMENTAL", the model "PLACEBO_COMPARATOR"']
    assert result.evidence[f"{ARMS}/0/interventionNames/0"][0].method == "model"


def test_an_item_more_is_a_disagreement() -> None:
    arms, findings, _ = merged(by_rules(a=TEA), item(0, label="Milk"))
    assert arms == [TEA]
    assert findings == ['armGroups: the rules read nothing of the kind, the model "Milk"']


CASES: list[tuple[Outcome, object, object, str, list[str]]] = [
    ("not_stated", None, 84, "extracted", []),
    ("unreadable", None, 84, "extracted", []),
    ("extracted", 84, 84, "extracted", []),
    ("extracted", 84, 85, "extracted", ['enrollmentInfo/count: the rules read "84", the model "85"']),
    ("not_stated", None, None, "rejected", ["enrollment: the model's value was rejected: made up"]),
    ("unreadable", None, None, "rejected", ["enrollment: the model's value was rejected: made up"]),
    ("extracted", 84, None, "extracted", []),
]


@pytest.mark.parametrize(("outcome", "stated", "proposed", "then", "findings"), CASES)
def test_a_single_value(outcome: Outcome, stated: object, proposed: object, then: str, findings: list[str]) -> None:
    pointer = asks()["enrollment"].pointer
    extraction = by_rules()
    extraction.outcomes[pointer] = outcome
    if stated is not None:
        study = {"protocolSection": {"designModule": {"enrollmentInfo": {"count": stated}}}}
        extraction.study = Study.model_validate(study)
        extraction.evidence[pointer] = [Evidence(lines=(1, 1), quote="one")]
    ask = asks()["enrollment"]
    verdict = Rejected(ask, pointer, "made up") if proposed is None else accepted("enrollment", pointer, proposed)
    found = Found()
    found.add([verdict])
    result, said = merge(extraction, found, SOURCE, [ask])
    assert result.outcomes[pointer] == then
    assert [f.message for f in said] == findings
    assert extraction.findings == []


def test_what_was_not_asked_for_is_not_touched() -> None:
    found = Found()
    found.add([accepted("enrollment", asks()["enrollment"].pointer, 84), *item(0, label="Tea")])
    result, findings = merge(by_rules(), found, SOURCE, [asks()["briefTitle"]])
    assert (result.study, findings) == (Study(), [])
