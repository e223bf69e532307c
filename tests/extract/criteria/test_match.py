"""A patient against constraints, criteria and studies: decided only when certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.criteria import parse
from extract.criteria.evaluate import evaluate
from extract.criteria.judge import Kind, decide
from extract.criteria.match import Match, match
from extract.criteria.patient import from_words
from extract.criteria.topics import topics
from extract.document import Document
from extract.evidence import Evidence
from extract.extraction import Criterion, Extraction
from extract.extractor import extract_paths
from extract.study import Study
from trialcite.errors import InputError


def status(text: str, kind: Kind, patient: str) -> str:
    return decide(text, kind, parse(text), from_words(patient)).status


@pytest.mark.parametrize(
    ("text", "patient", "truth"),
    [
        ("HbA1c 7-10 %", "HbA1c 8 %", True),
        ("HbA1c 7-10 %", "HbA1c 11 %", False),
        ("HbA1c 7-10 %", "eGFR 60", None),
        ("HbA1c ≤ 10 %", "HbA1c 70 mmol/mol", True),
        ("HbA1c ≤ 10 %", "HbA1c 100 mmol/mol", False),
        # 86 mmol/mol is 10.0 %: the units' own rounding leaves it open.
        ("HbA1c ≤ 10 %", "HbA1c 86 mmol/mol", None),
        ("fasting glucose ≥ 7.0 mmol/L", "fasting glucose 126 mg/dL", None),
        ("fasting glucose ≥ 7.0 mmol/L", "fasting glucose 130 mg/dL", True),
        ("fasting glucose ≥ 7.0 mmol/L", "glucose 130 mg/dL", None),
        ("creatinine ≤ 1.5 mg/dL", "creatinine 90 µmol/L", True),
        # Without a unit, only what no other unit makes possible.
        ("creatinine ≤ 1.5 mg/dL", "creatinine 1.1", True),
        ("hemoglobin ≥ 9 g/dL", "hemoglobin 12", None),
        # Where neither has a unit, both have the one in which both are possible.
        ("HbA1c > 12.0", "HbA1c 11.5", False),
        ("platelets ≥ 100,000", "platelets 150", True),
        # No living patient has 8.5 mg/dL: the record means g/dL.
        ("hemoglobin < 8.5 mg/dL", "hemoglobin 8.1 g/dL", True),
        ("hemoglobin < 8.5 mg/dL", "hemoglobin 9.4 g/dL", False),
        ("platelets ≥ 100,000/mm3", "platelets 150", True),
        ("eGFR < 30 mL/min", "eGFR 20", True),
        ("ALT ≤ 2.5 x ULN", "ALT 3 x ULN", False),
        ("ALT ≤ 2.5 x ULN", "ALT 90 U/L (ULN 40)", True),
        ("ALT ≤ 2.5 x ULN", "ALT 90 U/L", None),
        ("ECOG 0-1", "ECOG 1", True),
        ("ECOG 0-1", "ECOG 2", False),
        ("NYHA class III or IV", "NYHA III", True),
        ("NYHA class III or IV", "NYHA 3", True),
        ("NYHA class III or IV", "NYHA II", False),
        ("aged 18 years or older", "17-year-old", False),
        ("aged 18 to 65 years", "65-year-old", True),
        ("younger than 65 years of age", "65-year-old", False),
        # Who is 1 year old may be 12 months or 23.
        ("aged 18 months or older", "1-year-old", None),
        ("aged 12 months or older", "1-year-old", True),
        ("aged 24 months or older", "1-year-old", False),
        ("life expectancy of at least 3 months", "life expectancy 2 years", True),
        # Months have 28 to 31 days.
        ("life expectancy of at least 90 days", "life expectancy 3 months", None),
        ("insulin for more than 6 months", "insulin for 2 years", True),
        ("insulin for more than 6 months", "insulin for 3 months", False),
        ("insulin for more than 6 months", "no insulin", False),
        ("insulin for more than 6 months", "insulin", None),
        ("a stroke within the past 6 months", "stroke 3 months ago", True),
        ("a stroke within the past 6 months", "stroke 2 years ago", False),
        ("systolic blood pressure > 160 mmHg", "BP 170/95", True),
    ],
)
def test_a_constraint(text: str, patient: str, truth: bool | None) -> None:
    (constraint,) = parse(text)
    answer = evaluate(constraint, from_words(patient))
    assert answer.truth is truth
    assert answer.reason
    assert (answer.ask is None) == (truth is not None)


@pytest.mark.parametrize(
    ("text", "patient", "expected"),
    [
        ("HbA1c 7-10 % at screening", "HbA1c 8 %", "met"),
        ("HbA1c 7-10 % at screening", "HbA1c 11 %", "violated"),
        ("HbA1c 7-10 % at screening", "BMI 27", "unknown"),
        # What is asked besides stays unknown, what fails decides.
        ("Type 2 diabetes with HbA1c 7-10 %", "HbA1c 8 %", "unknown"),
        ("Type 2 diabetes with HbA1c 7-10 %", "HbA1c 11 %", "violated"),
        ("Adults aged 18-65 years able to give consent", "72-year-old", "violated"),
        ("HbA1c ≥ 7.5 % or time in range < 70 %", "HbA1c 8 %", "met"),
        ("HbA1c ≥ 7.5 % or time in range < 70 %", "HbA1c 7 %", "unknown"),
        ("HbA1c ≥ 7.5 % or time in range < 70 %", "HbA1c 7 %, time in range 80 %", "violated"),
        ("HbA1c > 9 % or on insulin", "HbA1c 8 %", "unknown"),
        ("AST and ALT ≤ 2.5 x ULN", "AST 3 x ULN", "violated"),
        ("AST and ALT ≤ 2.5 x ULN", "AST 1 x ULN", "unknown"),
        ("AST or ALT ≤ 2.5 x ULN", "AST 3 x ULN", "unknown"),
        ("AST and ALT ≤ 2.5 x ULN (≤ 5 x ULN if liver metastases)", "AST 3 x ULN, ALT 3 x ULN", "unknown"),
        ("AST and ALT ≤ 2.5 x ULN (≤ 5 x ULN if liver metastases)", "AST 3 x ULN, no liver metastases", "violated"),
        ("AST and ALT ≤ 2.5 x ULN (≤ 5 x ULN if liver metastases)", "AST 6 x ULN, liver metastases", "violated"),
        ("Creatinine ≤ 1.5 mg/dL for males and ≤ 1.3 mg/dL for females", "man, creatinine 1.4 mg/dL", "met"),
        ("Creatinine ≤ 1.5 mg/dL for males and ≤ 1.3 mg/dL for females", "woman, creatinine 1.4 mg/dL", "violated"),
        ("Creatinine ≤ 1.5 mg/dL for males and ≤ 1.3 mg/dL for females", "creatinine 1.4 mg/dL", "unknown"),
        # A definition, an example or an aside is not asked of everyone.
        ("Type 2 diabetes (HbA1c ≥ 6.5 %)", "HbA1c 6 %", "unknown"),
        ("Severe hypoglycemia, defined as glucose < 54 mg/dL", "glucose 100 mg/dL", "unknown"),
        ("Women (if aged 60 years or older, see the protocol)", "woman, 40 years old", "unknown"),
        ("HbA1c ≥ 7 % unless on insulin", "HbA1c 6 %", "unknown"),
        ("HbA1c ≥ 7 %, with the following exception:", "HbA1c 6 %", "unknown"),
        ("Cohort B: HbA1c ≥ 7 %", "HbA1c 6 %", "unknown"),
        ("An ulcer that lasted less than 1 year", "72-year-old", "unknown"),
        ("Women aged 18-50 years", "woman, 30 years old", "met"),
        ("Women aged 18-50 years", "woman, 60 years old", "violated"),
        ("Women aged 18-50 years", "man, 30 years old", "unknown"),
        ("Women aged 18-50 years", "man, 60 years old", "unknown"),
        ("Women aged 18-50 years", "30 years old", "unknown"),
        ("Men and women aged 18-50 years", "man, 30 years old", "met"),
        ("Diagnosed with type 2 diabetes", "type 2 diabetes", "met"),
        ("Diagnosed with type 2 diabetes", "asthma", "unknown"),
        ("Type 2 diabetes on metformin", "type 2 diabetes", "unknown"),
    ],
)
def test_an_inclusion(text: str, patient: str, expected: str) -> None:
    assert status(text, "inclusion", patient) == expected


@pytest.mark.parametrize(
    ("text", "patient", "expected"),
    [
        ("BMI > 35 kg/m2", "BMI 36", "violated"),
        ("BMI > 35 kg/m2", "BMI 30", "met"),
        ("BMI > 35 kg/m2", "age 40", "unknown"),
        ("Men over 40 years of age", "man, 50 years old", "violated"),
        ("Men over 40 years of age", "woman, 50 years old", "unknown"),
        ("Men over 40 years of age", "woman, 30 years old", "met"),
        ("Severe renal impairment (eGFR < 30 mL/min)", "eGFR 20", "violated"),
        ("Severe renal impairment (eGFR < 30 mL/min)", "eGFR 60", "met"),
        ("Hypertension defined as systolic pressure > 160 mmHg", "BP 170/90", "violated"),
        ("Heart failure with LVEF < 40 %", "LVEF 60 %", "met"),
        ("Heart failure with LVEF < 40 %", "LVEF 30 %", "unknown"),
        ("NYHA class III or IV heart failure", "NYHA III", "violated"),
        ("ALT or AST > 3 x ULN", "ALT 4 x ULN", "violated"),
        ("ALT and AST > 3 x ULN", "ALT 4 x ULN", "unknown"),
        ("ALT and AST > 3 x ULN", "ALT 4 x ULN, AST 4 x ULN", "violated"),
        ("Organ dysfunction such as ALT > 3 x ULN, and creatinine > 2 mg/dL", "creatinine 3 mg/dL", "violated"),
        (
            "Any disorder (e.g., ALT > 3 x ULN) that in the opinion of the investigator matters",
            "ALT 4 x ULN",
            "unknown",
        ),
        ("Epileptic seizures (over 18 years old)", "67-year-old", "unknown"),
        ("I. heart disease II. anemia (hemoglobin < 7 g/dL)", "hemoglobin 13 g/dL", "unknown"),
        ("HIV, tuberculosis, LVEF < 40 %", "LVEF 60 %", "unknown"),
        ("Bilirubin must not exceed 2 mg/dL", "bilirubin 3 mg/dL", "unknown"),
        ("Pregnant or breastfeeding women", "pregnant", "violated"),
        ("Pregnant or breastfeeding women", "man", "met"),
        ("Pregnant or breastfeeding women", "woman, not pregnant", "unknown"),
        ("Pregnant or breastfeeding women", "not pregnant, not breastfeeding", "met"),
        ("Positive for HIV, hepatitis B or syphilis", "HIV", "violated"),
        ("Uncontrolled diabetes or hypertension", "hypertension", "unknown"),
        ("Hypertension, untreated or uncontrolled", "hypertension", "unknown"),
        ("No history of asthma", "asthma", "unknown"),
        ("Asthma", "no asthma", "met"),
        ("Severe or unstable asthma", "no asthma", "unknown"),
    ],
)
def test_an_exclusion(text: str, patient: str, expected: str) -> None:
    assert status(text, "exclusion", patient) == expected


def study(*criteria: Criterion, **fields: object) -> Extraction:
    module = {"minimumAge": "18 Years", "maximumAge": "70 Years", "sex": "ALL", "healthyVolunteers": False} | fields
    evidence = {
        f"/protocolSection/eligibilityModule/{name}": [Evidence(lines=(line, line), quote=str(module[name]))]
        for line, name in enumerate(("minimumAge", "maximumAge", "sex", "healthyVolunteers"), start=90)
    }
    return Extraction(
        document=Document(id="NCT99000001", path="x", format="page-text", sha256="0" * 64, lines=100),
        study=Study.model_validate({"protocolSection": {"eligibilityModule": module}}),
        evidence=evidence,
        criteria=list(criteria),
    )


def criterion(id_: str, text: str, line: int, **fields: str) -> Criterion:
    kind: Kind = "inclusion" if id_.startswith("inclusion") else "exclusion"
    return Criterion(
        id=id_, kind=kind, text=text, lines=(line, line), constraints=parse(text), topics=topics(text), **fields
    )


def test_a_study_by_its_fields_and_criteria() -> None:
    extraction = study(
        criterion("inclusion-1", "BMI 20-30 kg/m2", 10),
        criterion("inclusion-2", "HbA1c 7.5-10 %", 11),
        criterion("exclusion-1", "eGFR < 30 mL/min", 20),
    )
    found = match(extraction, from_words("45-year-old man, BMI 27, HbA1c 11 %"))
    assert found.verdict == "excluded"
    assert found.reason == "excluded by inclusion 2 (line 11): HbA1c 11 % is above 10 %"
    assert [(j.id, j.status, j.lines) for j in found.judgements] == [
        ("minimumAge", "met", (90, 90)),
        ("maximumAge", "met", (91, 91)),
        ("inclusion-1", "met", (10, 10)),
        ("inclusion-2", "violated", (11, 11)),
        ("exclusion-1", "unknown", (20, 20)),
    ]
    assert found.ask == ["Estimated glomerular filtration rate"]
    assert Match.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("patient", "fields", "verdict", "reason"),
    [
        ("45-year-old", {}, "eligible_so_far", "2 met, none against, 0 not known"),
        ("BMI 27", {}, "cannot_tell", "nothing in the description decides"),
        ("15-year-old", {}, "excluded", "the field minimumAge (line 90): age 15 years is below 18 years"),
        ("71-year-old", {}, "excluded", "the field maximumAge (line 91): age 71 years is above 70 years"),
        ("71-year-old", {"maximumAge": None}, "eligible_so_far", "1 met"),
        ("6-month-old", {"minimumAge": "3 Months"}, "eligible_so_far", "2 met"),
        ("45-year-old woman", {"sex": "MALE"}, "excluded", "the field sex (line 92)"),
        ("45-year-old, healthy", {}, "excluded", "no healthy volunteers"),
        ("45-year-old, healthy", {"healthyVolunteers": True}, "eligible_so_far", "2 met"),
    ],
)
def test_fields_alone(patient: str, fields: dict[str, object], verdict: str, reason: str) -> None:
    found = match(study(**fields), from_words(patient))
    assert found.verdict == verdict
    assert reason in found.reason


@pytest.mark.parametrize("patient", ["72-year-old", "25-year-old"])
def test_a_record_that_contradicts_itself_decides_nothing(patient: str) -> None:
    found = match(study(criterion("inclusion-1", "Aged 30-75 years", 10)), from_words(patient))
    assert found.verdict == "cannot_tell"
    assert "disagrees with itself" in found.reason
    assert "line 10" in found.reason


def test_what_both_places_refuse_is_refused() -> None:
    found = match(study(criterion("inclusion-1", "Aged 30-75 years", 10)), from_words("80-year-old"))
    assert found.verdict == "excluded"


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [
        ("Adequate organ function:", "excluded"),
        ("At least one of the following:", "eligible_so_far"),
        ("Patients with liver metastases must have either:", "eligible_so_far"),
        ("Only if randomized to arm B:", "eligible_so_far"),
    ],
)
def test_a_nested_criterion_counts_as_its_lead_says(lead: str, verdict: str) -> None:
    extraction = study(
        criterion("inclusion-1", lead, 10), criterion("inclusion-1.1", "BMI 20-30 kg/m2", 11, parent="inclusion-1")
    )
    assert match(extraction, from_words("45-year-old, BMI 33")).verdict == verdict


@pytest.mark.parametrize(
    ("group", "verdict"),
    [("Cohort B", "eligible_so_far"), ("Healthy controls", "eligible_so_far"), ("Patient characteristics", "excluded")],
)
def test_a_criterion_of_one_cohort_excludes_nobody_from_the_study(group: str, verdict: str) -> None:
    extraction = study(criterion("inclusion-1", "BMI 20-30 kg/m2", 10, group=group))
    assert match(extraction, from_words("45-year-old, BMI 33")).verdict == verdict


def test_everything_is_asked_once_and_by_name() -> None:
    extraction = study(
        criterion("inclusion-1", "HbA1c 7-10 %", 10),
        criterion("inclusion-2", "Signed informed consent", 11),
        criterion("exclusion-1", "HbA1c > 12 %", 12),
        criterion("exclusion-2", "Xyzzy", 13),
    )
    assert match(extraction, from_words("45-year-old man")).ask == ["Hemoglobin A1c", "consent", "Xyzzy"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("page", "patient", "verdict", "line"),
    [
        ("NCT06727721", "45-year-old man, BMI 27, HbA1c 11 %, insulin for 2 years", "excluded", "line 150"),
        ("NCT06727721", "72-year-old woman, HbA1c 8 %", "cannot_tell", "line 184"),
        ("NCT06727721", "man, creatinine 2 mg/dL", "excluded", "line 162"),
        ("NCT06727721", "HIV", "excluded", "line 167"),
        ("NCT06727721", "45-year-old man, BMI 27, HbA1c 8 %", "eligible_so_far", "none against"),
        ("NCT06196996", "72-year-old woman", "excluded", "line 136"),
        ("NCT06196996", "30-year-old pregnant woman", "excluded", "line 127"),
    ],
)
def test_the_seeds(corpus: Path, page: str, patient: str, verdict: str, line: str) -> None:
    for found in extract_paths(sorted((corpus / "seeds").glob("*.txt"))):
        assert not isinstance(found, InputError)
        if found.extraction.document.id == page:
            judged = match(found.extraction, from_words(patient))
            assert (judged.verdict, line in judged.reason) == (verdict, True), judged.reason
            return
    raise AssertionError(f"no seed {page}")
