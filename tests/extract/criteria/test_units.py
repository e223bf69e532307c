"""Units as they are written, and conversions against published figures and against pint."""

from __future__ import annotations

from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria import ucum, units
from extract.criteria.measures import table
from extract.criteria.phrases import expand
from extract.criteria.tables import entries, rows

NUMBERS = ("1", "10*3", "10*6", "10*9")  # units only with what follows them
SPELLINGS = [
    (spelling, row["ucum"])
    for row in rows("units.csv")
    for column in ("spellings", "exact")
    for template in entries(row[column])
    for spelling in expand(template)
    if row["ucum"] not in NUMBERS
]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mg/dL", "mg/dL"),
        ("mg/dl", "mg/dL"),
        ("mg / dL", "mg/dL"),
        ("mg per dL", "mg/dL"),
        ("mg/100 mL", "mg/dL"),
        ("mg%", "mg/dL"),
        ("mmol/L", "mmol/L"),
        ("mmol.L-1", "mmol/L"),
        ("mM", "mmol/L"),
        ("mm", "mm"),
        ("µmol/l", "umol/L"),
        ("μmol/L", "umol/L"),
        ("mcg/kg/min", "ug/kg/min"),
        ("x 10^9/L", "10*9/L"),
        ("×109/L", "10*9/L"),
        ("× 10⁹/L", "10*9/L"),
        ("*10\\^9/L", "10*9/L"),
        ("10*9/L", "10*9/L"),
        ("x10e9/L", "10*9/L"),
        ("x 10(9)/L", "10*9/L"),
        ("x 10^9 cells/L", "10*9/L"),
        ("G/L", "10*9/L"),
        ("g/L", "g/L"),
        ("K/µL", "10*3/uL"),
        ("thousand/mm3", "10*3/mm3"),
        ("million/mL", "10*6/mL"),
        ("x 10^6/mL", "10*6/mL"),
        ("/mm3", "/mm3"),
        ("/µL", "/uL"),
        ("cells/mm³", "/mm3"),
        ("cells per cubic millimeter", "/mm3"),
        ("per cu mm", "/mm3"),
        ("kg/m2", "kg/m2"),
        ("kg/m²", "kg/m2"),
        ("kg/m^2", "kg/m2"),
        ("Kg/M2", "kg/m2"),
        ("kg/㎡", "kg/m2"),
        ("kg/m 2", "kg/m2"),
        ("kilogram per meter square", "kg/m2"),
        ("%", "%"),
        ("percent", "%"),
        ("％", "%"),
        ("mm Hg", "mm[Hg]"),
        ("mmHg", "mm[Hg]"),
        ("cmH2O", "cm[H2O]"),
        ("mL/min/1.73 m2", "mL/min/{1.73_m2}"),
        ("ml/min/1.73m^2", "mL/min/{1.73_m2}"),
        ("mL/min per 1.73 m²", "mL/min/{1.73_m2}"),
        ("ml/(min·1.73m2)", "mL/min/{1.73_m2}"),
        ("mL/min x 1.73 m2", "mL/min/{1.73_m2}"),
        ("mL min−1 1.73 m−2", "mL/min/{1.73_m2}"),
        ("mL/min", "mL/min"),
        ("IU/L", "[IU]/L"),
        ("U/L", "U/L"),
        ("mIU/mL", "m[IU]/mL"),
        ("μIU/mL", "u[IU]/mL"),
        ("msec", "ms"),
        ("mg/kg/day", "mg/kg/d"),
        ("mg per kg a day", "mg/kg/d"),
        ("mg daily", "mg/d"),
        ("g/24 h", "g/d"),
        ("units/kg/day", "U/kg/d"),
        ("times per week", "{times}/wk"),
        ("drinks a week", "{drinks}/wk"),
        ("pack-years", "{pack}.a"),
        ("°C", "Cel"),
        ("℃", "Cel"),
        ("degrees Fahrenheit", "[degF]"),
        ("mEq/L", "meq/L"),
        ("copies/mL", "{copies}/mL"),
        ("/HPF", "/[HPF]"),
        ("beats per minute", "/min"),
        ("dyn·s·cm-5", "dyn.s/cm5"),
        ("mmol/mol", "mmol/mol"),
        ("lb", "[lb_av]"),
        ("x ULN", "{ULN}"),
        ("xULN", "{ULN}"),
        ("ULN", "{ULN}"),
        ("times the upper limit of normal", "{ULN}"),
        ("× institutional upper limit of normal", "{ULN}"),
        ("times the upper normal limit", "{ULN}"),
        ("x normal", "{ULN}"),
        ("x LLN", "{LLN}"),
    ],
)
def test_spelled(written: str, code: str) -> None:
    unit = units.match(f"≥ 5 {written}, or more", 3)
    assert unit is not None
    assert (unit.text, unit.ucum) == (written, code)
    assert f"≥ 5 {written}, or more"[unit.start : unit.end] == written


