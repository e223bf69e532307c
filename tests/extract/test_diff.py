"""What a comparison finds, and what it does not count as a difference."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.diff import Comparison, Version, diff
from extract.extractor import extract
from extract.readers import readings, readings_of_text
from extract.reading import Reading
from tests.extract.records import CRITERIA, PROTOCOL

Change = Callable[[dict[str, Any]], object]


def version(source: str | Path) -> Version:
    (reading,) = readings(source) if isinstance(source, Path) else readings_of_text(source)
    assert isinstance(reading, Reading), reading
    return Version(reading, extract(reading))


def compared(change: Change) -> Comparison:
    newer = deepcopy(PROTOCOL)
    change(newer)
    older, newer_text = (orjson.dumps({"protocolSection": p}).decode() for p in (PROTOCOL, newer))
    return diff(version(older), version(newer_text))


def module(name: str, **values: Any) -> Change:
    return lambda protocol: protocol[name].update(values)


def reordered(protocol: dict[str, Any]) -> None:
    protocol["conditionsModule"]["conditions"].reverse()
    protocol["armsInterventionsModule"]["armGroups"].reverse()
    protocol["contactsLocationsModule"]["locations"].reverse()


@pytest.mark.parametrize(
    "change",
    [
        lambda protocol: None,
        reordered,
        module("descriptionModule", detailedDescription="One  paragraph\nonly."),
        module("eligibilityModule", eligibilityCriteria=CRITERIA.replace("\\<", "<").replace("* ", "- ")),
    ],
    ids=["nothing", "order", "white space", "Markdown"],
)
def test_what_is_no_difference(change: Change) -> None:
    comparison = compared(change)
    assert comparison.same, comparison.fields + comparison.criteria
    assert comparison.equal > 100


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            module("statusModule", overallStatus="COMPLETED"),
            ("changed", "/protocolSection/statusModule/overallStatus", "TERMINATED", "COMPLETED"),
        ),
        (
            lambda p: p["statusModule"].pop("whyStopped"),
            ("removed", "/protocolSection/statusModule/whyStopped", "Slow enrollment", None),
        ),
        (
            lambda p: p["conditionsModule"]["conditions"].insert(0, "Gout"),
            ("added", "/protocolSection/conditionsModule/conditions/*", None, "Gout"),
        ),
        (
            lambda p: p["sponsorCollaboratorsModule"]["collaborators"][1].update({"class": "OTHER"}),
            ("changed", "/protocolSection/sponsorCollaboratorsModule/collaborators/*/class", "NIH", "OTHER"),
        ),
    ],
)
def test_a_field_that_differs(change: Change, expected: tuple[Any, ...]) -> None:
    (found,) = compared(change).fields
    sides = [side and side.value for side in (found.a, found.b)]
    assert (found.change, found.field, *sides) == expected
    assert all(side.lines for side in (found.a, found.b) if side)


def test_an_item_that_comes_or_goes_is_one_difference() -> None:
    comparison = compared(lambda p: p["armsInterventionsModule"]["armGroups"].pop(0))
    (found,) = comparison.fields
    assert (found.change, found.field) == ("removed", "/protocolSection/armsInterventionsModule/armGroups/*")
    assert found.a
    assert found.a.value["label"] == "Solvarin"


def test_criteria_are_found_again() -> None:
    newer = CRITERIA.replace("10.5%", "11%").replace("* Type 2 diabetes for at least 6 months\n", "")
    newer += "\n3. Pregnancy"
    comparison = compared(module("eligibilityModule", eligibilityCriteria=newer))
    said = [(c.change, c.a and c.a.text, c.b and c.b.text) for c in comparison.criteria]
    assert sorted(said, key=str) == [
        ("added", None, "Pregnancy"),
        ("changed", "HbA1c 7.0% to 10.5% at screening", "HbA1c 7.0% to 11% at screening"),
        ("removed", "Type 2 diabetes for at least 6 months", None),
    ]
    assert not comparison.fields


def test_a_criterion_that_goes_to_the_other_kind_is_changed() -> None:
    older = "Inclusion Criteria:\n\n* Adults\n* Diabetes\n\nExclusion Criteria:\n\n* Pregnancy"
    newer = "Inclusion Criteria:\n\n* Adults\n\nExclusion Criteria:\n\n* Diabetes\n* Pregnancy"
    texts = (
        orjson.dumps(
            {
                "protocolSection": {
                    "identificationModule": {"nctId": "NCT99000001"},
                    "eligibilityModule": {"eligibilityCriteria": t},
                }
            }
        ).decode()
        for t in (older, newer)
    )
    (found,) = diff(*map(version, texts)).criteria
    assert found.a
    assert found.b
    assert (found.change, found.a.id, found.b.id) == ("changed", "inclusion-2", "exclusion-1")


def test_two_formats_are_compared_in_what_both_can_say(examples: Path) -> None:
    page = version(examples / "NCT99000001.txt")
    record = {"protocolSection": orjson.loads(orjson.dumps(page.extraction.to_json()["study"]["protocolSection"]))}
    record["protocolSection"]["statusModule"] |= {"studyFirstSubmitDate": "2031-01-01", "overallStatus": "WITHDRAWN"}
    comparison = diff(page, version(orjson.dumps(record).decode()))
    assert [f.field for f in comparison.fields] == ["/protocolSection/statusModule/overallStatus"]
    assert not comparison.criteria
