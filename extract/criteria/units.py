"""Units as they are written, and values taken from one unit to another.

    match("≥ 7.0 mmol / L", 5)                              Unit("mmol / L", "mmol/L", …)
    convert(126, "mg/dL", "mmol/L", table()["glucose"])     6.99…

How they are written is extract.criteria.unit_reader's, their sizes are extract.criteria.ucum's, both from `units.csv`:

    ucum         UCUM code; a row without dimension says only how a composed unit is written
    dimension    what the atom measures, as a product ("amount/time")
    factor       its size in the dimension's base, an exact number ("1e-3", "5/9")
    offset       where its zero stands, for temperatures
    spellings    as templates, in any case; plurals need no row
    exact        taken only as written here ("mM" is no "mm")
    denominator  spellings that stand only below the line ("1.73 m2", "24 hours")
    after_times  spellings that need a multiplier before them ("2 × normal")
    rate         spellings that say "per this" by themselves ("daily")
    implies      the measure that a spelling gives away ("years old" is an age)

`conversions.csv` holds the equations that belong to one measure. Mass and substance concentrations convert by the
measure's molar mass, equivalents by its charge. What none of this converts is not converted: None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from extract.criteria import ucum
from extract.criteria.tables import entries, rows
from extract.criteria.unit_reader import read

if TYPE_CHECKING:
    from extract.criteria.measures import Measure

_LEAD = re.compile(r"[\s\u00ad\u200b]*(?:[-‐‑–](?=[^\W\d_]))?[\s\u200b]*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in a text: `text` is what stands at [start, end). `implies` is the id of the measure it gives away."""

    text: str
    ucum: str
    start: int
    end: int
    implies: str | None = None


class Line(NamedTuple):
    """`value * slope + intercept`."""

    slope: Fraction
    intercept: Fraction = Fraction(0)

    def inverse(self) -> Line:
        return Line(1 / self.slope, -self.intercept / self.slope)

    def then(self, after: Line) -> Line:
        return Line(self.slope * after.slope, self.intercept * after.slope + after.intercept)


class Equation(NamedTuple):
    """One row of `conversions.csv`: `target` = slope × `origin` + intercept."""

    origin: str
    target: str
    line: Line

    def reversed(self) -> Equation:
        return Equation(self.target, self.origin, self.line.inverse())


def match(text: str, pos: int = 0) -> Unit | None:
    """The longest unit written at `pos`; white space and one hyphen ("6-month") may stand before it."""
    lead = _LEAD.match(text, pos)
    start = lead.end() if lead else pos
    found = read(text, start)
    return None if found is None else Unit(text[start : found.end], found.ucum, start, found.end, found.implies)


def convert(value: float, from_ucum: str, to_ucum: str, measure: Measure | None = None) -> float | None:
    """The value in another unit, or None when nothing certain leads from one to the other.

    Months and years are UCUM's: 30.4375 and 365.25 days.
    """
    if from_ucum == to_ucum:
        return value
    line = _line(from_ucum, to_ucum, measure)
    if line is None:
        return None
    # Numerator and denominator apart: 36 months are 3 years to the last digit.
    return value * line.slope.numerator / line.slope.denominator + float(line.intercept)


def meant(code: str, measure: Measure) -> str:
    """The unit that is meant where only half of it is written: "1000 mm3" neutrophils are 1000 in each mm3.

    A cell count's bare volume is its divisor, and a bare power of ten counts cells in the volume that goes with it.
    """
    default, written = ucum.scale(measure.ucum or ""), ucum.scale(code)
    if default is None or written is None or default.dimension != (("length", -3),):
        return code
    if written.dimension == (("length", 3),):
        return f"/{code}"
    return {"10*9": "10*9/L", "10*12": "10*12/L", "10*3": "10*3/uL", "10*6": "10*6/uL"}.get(code, code)


def plausible(value: float, code: str | None, measure: Measure) -> bool | None:
    """Whether a living patient can have the value; None where the measure has no bounds or the unit doesn't convert."""
    lower, upper = measure.plausible
    if lower is None and upper is None:
        return None
    number = value if code == measure.ucum else convert(value, code or "1", measure.ucum or "1", measure)
    if number is None:
        return None
    return (lower is None or number >= lower) and (upper is None or number <= upper)


@lru_cache(maxsize=4096)
def _line(origin: str, target: str, measure: Measure | None) -> Line | None:
    equations = _equations().get(measure.id, ()) if measure else ()
    for known in equations:
        for way in (known, known.reversed()):
            if (way.origin, way.target) == (origin, target):
                return way.line
    if any(known.line.intercept for known in equations):
        return None  # a plain factor would be wrong between the units of an equation
    direct = _direct(origin, target, equations, measure)
    if direct is None and measure and measure.ucum not in (None, origin, target):
        before = _direct(origin, measure.ucum, equations, measure)
        after = _direct(measure.ucum, target, equations, measure)
        return before.then(after) if before and after else None
    return direct


def _direct(origin: str, target: str, equations: Sequence[Equation], measure: Measure | None) -> Line | None:
    return _plain(origin, target) or _by_equation(origin, target, equations) or _by_substance(origin, target, measure)


def _plain(origin: str, target: str) -> Line | None:
    a, b = ucum.scale(origin), ucum.scale(target)
    if a is None or b is None or a.dimension != b.dimension:
        return None
    return Line(a.factor / b.factor, (a.offset - b.offset) / b.factor)


def _by_equation(origin: str, target: str, equations: Sequence[Equation]) -> Line | None:
    for known in equations:
        for way in (known, known.reversed()):
            before, after = _plain(origin, way.origin), _plain(way.target, target)
            if before and after:
                return before.then(way.line).then(after)
    return None


def _by_substance(origin: str, target: str, measure: Measure | None) -> Line | None:
    """Between mass, amount and equivalents of one substance: n mol are n·M grams and n·z equivalents.

    The rule holds below the line as well: mg/g of creatinine is M(creatinine) mg/mmol.
    """
    a, b = ucum.scale(origin), ucum.scale(target)
    if a is None or b is None or measure is None:
        return None
    change = dict(b.dimension)
    for name, n in a.dimension:
        change[name] = change.get(name, 0) - n
    mass, charge = change.pop("mass", 0), change.pop("charge", 0)
    if change.pop("amount", 0) + mass + charge or any(change.values()):
        return None
    if (mass and not measure.molar_mass) or (charge and not measure.charge):
        return None
    molar = Fraction(str(measure.molar_mass or 1)) ** mass * Fraction(measure.charge or 1) ** charge
    return Line(a.factor / b.factor * molar)


@cache
def _equations() -> Mapping[str, tuple[Equation, ...]]:
    known: dict[str, tuple[Equation, ...]] = {}
    for row in rows("conversions.csv"):
        equation = Equation(row["from"], row["to"], Line(Fraction(row["slope"]), Fraction(row["intercept"])))
        for measure in entries(row["measures"]):
            known[measure] = (*known.get(measure, ()), equation)
    return known
