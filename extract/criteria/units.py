"""Units as they are written, and values taken from one unit to another.

    match("≥ 7.0 mmol / L", 5)                              Unit("mmol / L", "mmol/L", …)
    convert(126, "mg/dL", "mmol/L", table()["glucose"])     6.99…

Units are read by composition: an atom of `units.csv`, then as many divisors as follow ("mg per kg a day" is mg/kg/d).
Columns of `units.csv`:

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
from extract.criteria.phrases import Phrases, Token, expand
from extract.criteria.tables import entries, rows

if TYPE_CHECKING:
    from extract.criteria.measures import Measure

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|-(?=\d)|[^\s\-^\\\u00ad]")
_LONGEST = 96
"""No unit is written longer than this; looking no further keeps a long line linear."""

_POWER_OF_TEN = re.compile(
    r"(?:[x×*·∙•]\s*)?10\s?(?:\\?\^|\\?\*{1,2}|exp|e|(?=[⁰¹²³⁴-⁹]|\())\s?\(?\+?(?P<marked>[\d⁰¹²³⁴-⁹]{1,2})\)?(?!\d)"
    r"|[x×*·∙•]\s*10\s?(?P<bare>3|6|9|12)(?!\d)",
    re.IGNORECASE,
)
_POWER_CODE = re.compile(r"10\*\d+")
_LEAD = re.compile(r"[\s\u00ad\u200b]*(?:[-‐‑–](?=[^\W\d_]))?[\s\u200b]*")
_PER = frozenset(("/", "per"))
_TIMES = frozenset(("x", "×", "*", "time", "times", "fold"))
_WHOSE = frozenset(("of", "above", "the", "their", "institutional", "institution", "laboratory", "lab", "local"))
_DOTS = frozenset("·.*∙•")
_FIRST_SCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in a text: `text` is what stands at [start, end). `implies` is the id of the measure it gives away."""

    text: str
    ucum: str
    start: int
    end: int
    implies: str | None = None


class Spelling(NamedTuple):
    """What a spelling stands for."""

    ucum: str
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
    lead = _LEAD.match(text, pos, pos + _LONGEST)
    start = lead.end() if lead else pos
    window = text[start : start + _LONGEST]
    multiplier, skipped = _power_of_ten(window)
    tokens = [t for t in _spellings().atoms.tokens(window) if t.start >= skipped]
    if len(window) == _LONGEST and tokens and tokens[-1].end == _LONGEST:
        tokens.pop()  # it may be cut
    reading = _Reading(window, tokens)
    code = reading.unit(multiplier)
    if code is None:
        return None
    end = tokens[reading.at - 1].end if reading.at else skipped
    return Unit(window[:end], code, start, start + end, reading.implies)


def convert(value: float, from_ucum: str, to_ucum: str, measure: Measure | None = None) -> float | None:
    """The value in another unit, or None when nothing certain leads from one to the other.

    Months and years are UCUM's: 30.4375 and 365.25 days.
    """
    if from_ucum == to_ucum:
        return value
    line = _line(from_ucum, to_ucum, measure)
    return None if line is None else float(Fraction(value) * line.slope + line.intercept)


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


class _Tables(NamedTuple):
    atoms: Phrases[Spelling]
    below: Phrases[Spelling]
    after_times: Phrases[Spelling]
    rates: Phrases[Spelling]


@cache
def _spellings() -> _Tables:
    tables = _Tables(Phrases(_TOKEN), Phrases(_TOKEN), Phrases(_TOKEN), Phrases(_TOKEN))
    for row in rows("units.csv"):
        spelling = Spelling(row["ucum"], row["implies"] or None)
        columns = {
            "spellings": (tables.atoms, tables.below),
            "exact": (tables.atoms, tables.below),
            "denominator": (tables.below,),
            "after_times": (tables.after_times,),
            "rate": (tables.rates,),
        }
        for column, phrases in columns.items():
            for template in entries(row[column]):
                for phrase in expand(template):
                    for table in phrases:
                        table.add(phrase, spelling, exact=column == "exact")
    return tables


