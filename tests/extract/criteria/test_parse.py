"""A criterion → its constraints, one linguistic pattern a row. The sentences are ours."""

from __future__ import annotations

import json

import pytest

from extract.criteria import parse
from extract.criteria.constraints import Bound, Constraint
from extract.criteria.grades import order, rank
from extract.criteria.measures import Measure, table


def number(bound: Bound | None) -> str:
    return "" if bound is None else f"{bound.value:g}{'' if bound.inclusive else '!'}"


def short(c: Constraint) -> str:
    """ "hba1c 7..10! %" : variable or label, lower..upper with "!" for an excluded end, or {grades}; unit; marks."""
    what = c.variable or (f"'{c.label}'" if c.label else "")
    size = "{" + ",".join(c.values) + "}" if c.values else f"{number(c.lower)}..{number(c.upper)}"
    unit = c.relative_to or c.ucum or ""
    words = [what, size, unit]
    if c.kind in ("window", "duration", "count", "dose"):
        words.insert(0, c.kind)
    words += [
        c.direction or "",
        c.anchor or "",
        c.sex or "",
        f"if {c.condition}" if c.condition else "",
        "conditional" if c.conditional else "",
    ]
    words += ["not" if c.negated else "", "excepted" if c.excepted else ""]
    return " ".join(w for w in words if w)


def rows(text: str) -> list[str]:
    return [short(c) for c in parse(text)]