@pytest.mark.parametrize(
    ("text", "code", "measure"),
    [
        ("years old", "a", "age"),
        ("years of age", "a", "age"),
        ("-year-old", "a", "age"),
        ("y.o.", "a", "age"),
        ("years", "a", None),
        ("weeks of gestation", "wk", "gestational_age"),
        ("weeks' gestation", "wk", "gestational_age"),
        ("gestational weeks", "wk", "gestational_age"),
        ("-month", "mo", None),
        ("prior lines of therapy", "{lines}", "prior_lines"),
        ("pack years", "{pack}.a", "smoking_pack_years"),
    ],
)
def test_what_a_spelling_gives_away(text: str, code: str, measure: str | None) -> None:
    unit = units.match(f"18{text}" if text.startswith("-") else f"18 {text}", 2)
    assert unit is not None
    assert (unit.ucum, unit.implies) == (code, measure)


@pytest.mark.parametrize(
    "text",
    ["or older", "of the following", "and 75", "million patients", "cells were seen", "", "   ", "/90", ") mg", "mgx"],
)
def test_no_unit(text: str) -> None:
    assert units.match(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("5 m 2 weeks ago", "m"),
        ("5 cm 3 times", "cm"),
        ("5 mg/dL/ whatever", "mg/dL"),
        ("5 years per protocol", "years"),
        ("5 days/2 weeks", "days"),
        ("5 mg and", "mg"),
        ("5 U/L/ULN", "U/L"),
    ],
)
def test_a_unit_ends_where_it_ends(text: str, written: str) -> None:
    unit = units.match(text, 1)
    assert unit is not None
    assert unit.text == written


def test_every_spelling_of_the_table_is_read() -> None:
    wrong = [(s, code) for s, code in SPELLINGS if (u := units.match(f" {s} ")) is None or u.ucum != code]
    assert wrong == []


def test_every_unit_of_the_table_has_a_size() -> None:
    assert [row["ucum"] for row in rows("units.csv") if ucum.scale(row["ucum"]) is None] == []


@given(st.text(alphabet="mgdLµlx×10^9/ .per%kIUhdaynots²-", max_size=40), st.integers(0, 40))
def test_whatever_is_read_stands_there(text: str, pos: int) -> None:
    unit = units.match(text, pos)
    if unit is not None:
        assert pos <= unit.start < unit.end <= len(text)
        assert text[unit.start : unit.end] == unit.text
        assert ucum.scale(unit.ucum) is not None


def test_a_long_line_is_not_read_to_its_end() -> None:
    # 20 thousand look-ups in a line of a megabyte: quadratic work would take hours.
    text = "5 mg " * 200_000
    assert all(units.match(text, 1 + 50 * i) is not None for i in range(20_000))


