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
from extract.criteria.phrases import Phrases, Token, expand, normal, simplify
from extract.criteria.tables import entries, rows

if TYPE_CHECKING:
    from extract.criteria.measures import Measure

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-zμ]+|-(?=\d)|[^\s\-^\\\u00ad]")
_LONGEST = 72
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
_POWER_SIGNS = frozenset("x×X*·∙•1")
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
    lead = _LEAD.match(text, pos)
    start = lead.end() if lead else pos
    window = text[start : start + _LONGEST]
    power = _POWER_OF_TEN.match(window) if window[:1] in _POWER_SIGNS else None
    taken = power.end() if power else 0
    simple = simplify(window[taken:])
    first = _TOKEN.match(simple)
    if power is None and (first is None or normal(first[0]) not in _openers()):
        return None  # nearly always: what follows a number is seldom a unit
    reading = _Reading(window[taken:], simple, cut=len(window) == _LONGEST)
    code = reading.unit(_power(power) if power else None)
    if code is None:
        return None
    length = taken + reading.end if reading.end else len(window[:taken].rstrip())
    return Unit(window[:length], code, start, start + length, reading.implies)


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


def _power(written: re.Match[str]) -> str:
    """The UCUM code of a power of ten, which is a multiplier before a unit: "x 10^9" is 10*9."""
    return "10*" + (written["marked"] or written["bare"]).translate(_FIRST_SCRIPT)


@cache
def _openers() -> frozenset[str]:
    """Every word that can open a unit."""
    tables = _spellings()
    return frozenset((*tables.atoms.openers(), *tables.rates.openers())) | _PER | _TIMES


class _Words:
    """The tokens of a simplified window, found as they are asked for. `stop`: none from this index on is given."""

    def __init__(self, simple: str, *, cut: bool) -> None:
        self._found: list[Token] = []
        self._more = _TOKEN.finditer(simple)
        self._whole = len(simple) - cut
        self.stop = len(simple)

    def __getitem__(self, at: int, /) -> Token:
        while at >= len(self._found):
            m = next(self._more, None)
            if m is None or m.end() > self._whole:  # what touches the end of a cut window may be longer
                raise IndexError(at)
            self._found.append(Token(normal(m[0]), *m.span()))
        if at >= self.stop:
            raise IndexError(at)
        return self._found[at]

    def word(self, at: int) -> str:
        """The token's word; "" behind the last."""
        try:
            return self[at].word
        except IndexError:
            return ""


class _Reading:
    """One walk over the tokens of a window."""

    def __init__(self, window: str, simple: str, *, cut: bool) -> None:
        self.window = window
        self.words = _Words(simple, cut=cut)
        self.at = 0
        self.implies: str | None = None

    @property
    def end(self) -> int:
        """How many characters have been read."""
        return self.words[self.at - 1].end if self.at else 0

    def unit(self, multiplier: str | None) -> str | None:
        """The UCUM code of the unit at the front, having moved behind it."""
        if multiplier is None and (limit := self._limit_of_normal()):
            return limit
        above = [multiplier] if multiplier else []
        while (found := self._above()) is not None:
            above.append(found.ucum)
            self.implies = found.implies
            if not _is_number(found.ucum):
                break
        below = self._divisors()
        if not below and multiplier is None and all(map(_is_number, above)):
            return None  # "3 million" or "100 cells": a number, not yet a unit
        return ".".join(code for code in above if code != "1") + "".join(f"/{code}" for code in below)

    def _above(self) -> Spelling | None:
        """What stands above the line. A number that stands apart is no exponent: "5 m 2 weeks ago" has no m2."""
        atoms, at = _spellings().atoms, self.at
        found = atoms.longest(self.window, self.words, at)
        if found is None:
            return None
        for i in range(at + 1, at + found[0]):
            token = self.words[i]
            if token.word[0].isdigit() and self.window[token.start - 1].isspace():
                self.words.stop = i
                found = atoms.longest(self.window, self.words, at)
                self.words.stop = len(self.window)
                break
        return self._take(found)

    def _limit_of_normal(self) -> str | None:
        """ "x ULN", "times the institutional upper limit of normal" """
        if self.words.word(self.at) not in _TIMES:
            return None
        at = self.at + 1
        while self.words.word(at) in _WHOSE:
            at += 1
        for table in (_spellings().atoms, _spellings().after_times):
            found = table.longest(self.window, self.words, at)
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
        if self.words.word(self.at) not in _PER:
            return None
        found = _spellings().below.longest(self.window, self.words, self.at + 1)
        if found is None or _is_number(found[1].ucum):
            return None
        self.at += 1 + found[0]
        return found[1].ucum

    def _rate(self) -> str | None:
        """ "daily" """
        found = self._take(_spellings().rates.longest(self.window, self.words, self.at))
        return found.ucum if found else None

    def _inverse(self) -> str | None:
        """ "min-1", "m−2" """
        at = self.at + (self.words.word(self.at) in _DOTS)
        found = _spellings().below.longest(self.window, self.words, at)
        if found is None or self.words.word(at + found[0]) != "-":
            return None
        code, exponent = found[1].ucum, self.words.word(at + found[0] + 1)
        if exponent not in ("1", "2", "3"):
            return None
        self.at = at + found[0] + 2
        return code if exponent == "1" or code.startswith("{") else code + exponent

    def _take(self, found: tuple[int, Spelling] | None) -> Spelling | None:
        if found is None:
            return None
        self.at += found[0]
        return found[1]


def _is_number(code: str) -> bool:
    return code == "1" or _POWER_CODE.fullmatch(code) is not None
