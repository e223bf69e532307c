"""The table of measures: every row of it, and the names it is found by."""

from __future__ import annotations

import pytest

from extract.criteria import ucum, units
from extract.criteria.measures import Matcher, Measure, in_unit, matcher, table
from extract.criteria.phrases import expand
from extract.criteria.tables import rows

ROWS = list(table().values())


def found(text: str) -> list[tuple[str, str]]:
    """(words, measure) of every name in the text."""
    return [(text[start:end], measure.id) for start, end, measure in matcher().finditer(text)]


def luhn(digits: str) -> int:
    """The check digit of a LOINC code: modulus 10 as the LOINC Users' Guide gives it."""
    doubled = (int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return -sum(d // 10 + d % 10 for d in doubled) % 10


@pytest.mark.parametrize("measure", ROWS, ids=lambda m: m.id)
def test_row(measure: Measure) -> None:
    assert measure.id.isidentifier()
    assert measure.id == measure.id.lower()
    assert measure.label == measure.label.strip() != ""
    assert bool(measure.grades) <= (measure.kind == "score")
    assert not (measure.grades and measure.ucum), "a grade has no unit"
    lower, upper = measure.plausible
    assert (lower is None) == (upper is None) == bool(measure.grades)
    if lower is not None and upper is not None:
        assert lower < upper
    if measure.loinc:
        code, check = measure.loinc.split("-")
        assert luhn(code) == int(check)


def test_every_admitted_unit_converts_there_and_back() -> None:
    wrong = []
    for measure in ROWS:
        assert measure.units[:1] == ((measure.ucum,) if measure.ucum else ())
        for unit in measure.units:
            there = units.convert(3.5, unit, measure.units[0], measure)
            back = units.convert(there, measure.units[0], unit, measure) if there is not None else None
            if back != pytest.approx(3.5, rel=1e-12):
                wrong.append((measure.id, unit))
    assert wrong == []


@pytest.mark.parametrize("measure", [m for m in ROWS if m.by_unit], ids=lambda m: m.id)
def test_another_kind_of_unit_means_another_measure(measure: Measure) -> None:
    for unit, other in measure.by_unit:
        assert in_unit(measure, unit).id == other
        assert units.convert(1, unit, table()[other].ucum or "", table()[other]) is not None
        assert units.convert(1, unit, measure.ucum or "", None) is None or unit in ("%", "1")


def test_size_and_required_ids() -> None:
    assert len(ROWS) >= 700
    assert {
        *("age", "bmi", "hba1c", "fasting_glucose", "glucose", "time_in_range", "bilirubin_total", "alt", "ast"),
        *("creatinine", "creatinine_clearance", "egfr", "hemoglobin", "platelets", "wbc", "anc", "lymphocytes"),
        *("albumin", "inr", "ecog", "karnofsky", "nyha", "child_pugh", "lvef", "qtcf", "qtc", "sbp", "dbp"),
        *("heart_rate", "weight", "height", "life_expectancy", "gleason", "psa", "fev1", "fev1_fvc", "spo2"),
        *("mmse", "moca", "ham_d", "phq9", "edss", "nihss", "gestational_age", "prior_lines", "lesion_count"),
        *("t_stage", "n_stage", "m_stage", "nt_probnp", "ldl", "hdl", "triglycerides", "tsh", "testosterone"),
    } <= table().keys()


def test_no_id_and_no_name_stands_twice() -> None:
    ids = [row["id"] for row in rows("measures.csv")]
    assert len(ids) == len(set(ids))
    written = [(m.id, name) for m in ROWS for name in (m.label, *m.aliases, *m.exact)]
    assert len(written) == len(set(written))
    matcher()  # raises when a name belongs to two measures


def test_every_name_finds_its_measure() -> None:
    names = [(name, m.id) for m in ROWS for name in (m.label, *m.aliases, *m.exact)]
    assert [(name, id_) for name, id_ in names if (name, id_) not in found(f"({name})")] == []


def test_a_lookalike_holds_an_alias_and_is_none() -> None:
    bare = Matcher(table(), (), {})
    for row in rows("lookalikes.csv"):
        for phrase in expand(row["phrase"]):
            hits = [(start, end) for start, end, _ in bare.finditer(phrase)]
            assert hits, f"{phrase!r} holds no alias"
            assert (0, len(phrase)) not in hits, f"{phrase!r} is an alias itself"
            assert found(phrase) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HbA1c ≥ 8 %", [("HbA1c", "hba1c")]),
        ("Hb-A1c or A1C", [("Hb-A1c", "hba1c"), ("A1C", "hba1c")]),
        ("glycosylated haemoglobin", [("glycosylated haemoglobin", "hba1c")]),
        ("a haemoglobin of 9", [("haemoglobin", "hemoglobin")]),
        ("serum creatinine level above", [("creatinine level", "creatinine")]),
        ("creatinine clearance", [("creatinine clearance", "creatinine_clearance")]),
        ("platelets and leucocytes", [("platelets", "platelets"), ("leucocytes", "wbc")]),
        ("SpO₂ below 93 %", [("SpO₂", "spo2")]),
        ("CHA₂DS₂-VASc of 2", [("CHA₂DS₂-VASc", "chads2_vasc")]),
        ("γ-GT and β-hCG", [("γ-GT", "ggt"), ("β-hCG", "hcg")]),
        ("25(OH)D under 20", [("25(OH)D", "vitamin_d")]),
        ("ALT/AST", [("ALT", "alt"), ("AST", "ast")]),
        ("AST/ALT ratio", [("AST/ALT ratio", "ast_alt_ratio")]),
        ("Karnofsky performance status (KPS) score", [("Karnofsky performance status (KPS) score", "karnofsky")]),
        ("body mass index [BMI] of 30", [("body mass index [BMI]", "bmi")]),
        ("weight (in kg)", [("weight", "weight")]),
        ("New York Heart Association class III", [("New York Heart Association class", "nyha")]),
        ("Child-Pugh class B", [("Child-Pugh class", "child_pugh")]),
        ("Child-Pugh score of 7", [("Child-Pugh score", "child_pugh_score")]),
        ("FEV1/FVC < 0.7", [("FEV1/FVC", "fev1_fvc")]),
        ("PaO2/FiO2 ratio", [("PaO2/FiO2 ratio", "pf_ratio")]),
        ("QT interval corrected by Fridericia's formula", [("QT interval corrected by Fridericia's formula", "qtcf")]),
        ("LDL-C and non-HDL cholesterol", [("LDL-C", "ldl"), ("non-HDL cholesterol", "non_hdl")]),
        ("estimated GFR", [("estimated GFR", "egfr")]),
        ("left-ventricular ejection fraction", [("left-ventricular ejection fraction", "lvef")]),
    ],
)
def test_names_in_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("exact", "measure", "other"),
    [
        ("PT 14 s", "pt", "pt must consent"),
        ("PS 0", "ecog", "ps: see below"),
        ("HR 60", "heart_rate", "24 hr later"),
        ("METs above 4", "mets", "criteria are met"),
        ("SALT 50", "salt", "a low-salt diet"),
        ("CAGE 2", "cage", "a rib cage injury"),
        ("Cr 1.2", "creatinine", "cr as remission"),
        ("Hb 9", "hemoglobin", "the hbsag assay"),
        ("GOT 40", "ast", "what a patient got"),
        ("FIX 5 %", "factor_ix", "surgery to fix a bone"),
    ],
)
def test_short_abbreviations_count_only_as_they_are_written(exact: str, measure: str, other: str) -> None:
    assert [name for _, name in found(exact)] == [measure]
    assert measure not in [name for _, name in found(other)]


@pytest.mark.parametrize(
    "text",
    [
        "type 2 diabetes",
        "EGFR mutation in exon 19",
        "anti-PD-L1 antibody",
        "women of childbearing age",
        "a calcium channel blocker",
        "sodium-glucose cotransporter 2 inhibitors",
        "platelet-rich plasma",
        "pulse steroid therapy",
        "age-related macular degeneration",
        "seizure-free for a year",
    ],
)
def test_other_things_are_no_measures(text: str) -> None:
    assert found(text) == []


def test_a_measure_in_another_unit() -> None:
    fev1 = table()["fev1"]
    assert in_unit(fev1, "%").id == "fev1_percent_predicted"
    assert in_unit(fev1, "mL").id == "fev1"
    assert in_unit(table()["prolactin"], "u[IU]/mL").id == "prolactin_activity"
    assert in_unit(table()["fev1_fvc"], "%").id == "fev1_fvc"


def test_same_kind_tells_pure_numbers_apart() -> None:
    assert ucum.same_kind("mg/dL", "g/L")
    assert not ucum.same_kind("%", "1")
    assert not ucum.same_kind("mg", "mmol")