# Published factors: the conversion table of the AMA Manual of Style (conventional × factor = SI).
AMA = [
    ("glucose", "mg/dL", "mmol/L", 0.0555),
    ("fasting_glucose", "mg/dL", "mmol/L", 0.0555),
    ("cholesterol_total", "mg/dL", "mmol/L", 0.0259),
    ("hdl", "mg/dL", "mmol/L", 0.0259),
    ("ldl", "mg/dL", "mmol/L", 0.0259),
    ("triglycerides", "mg/dL", "mmol/L", 0.0113),
    ("creatinine", "mg/dL", "umol/L", 88.4),
    ("bilirubin_total", "mg/dL", "umol/L", 17.104),
    ("bun", "mg/dL", "mmol/L", 0.357),
    ("uric_acid", "mg/dL", "umol/L", 59.485),
    ("calcium", "mg/dL", "mmol/L", 0.25),
    ("calcium", "meq/L", "mmol/L", 0.5),
    ("phosphate", "mg/dL", "mmol/L", 0.323),
    ("magnesium", "mg/dL", "mmol/L", 0.411),
    ("magnesium", "meq/L", "mmol/L", 0.5),
    ("sodium", "meq/L", "mmol/L", 1.0),
    ("potassium", "meq/L", "mmol/L", 1.0),
    ("hemoglobin", "g/dL", "g/L", 10.0),
    ("hemoglobin", "g/dL", "mmol/L", 0.6206),
    ("vitamin_d", "ng/mL", "nmol/L", 2.496),
    ("testosterone", "ng/dL", "nmol/L", 0.0347),
    ("estradiol", "pg/mL", "pmol/L", 3.671),
    ("progesterone", "ng/mL", "nmol/L", 3.18),
    ("cortisol", "ug/dL", "nmol/L", 27.588),
    ("total_t4", "ug/dL", "nmol/L", 12.871),
    ("free_t4", "ng/dL", "pmol/L", 12.871),
    ("total_t3", "ng/dL", "nmol/L", 0.0154),
    ("iron", "ug/dL", "umol/L", 0.179),
    ("folate", "ng/mL", "nmol/L", 2.266),
    ("vitamin_b12", "pg/mL", "pmol/L", 0.7378),
    ("homocysteine", "mg/L", "umol/L", 7.397),
    ("lactate", "mg/dL", "mmol/L", 0.111),
    ("ammonia", "ug/dL", "umol/L", 0.587),
    ("zinc", "ug/dL", "umol/L", 0.153),
    ("copper", "ug/dL", "umol/L", 0.157),
    ("lead", "ug/dL", "umol/L", 0.0483),
    ("c_peptide", "ng/mL", "nmol/L", 0.331),
    ("aldosterone", "ng/dL", "pmol/L", 27.74),
    ("alt", "U/L", "ukat/L", 0.0167),
    ("ast", "[IU]/L", "ukat/L", 0.0167),
    ("albumin", "g/dL", "g/L", 10.0),
    ("platelets", "/uL", "10*9/L", 0.001),
    ("wbc", "10*3/mm3", "10*9/L", 1.0),
    # KDIGO 2012: mg/g × 0.113 = mg/mmol of creatinine
    ("uacr", "mg/g", "mg/mmol", 0.113),
    # WHO reference reagent 66/304: 1 µIU/mL of insulin is 6.00 pmol/L
    ("insulin_level", "u[IU]/mL", "pmol/L", 6.0),
    ("insulin_level", "mU/L", "pmol/L", 6.0),
]


@pytest.mark.parametrize(("measure", "origin", "target", "factor"), AMA)
def test_published_factors(measure: str, origin: str, target: str, factor: float) -> None:
    converted = units.convert(100, origin, target, table()[measure])
    assert converted == pytest.approx(100 * factor, rel=0.005)


@pytest.mark.parametrize(
    ("ifcc", "ngsp"),
    # The NGSP's own table of both scales.
    [(31, 5.0), (42, 6.0), (48, 6.5), (53, 7.0), (58, 7.5), (64, 8.0), (75, 9.0), (86, 10.0), (97, 11.0), (108, 12.0)],
)
def test_hba1c_on_both_scales(ifcc: float, ngsp: float) -> None:
    measure = table()["hba1c"]
    assert round(units.convert(ifcc, "mmol/mol", "%", measure) or 0, 1) == ngsp
    assert round(units.convert(ngsp, "%", "mmol/mol", measure) or 0) == ifcc


@pytest.mark.parametrize(
    ("value", "origin", "target", "expected"),
    [
        (98.6, "[degF]", "Cel", 37.0),
        (38, "Cel", "[degF]", 100.4),
        (6, "mo", "a", 0.5),
        (18, "a", "mo", 216.0),
        (2, "wk", "d", 14.0),
        (1, "mo", "d", 30.4375),
        (1, "a", "d", 365.25),
        (48, "h", "d", 2.0),
        (1500, "/mm3", "10*9/L", 1.5),
        (100, "10*3/uL", "/uL", 100_000.0),
        (110, "[lb_av]", "kg", 49.895),
        (70, "[in_i]", "cm", 177.8),
        (1.8, "m", "cm", 180.0),
        (760, "mm[Hg]", "kPa", 101.325),
        (0.45, "s", "ms", 450.0),
        (50, "%", "1", 0.5),
        (2, "g/d", "mg/d", 2000.0),
        (14, "{drinks}/wk", "{drinks}/d", 2.0),
    ],
)
def test_plain_conversions(value: float, origin: str, target: str, expected: float) -> None:
    assert units.convert(value, origin, target) == pytest.approx(expected, rel=1e-5)
    assert units.convert(expected, target, origin) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("origin", "target", "measure"),
    [
        ("mg/dL", "mmol/L", None),
        ("mg/dL", "mmol/L", "platelets"),
        ("mg/dL", "kg", "glucose"),
        ("{ULN}", "U/L", "alt"),
        ("L", "%", "fev1"),
        ("mL/min", "mL/min/{1.73_m2}", "creatinine_clearance"),
        ("1", "mmol/mol", "hba1c"),
        ("{lines}", "{lesions}", None),
        ("nonsense", "mg", None),
        ("mg//dL", "mg/dL", None),
        ("[IU]/L", "U/L", None),
    ],
)
def test_what_is_not_certain_is_not_converted(origin: str, target: str, measure: str | None) -> None:
    assert units.convert(1, origin, target, table()[measure] if measure else None) is None