COMPARISONS = [
    ("HbA1c ≥ 7.5%", ["hba1c 7.5.. %"]),
    ("HbA1c >= 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c => 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c >/= 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c > or = 7.5 %", ["hba1c 7.5.. %"]),
    (r"HbA1c \>= 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c &gt; 7.5 %", ["hba1c 7.5!.. %"]),
    ("HbA1c < 10 percent", ["hba1c ..10! %"]),
    ("HbA1c ＜ 10 ％", ["hba1c ..10! %"]),
    ("HbA1c at least 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c no less than 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c greater than (>) 7.5 %", ["hba1c 7.5!.. %"]),
    ("HbA1c greater than or equal to 7.5 %", ["hba1c 7.5.. %"]),
    ("HbA1c of 8 or greater", ["hba1c 8.."]),
    ("HbA1c not exceeding 10 %", ["hba1c ..10 %"]),
    ("HbA1c up to 10 %", ["hba1c ..10 %"]),
    ("HbA1c below 10 %", ["hba1c ..10! %"]),
    ("HbA1c of 10 % or less", ["hba1c ..10 %"]),
    ("older than 18 years", ["age 18!.. a"]),
    ("18 years of age or older", ["age 18.. a"]),
    ("65 and over", []),
    ("aged 65 and over", ["age 65.."]),
    ("biopsy no older than 3 years", ["duration 'biopsy' ..3 a"]),
    ("imaging older than 4 weeks", ["duration 'imaging' 4!.. wk"]),
    ("patients with a tumor sample not older than 6 months", ["duration 'patients with a tumor sample' ..6 mo"]),
    ("children with asthma older than 2 years", ["age 2!.. a"]),
    ("stroke lasting not more than 5 years", ["duration 'stroke' ..5 a"]),
    ("less than 1 year of the date the subject consents", ["duration 'date the subject consents' ..1! a"]),
    ("at least 7 days", ["duration 7.. d"]),
    ("patients at least 7 days", ["duration 'patients' 7.. d"]),
    ("infants at least 7 days", ["age 7.. d"]),
    ("subjects 6 months to 5 years", ["age 6.. mo", "age ..5 a"]),
    ("female, ≥ 18 years, able to read", ["age 18.. a"]),
    ("asthma, at least 5 years", ["duration 'asthma' 5.. a"]),
    ("minimum age: 18 years; maximum age of 65 years", ["age 18.. a", "age ..65 a"]),
]
RANGES = [
    ("age 18-65 years", ["age 18..65 a"]),
    ("between the ages of 18 and 65", ["age 18..65"]),
    ("18 to 65 years old", ["age 18..65 a"]),
    ("age ≥ 18 and < 65 years", ["age 18..65! a"]),
    ("age ≥ 18 to ≤ 65 years", ["age 18..65 a"]),
    ("18 ≤ age ≤ 65 years", ["age 18..65 a"]),
    ("20 kg/m2 ≤ body mass index (BMI) < 30 kg/m2", ["bmi 20..30! kg/m2"]),
    ("BMI from 20 up to 30 kg/m2", ["bmi 20..30 kg/m2"]),
    ("BMI 20～30", ["bmi 20..30"]),
    ("BMI within 20-30 kg/m2", ["bmi 20..30 kg/m2"]),
    ("BMI < 20 or > 35 kg/m2", ["bmi ..20! kg/m2", "bmi 35!.. kg/m2"]),
    ("BMI > 20 or ≤ 35 kg/m2", ["bmi 20!..35 kg/m2"]),
    ("weight 50 kg (inclusive) to 90 kg (exclusive)", ["weight 50..90! kg"]),
    ("age 6 months to 5 years", ["age 6.. mo", "age ..5 a"]),
    ("7.5% to 10% glycated hemoglobin", ["hba1c 7.5..10 %"]),
    ("enrolled in 1993-1996", []),
]
NUMBERS = [
    ("platelets ≥ 100,000/mm3", ["platelets 100000.. /mm3"]),
    ("platelets ≥ 100 000 /µL", ["platelets 100000.. /uL"]),
    ("platelets ≥ 100 x 10^9/L", ["platelets 100.. 10*9/L"]),
    ("platelets ≥ 100 × 109/L", ["platelets 100.. 10*9/L"]),
    ("HbA1c ≥ 7,5 %", ["hba1c 7.5.. %"]),
    ("Age -30-60 yrs", ["age 30..60 a"]),
    ("Age: -18 to 65 years", ["age 18..65 a"]),
    ("body mass index (BMI) -18 to 30", ["bmi 18..30"]),
    ("T-score -2.5 to -1", ["t_score -2.5..-1"]),
    ("head circumference ≤ -3 SD", ["head_circumference ..-3 {SD}"]),
    ("base excess < -5 mmol/L", ["base_excess ..-5! mmol/L"]),
    ("platelets ≥ 100.000/mm3", ["platelets 100000.. /mm3"]),
    ("WBC 4.000-10.000/µL", ["wbc 4000..10000 /uL"]),
    ("platelets ≥ 100.000 / mL", ["platelets 100.. /mL"]),
    ("neutrophils ≥ 1.500 x 10^9/L", ["anc 1.5.. 10*9/L"]),
    ("creatinine ≤ 1.500 mg/dL", ["creatinine ..1.5 mg/dL"]),
    ("fever > 38C", ["temperature 38!.. Cel"]),
    ("T-score < -2.5", ["t_score ..-2.5!"]),
    ("life expectancy of at least six months", ["duration life_expectancy 6.. mo"]),
    ("fasting glucose ≥ 7.0 mmol/L (126 mg/dL)", ["fasting_glucose 7.. mmol/L"]),
    ("fasting glucose ≥ 126 mg/dL or ≥ 7.0 mmol/L", ["fasting_glucose 126.. mg/dL"]),
    ("absolute neutrophil count ≥ 1000 mm3", ["anc 1000.. /mm3"]),
    ("blood pressure above 140/90 mmHg", ["sbp 140!.. mm[Hg]", "dbp 90!.. mm[Hg]"]),
]
SUBJECTS = [
    ("AST and ALT ≤ 2.5 × ULN", ["ast ..2.5 ULN", "alt ..2.5 ULN"]),
    ("AST/ALT exceeding the upper limit of normal by 3 times", ["ast 3!.. ULN", "alt 3!.. ULN"]),
    ("ALT three times higher than normal upper limit", ["alt 3!.. ULN"]),
    ("ALT higher than normal upper limit by 3 times", ["alt 3!.. ULN"]),
    ("ALT 2.5 times above the ULN", ["alt 2.5!.. ULN"]),
    ("ALT > three times the upper limit of normal", ["alt 3!.. ULN"]),
    ("ALT > 3-fold ULN", ["alt 3!.. ULN"]),
    ("ALT more than 3 times higher than the ULN", ["alt 3!.. ULN"]),
    ("total bilirubin, AST, and ALT above the ULN", ["bilirubin_total 1!.. ULN", "ast 1!.. ULN", "alt 1!.. ULN"]),
    ("neutrophil count below the lower limit of normal", ["anc ..1! LLN"]),
    ("hemoglobin without transfusion > 9 g/dL", ["hemoglobin 9!.. g/dL"]),
    ("a score of 5 or more on the PHQ-9", ["phq9 5.."]),
    ("≥ 50 kg body weight", ["weight 50.. kg"]),
    ("adults over 18", ["age 18!.."]),
    ("patients under 40 kg", ["weight ..40! kg"]),
    ("Over 18 years", ["age 18!.. a"]),
    ("Walking Comfort Scale (WCS) ≥ 4", ["'Walking Comfort Scale (WCS)' 4.."]),
    ("disc height of at most 5 mm", ["'disc height' ..5 mm"]),
    ("creatinine clearance, defined as < 30 mL/min", ["creatinine_clearance ..30! mL/min"]),
    ("if cirrhotic: ≤ 2.5 × ULN alanine aminotransferase (ALT) ≤ 5 × ULN", ["alt ..5 ULN if cirrhotic"]),
    ("UAS7 score (range 0-42) ≥ 16", ["uas7 16.."]),
    ("MUST score ≥ 2", ["must 2.."]),
    ("EF < 40 %", ["lvef ..40! %"]),
    ("IIEF EF domain score ≤ 25", ["iief_ef ..25"]),
    ("EF domain of the IIEF < 26", ["iief_ef ..26!"]),
    ("EF domain score < 26", ["'EF domain score' ..26!"]),
    (
        "orthostatic hypotension (> 15/10 mmHg drop)",
        ["'orthostatic hypotension' 15!.. mm[Hg]", "'orthostatic hypotension' 10!.. mm[Hg]"],
    ),
    (
        "decrease in systolic blood pressure of more than 20 mmHg",
        ["'decrease in systolic blood pressure' 20!.. mm[Hg]"],
    ),
    ("drop in platelets below 50 x 10^9/L", ["platelets ..50! 10*9/L"]),
    ("pain score between 40 and 80 points", ["'pain score' 40..80 {score}"]),
    ("pain rated ≥ 4 on a 0-10 VAS", ["pain_nrs 4.."]),
]
GRADES = [
    ("ECOG 0-1", ["ecog {0,1}"]),
    ("ECOG performance status of 0, 1 or 2", ["ecog {0,1,2}"]),
    ("ECOG ≤ 2", ["ecog {0,1,2}"]),
    ("ECOG=0-1", ["ecog {0,1}"]),
    ("ECOG = 0 or 1", ["ecog {0,1}"]),
    ("ECOG PS ≤1", ["ecog {0,1}"]),
    ("ECOG 0, 1 or 2", ["ecog {0,1,2}"]),
    ("ECOG = 2", ["ecog {2}"]),
    ("KPS=70-100", ["karnofsky 70..100"]),
    ("NYHA class III or IV", ["nyha {III,IV}"]),
    ("NYHA ≥ class III", ["nyha {III,IV}"]),
    ("NYHA class Ⅱ–Ⅲ", ["nyha {II,III}"]),
    ("Child-Pugh A-B", ["child_pugh {A,B}"]),
    ("ASA > 3", ["asa 3!.."]),
    ("ASA I to III", ["asa {I,II,III}"]),
    ("grade 3 or higher neuropathy", ["'neuropathy' 3.."]),
    ("clinical stage T3-4", []),
    ("Clinical Dementia Rating = 0", ["cdr {0}"]),
    ("Kellgren-Lawrence grade ≥ 3", ["kellgren_lawrence {3,4}"]),
    ("House-Brackmann grade > IV", ["house_brackmann {V,VI}"]),
    ("(CTCAE v5.0) grade ≥ 3", ["ctcae_grade {3,4,5}"]),
]
TIMES = [
    ("surgery within 3 months prior to enrollment", ["window 'surgery' ..3 mo before enrollment"]),
    ("surgery in the past 6 months", ["window 'surgery' ..6 mo before"]),
    ("surgery within the last month", ["window 'surgery' ..1 mo before"]),
    ("surgery within 4 weeks of screening", ["window 'surgery' ..4 wk screening"]),
    ("surgery less than 1 year ago", ["window 'surgery' ..1! a before"]),
    ("surgery at least 4 weeks before dosing", ["window 'surgery' 4.. wk before dosing"]),
    ("sober for at least 1 year", ["duration 'sober' 1.. a"]),
    ("stable dose for 8 weeks", ["duration 'stable dose' 8.. wk"]),
    (
        "contraception for 90 days after the last dose",
        ["window 'contraception' 90.. d after last dose"],
    ),
    (
        "drugs within 28 days or 5 half-lives",
        ["window 'drugs' ..28 d before", "window 'drugs' ..5 {half_lives} before"],
    ),
    ("PSA ≤ 20 ng/mL within 90 days", ["psa ..20 ng/mL", "window 'PSA' ..90 d before"]),
    (
        "at least 4 months must have elapsed since the transplant",
        ["window 4.. mo after transplant"],
    ),
    ("within 6 months before dosing: stroke", ["window 'stroke' ..6 mo before dosing"]),
    ("surgery expected to last more than 1 hour", ["duration 'surgery expected' 1!.. h"]),
    ("assessed every 3 weeks", []),
]
COUNTS = [
    (
        "at least two severe events in the past year",
        ["count 'severe events' 2..", "window 'severe events' ..1 a before"],
    ),
    ("one or more of the following", []),
    ("at least one first-degree relative", ["count 'first-degree relative' 1.."]),
    ("> 10 mg/day of prednisone", ["dose 'prednisone' 10!.. mg/d"]),
    ("exercise at least 3 times a week", ["count 'exercise' 3.. {times}/wk"]),
]
MARKS = [
    (
        "creatinine > 1.5 mg/dL for males and 1.4 mg/dL for females",
        ["creatinine 1.5!.. mg/dL male", "creatinine 1.4!.. mg/dL female"],
    ),
    ("QTc (men > 450 ms; women > 470 ms)", ["qtc 450!.. ms male", "qtc 470!.. ms female"]),
    ("men and women with BMI ≥ 30", ["bmi 30.."]),
    (
        "ALT ≤ 2.5 × ULN (≤ 5 × ULN if liver metastases)",
        ["alt ..2.5 ULN", "alt ..5 ULN if liver metastases"],
    ),
    (
        "bilirubin ≤ 1.5 × ULN (≤ 3.0 in patients with Gilbert's)",
        ["bilirubin_total ..1.5 ULN", "bilirubin_total ..3 if patients with Gilbert's"],
    ),
    (
        "bilirubin ≤ 1.5 mg/dL (≤ 2.0 in patients with Gilbert's)",
        ["bilirubin_total ..1.5 mg/dL", "bilirubin_total ..2 if patients with Gilbert's"],
    ),
    (
        "potassium ≤ 4.8 mmol/L if eGFR ≥ 45 mL/min",
        ["potassium ..4.8 mmol/L if eGFR ≥ 45 mL/min", "egfr 45.. mL/min conditional"],
    ),
    ("must not have a BMI over 35", ["bmi 35!.. not"]),
    ("Systolic blood pressure < 100/> 140 mmHg", ["sbp ..100! mm[Hg]", "sbp 140!.. mm[Hg]"]),
    # What looks like a denial and is none.
    ("Organ failure, including but not limited to: hemoglobin < 9 g/dL", ["hemoglobin ..9! g/dL"]),
    ("Not only ECOG 0-1", ["ecog {0,1}"]),
    ("cancer, except if cured more than 5 years ago", ["window 'cured' 5!.. a before excepted"]),
]
NAMES = [
    "type 2 diabetes", "IL-6 inhibitors", "a phase 3 study", "COVID-19", "CD4 cells", "Day 1", "stage 4",
    "vitamin B12", "HER2 2+", "20/40 vision or better", "antibody titre > 1:40", "titre above 1/80",
    "visual acuity between 20/400 and 20/40", "DSM-5", "RECIST 1.1", "PD-1 or PD-L1", "C3-C7 fusion",
    "1 Type diabetes", "Part 2", "the 4th edition",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), COMPARISONS + RANGES + NUMBERS + SUBJECTS + GRADES + TIMES + COUNTS + MARKS
)
def test_patterns(text: str, expected: list[str]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize("text", NAMES)
def test_numbers_in_names_bound_nothing(text: str) -> None:
    assert parse(text) == []
    assert rows(f"History of {text}, age ≥ 18 years") == ["age 18.. a"]


def test_quote_and_place_are_those_of_the_text_as_given() -> None:
    text = r"Control is poor \[glycated hemoglobin \>=7.5%, or TIR \<70%\]."
    first, second = parse(text)
    assert text[slice(*first.chars)] == r"glycated hemoglobin \>=7.5%"
    assert first.quote == r"glycated hemoglobin \>=7.5%"
    assert text[slice(*second.chars)] == r"TIR \<70%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weight > 50 kg and HbA1c < 9 %", [None, "and"]),
        ("weight > 50 kg or HbA1c < 9 %", [None, "or"]),
        ("HbA1c ≥ 7.5 %, or TIR < 70 %", [None, "or"]),
        ("weight > 50 kg; HbA1c < 9 %", [None, None]),
        ("BMI < 20 or > 35", [None, "or"]),
        ("AST or ALT ≤ 3 × ULN", [None, "or"]),
        ("weight > 50 kg or AST and ALT ≤ 3 × ULN", [None, "or", "and"]),
        ("AST/ALT ≤ 3 × ULN", [None, None]),
    ],
)
def test_connectives(text: str, expected: list[str | None]) -> None:
    assert [c.connective for c in parse(text)] == expected


def test_what_does_not_apply_is_not_written() -> None:
    (constraint,) = parse("BMI ≥ 30 kg/m2")
    assert constraint.to_json() == {
        "kind": "measurement",
        "variable": "bmi",
        "label": "BMI",
        "lower": {"value": 30.0, "inclusive": True},
        "unit": "kg/m2",
        "ucum": "kg/m2",
        "quote": "BMI ≥ 30 kg/m2",
        "chars": [0, 14],
    }


def test_a_constraint_comes_back_from_its_json() -> None:
    for text, _ in COMPARISONS + MARKS + TIMES:
        for constraint in parse(text):
            assert Constraint.from_json(json.loads(json.dumps(constraint.to_json()))) == constraint


@pytest.mark.parametrize("measure", [m for m in table().values() if m.grades], ids=lambda m: m.id)
def test_every_ordinal_score_ranks_its_grades(measure: Measure) -> None:
    ordered = order(measure)
    assert [rank(measure, grade) for grade in ordered] == list(range(len(ordered)))
    assert all(rank(measure, grade) is not None for grade in measure.grades)