def _power_of_ten(window: str) -> tuple[str | None, int]:
    """("10*9", characters it takes) when the window opens with a power of ten, as a multiplier stands before a unit."""
    m = _POWER_OF_TEN.match(window)
    if m is None:
        return None, 0
    return "10*" + (m["marked"] or m["bare"]).translate(_FIRST_SCRIPT), m.end()


class _Reading:
    """One walk over the tokens of a window."""

    def __init__(self, window: str, tokens: list[Token]) -> None:
        self.window = window
        self.tokens = tokens
        self.at = 0
        self.implies: str | None = None

    def unit(self, multiplier: str | None) -> str | None:
        """The UCUM code of the unit at the front, having moved behind it."""
        if multiplier is None and (limit := self._limit_of_normal()):
            return limit
        above = [multiplier] if multiplier else []
        while (found := self._phrase(_spellings().atoms, self._solid())) is not None:
            above.append(found.ucum)
            self.implies = found.implies
            if not _is_number(found.ucum):
                break
        below = self._divisors()
        bare_number = all(map(_is_number, above)) and multiplier is None
        if bare_number and not below:
            return None  # "3 million" or "100 cells": a number, not yet a unit
        return ".".join(code for code in above if code != "1") + "".join(f"/{code}" for code in below)

    def _limit_of_normal(self) -> str | None:
        times, at = False, self.at
        while at < len(self.tokens) and (word := self.tokens[at].word) in _TIMES | _WHOSE:
            times |= word in _TIMES
            at += 1
        known = _spellings()
        for table in (known.atoms, known.after_times) if times else (known.atoms,):
            found = table.longest(self.window, self.tokens, at)
            if found and found[1].ucum in ("{ULN}", "{LLN}"):
                self.at = at + found[0]
                return found[1].ucum
        return None

    def _divisors(self) -> list[str]:
        codes: list[str] = []
        while (code := self._per() or self._rate() or self._inverse()) is not None:
            codes.append(code)
        return codes

    def _per(self) -> str | None:
        """ "/kg", "per 1.73 m2" """
        if self.at < len(self.tokens) and self.tokens[self.at].word in _PER:
            found = _spellings().below.longest(self.window, self.tokens, self.at + 1)
            if found and not _is_number(found[1].ucum):
                self.at += 1 + found[0]
                return found[1].ucum
        return None

    def _rate(self) -> str | None:
        """ "daily" """
        found = self._phrase(_spellings().rates, self.tokens)
        return found.ucum if found else None

    def _inverse(self) -> str | None:
        """ "min-1", "m−2" """
        at = self.at + (self.at < len(self.tokens) and self.tokens[self.at].word in _DOTS)
        found = _spellings().below.longest(self.window, self.tokens, at)
        if found is None:
            return None
        end = at + found[0]
        if [t.word for t in self.tokens[end : end + 2]] not in (["-", "1"], ["-", "2"], ["-", "3"]):
            return None
        self.at = end + 2
        code, exponent = found[1].ucum, self.tokens[end + 1].word
        return code if exponent == "1" or code.startswith("{") else code + exponent

    def _phrase(self, table: Phrases[Spelling], tokens: Sequence[Token]) -> Spelling | None:
        found = table.longest(self.window, tokens, self.at)
        if found is None:
            return None
        self.at += found[0]
        return found[1]

    def _solid(self) -> Sequence[Token]:
        """The tokens up to the first number that stands apart: "5 m 2 weeks ago" has no square metres."""
        for i in range(self.at + 1, len(self.tokens)):
            token = self.tokens[i]
            if token.word[0].isdigit() and self.window[token.start - 1].isspace():
                return self.tokens[:i]
        return self.tokens


def _is_number(code: str) -> bool:
    return code == "1" or _POWER_CODE.fullmatch(code) is not None