@given(st.sampled_from(sorted({u for m in table().values() for u in m.units})), st.floats(-1e6, 1e6))
def test_a_unit_is_itself(unit: str, value: float) -> None:
    assert units.convert(value, unit, unit) == value


# UCUM's atoms in pint's words, where pint has them: an independent table of sizes.
PINT = {
    **{u: u for u in ("kg", "g", "mg", "ug", "ng", "pg", "fg", "km", "m", "cm", "mm", "um", "nm", "ns", "us", "ms")},
    **{u: u for u in ("s", "min", "L", "dL", "cL", "mL", "uL", "nL", "pL", "fL", "mol", "mmol", "umol", "nmol")},
    **{u: u for u in ("pmol", "fmol", "Pa", "kPa", "Gy", "mGy", "Sv", "mSv", "Bq", "MBq", "GBq", "mCi", "J", "kJ")},
    **{u: u for u in ("kcal", "N", "W", "Hz", "kHz", "kat", "deg")},
    "h": "hour",
    "d": "day",
    "wk": "week",
    "a": "year",
    "mo": "year / 12",
    "[lb_av]": "pound",
    "[oz_av]": "ounce",
    "[stone_av]": "stone",
    "[in_i]": "inch",
    "[ft_i]": "foot",
    "[mi_i]": "mile",
    "[foz_us]": "US_fluid_ounce",
    "m2": "m**2",
    "cm2": "cm**2",
    "mm2": "mm**2",
    "mm3": "mm**3",
    "cm3": "cm**3",
    "um3": "um**3",
    "mm[Hg]": "mmHg",
    "cm[H2O]": "98.0665 Pa",
    "[psi]": "psi",
    "ukat": "microkatal",
    "nkat": "nanokatal",
    "U": "enzyme_unit",
    "mU": "millienzyme_unit",
    "cGy": "cGy",
    "%": "percent",
    "[ppm]": "ppm",
    "dyn": "dyne",
    "mg/dL": "mg/dL",
    "kg/m2": "kg/m**2",
    "mL/kg/min": "mL/kg/min",
    "dyn.s/cm5": "dyne*s/cm**5",
    "10*9/L": "1e9/L",
}


def test_sizes_agree_with_pint() -> None:
    registry: Any = pint.UnitRegistry()
    by_dimension: dict[str, list[tuple[str, float, float]]] = {}
    for code, expression in PINT.items():
        scale = ucum.scale(code)
        assert scale is not None, code
        size = registry.parse_expression(expression).to_base_units()
        by_dimension.setdefault(str(scale.dimension), []).append((code, float(scale.factor), float(size.magnitude)))
    assert sum(map(len, by_dimension.values())) >= 60
    for members in by_dimension.values():
        first, ours, theirs = members[0]
        for code, factor, size in members:
            assert factor / ours == pytest.approx(size / theirs, rel=1e-7), f"{code} against {first}"


@pytest.mark.parametrize(
    ("code", "measure", "expected"),
    [
        ("mm3", "anc", "/mm3"),
        ("uL", "platelets", "/uL"),
        ("10*9", "wbc", "10*9/L"),
        ("10*3", "wbc", "10*3/uL"),
        ("mg/dL", "glucose", "mg/dL"),
        ("mL", "tumor_volume", "mL"),
        ("%", "anc", "%"),
    ],
)
def test_half_written_units(code: str, measure: str, expected: str) -> None:
    assert units.meant(code, table()[measure]) == expected


@pytest.mark.parametrize(
    ("value", "code", "measure", "expected"),
    [
        (30, "a", "age", True),
        (300, "a", "age", False),
        (216, "mo", "age", True),
        (126, "mg/dL", "glucose", True),
        (126, "mmol/L", "glucose", True),
        (300, "mmol/L", "glucose", False),
        (7, "mg/dL", "hemoglobin", False),
        (2, None, "inr", True),
        (2, "{ULN}", "alt", None),
        (2, None, "nyha", None),
    ],
)
def test_plausible(value: float, code: str | None, measure: str, expected: bool | None) -> None:
    assert units.plausible(value, code, table()[measure]) is expected


def test_a_number_beyond_all_bounds_is_no_fault() -> None:
    assert units.convert(float("inf"), "mg/dL", "mmol/L", table()["glucose"]) == float("inf")
    assert units.plausible(float("9" * 400), "mg/dL", table()["glucose"]) is False
