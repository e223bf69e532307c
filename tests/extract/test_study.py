"""A record comes back from the models as it went in, and a record that breaks its shape is refused with the place."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from extract.study import Study, study_of
from extract.study.study import Sections
from tests.extract.records import alike, records, rich_record, small_record
from trialcite.errors import MalformedRecord


def round_trip(record: dict[str, Any]) -> dict[str, Any]:
    return Study.model_validate(record).root


def untyped(model: BaseModel, at: str = "") -> list[str]:
    """Where the models hold keys that no field of theirs stands for."""
    found = [f"{at}.{key}" for key in model.__pydantic_extra__ or {}]
    for name, value in model.__dict__.items():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, BaseModel):
                found += untyped(inner, f"{at}.{name}")
    return found


def test_every_module_comes_back() -> None:
    assert alike(round_trip(rich_record()), rich_record())


def test_every_key_of_the_public_schema_is_typed() -> None:
    assert untyped(Sections.model_validate(rich_record())) == []


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"protocolSection": None, "relatedTrials": None}, id="null is not absent"),
        pytest.param({"protocolSection": {"statusModule": {}, "conditionsModule": {"conditions": []}}}, id="empty"),
        pytest.param({"newSection": {"deep": [1, {"x": None}]}}, id="an unknown section"),
        pytest.param(small_record(newField=[1, 1.0, True, "1"]), id="an unknown field, its types kept"),
        pytest.param(small_record(brief_title="snake", briefTitle="camel"), id="our own spelling is just a key"),
        pytest.param({"protocolSection": {"model_dump": 1, "copy": 2, "schema": 3}}, id="keys named like methods"),
        pytest.param(
            {"derivedSection": {"miscInfoModule": {"modelPredictions": {"bmiLimits": {"minBmi": 18}}}}}, id="1"
        ),
        pytest.param(
            {"derivedSection": {"miscInfoModule": {"modelPredictions": {"bmiLimits": {"minBmi": 18.0}}}}}, id="1.0"
        ),
    ],
)
def test_what_goes_in_comes_out(record: dict[str, Any]) -> None:
    assert alike(round_trip(record), record)


@settings(max_examples=60, deadline=None)
@given(records(wild=False))
def test_any_part_of_a_record_comes_back(record: dict[str, Any]) -> None:
    assert alike(round_trip(record), record)


@pytest.mark.parametrize(
    ("protocol", "place"),
    [
        ({"designModule": {"enrollmentInfo": {"count": "12"}}}, "protocolSection.designModule.enrollmentInfo.count:"),
        ({"designModule": {"phases": "PHASE1"}}, "protocolSection.designModule.phases:"),
        ({"conditionsModule": {"conditions": ["a", 2]}}, "protocolSection.conditionsModule.conditions.1:"),
        ({"eligibilityModule": {"healthyVolunteers": "No"}}, "protocolSection.eligibilityModule.healthyVolunteers:"),
        ({"statusModule": "COMPLETED"}, "protocolSection.statusModule:"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_place(protocol: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedRecord) as caught:
        study_of({"protocolSection": protocol}, where="trial.json")
    assert caught.value.where == "trial.json"
    assert place in caught.value.message


def test_values_have_python_names() -> None:
    study = study_of(rich_record(), where="-")
    assert study.nct_id == "NCT99000001"
    assert study.protocol_section is not None
    sponsors = study.protocol_section.sponsor_collaborators_module
    assert sponsors is not None
    assert sponsors.lead_sponsor is not None
    assert sponsors.lead_sponsor.class_ == "INDUSTRY"


@pytest.mark.parametrize("record", [{}, {"protocolSection": {}}, {"protocolSection": {"identificationModule": {}}}])
def test_a_study_may_lack_its_number(record: dict[str, Any]) -> None:
    assert Study.model_validate(record).nct_id is None


@pytest.mark.corpus
def test_every_development_record_comes_back(corpus: Path) -> None:
    with gzip.open(corpus / "data" / "ctgov" / "studies-dev.jsonl.gz") as lines:
        different = [n for n, line in enumerate(lines, 1) if not alike(round_trip(r := orjson.loads(line)), r)]
    assert different == []
