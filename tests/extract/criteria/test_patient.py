"""A described patient, from JSON and from words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.patient import Patient, from_json, from_words
from trialcite.errors import UsageError


def said(text: str) -> dict[str, Any]:
    return from_words(text).model_dump(exclude_defaults=True)


def facts(text: str) -> list[tuple[str, float | str, str | None]]:
    return [(fact.measure, fact.value, fact.unit) for fact in from_words(text).facts]


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("72-year-old woman", "72 years", "female"),
        ("72 y/o M", "72 years", "male"),
        ("man aged 45", "45 years", "male"),
        ("6-month-old boy", "6 months", "male"),
        ("age: 17, female", "17 years", "female"),
        ("girl, 1 year old", "1 year", "female"),
        ("eGFR 48", None, None),
    ],
)
def test_age_and_sex(text: str, age: str | None, sex: str | None) -> None:
    patient = from_words(text)
    assert (str(patient.age) if patient.age else None, patient.sex) == (age, sex)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HbA1c 11 %", [("hba1c", 11.0, "%")]),
        ("HbA1c of 8.2%", [("hba1c", 8.2, "%")]),
        ("HbA1c = 64 mmol/mol", [("hba1c", 64.0, "mmol/mol")]),
        ("eGFR 48", [("egfr", 48.0, None)]),
        ("BP 150/95", [("sbp", 150.0, "mm[Hg]"), ("dbp", 95.0, "mm[Hg]")]),
        ("platelets 90 x 10^9/L", [("platelets", 90.0, "10*9/L")]),
        ("platelets 90000/mm3", [("platelets", 90000.0, "/mm3")]),
        ("ANC 1500 mm3", [("anc", 1500.0, "/mm3")]),
        ("ALT 3 x ULN", [("alt", 3.0, "{ULN}")]),
        ("ECOG 1, NYHA class III", [("ecog", "1", None), ("nyha", "III", None)]),
        ("Child-Pugh B", [("child_pugh", "B", None)]),
        ("FEV1 45 %", [("fev1_percent_predicted", 45.0, "%")]),
        ("2 prior lines of therapy", [("prior_lines", 2.0, "{lines}")]),
        ("life expectancy 6 months", [("life_expectancy", 6.0, "mo")]),
        ("weight 80 kg and height 1.8 m", [("weight", 80.0, "kg"), ("height", 1.8, "m")]),
    ],
)
def test_facts(text: str, expected: list[tuple[str, float | str, str | None]]) -> None:
    assert facts(text) == expected


def test_the_laboratorys_limit_goes_with_its_value() -> None:
    (fact,) = from_words("ALT 90 U/L (ULN 40)").facts
    assert (fact.value, fact.unit, fact.upper_limit) == (90, "U/L", 40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type 2 diabetes", {"conditions": ({"name": "type 2 diabetes"},)}),
        ("with a history of stroke", {"conditions": ({"name": "stroke"},)}),
        ("metformin only", {"conditions": ({"name": "metformin"},)}),
        (
            "on metformin for 3 months",
            {"medications": ({"name": "metformin", "lasting": {"value": 3.0, "unit": "mo"}},)},
        ),
        ("insulin for 2 years", {"conditions": ({"name": "insulin", "lasting": {"value": 2.0}},)}),
        ("stroke 3 months ago", {"conditions": ({"name": "stroke", "ago": {"value": 3.0, "unit": "mo"}},)}),
        ("no insulin", {"absent": ("insulin",)}),
        ("without heart failure", {"absent": ("heart failure",)}),
        ("not pregnant", {"pregnant": False}),
        ("pregnant woman", {"pregnant": True, "sex": "female"}),
        ("breastfeeding", {"breastfeeding": True}),
        ("healthy volunteer", {"healthy": True}),
        ("", {}),
    ],
)
def test_names_and_states(text: str, expected: dict[str, Any]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("HbA1c > 9", "compared, not given"),
        ("HbA1c 110 %", "cannot be 110 %"),
        ("HbA1c 8 kg", "not given in kg"),
        ("5", "a number of what"),
        ("3 months", "of what"),
        ("NYHA 7", "has no grade"),
        ("HbA1c 8 %, HbA1c 9 %", "given twice"),
        ("man, woman", "given twice"),
        ("pregnant man", "cannot be pregnant"),
        ("200-year-old", "nobody is 200 years old"),
        ("glucose 120/80", "two values"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_words(text)


def test_json_says_the_same_as_words() -> None:
    text = """{"age": 72, "sex": "female", "facts": [{"measure": "HbA1c", "value": 11, "unit": "percent"},
               {"measure": "nyha", "value": "III"}], "conditions": ["type 2 diabetes"],
               "medications": [{"name": "metformin", "lasting": {"value": 3, "unit": "mo"}}], "absent": ["insulin"]}"""
    words = "72-year-old woman, HbA1c 11 %, NYHA III, type 2 diabetes, on metformin for 3 months, no insulin"
    assert from_json(text) == from_words(words)
    assert from_json(from_words(words).model_dump_json()) == from_words(words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"agee": 3}', "agee"),
        ('{"facts": [{"measure": "no such thing", "value": 1}]}', "no measure of the table"),
        ('{"facts": [{"measure": "hba1c", "value": 8, "unit": "furlongs"}]}', "no unit that we know"),
        ('{"facts": [{"measure": "hba1c", "value": "high"}]}', "is a number"),
        ('{"age": {"value": -1}}', "age.value"),
        ('{"age": true}', "age"),
        ("not json", "JSON"),
    ],
)
def test_json_out_of_shape_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_json(text)


@given(st.text(alphabet="abHA1c 23.,%/()-≥mgdLyear old;no", max_size=60))
def test_any_words_give_a_patient_or_a_refusal(text: str) -> None:
    try:
        read: Patient | UsageError = from_words(text)
    except UsageError as refused:
        read = refused
    assert isinstance(read, Patient) or str(read)
