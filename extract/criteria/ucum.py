"""Arithmetic of UCUM units: what a unit measures and how large it is.

The atoms are rows of `units.csv`; a unit is a product of them ("mg/kg/d", "kg/m2", "10*9/L"). Factors are exact
fractions of the dimension's base, so 6 months are 0.5 years and not 0.49999. Time follows UCUM's calendar convention:
a year is 365.25 days, a month a twelfth of it (30.4375 days), a week 7 days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from extract.criteria.tables import rows

_COMPONENT = re.compile(r"([/.]?)((?:\{[^{}]*\}|\[[^\[\]]*\]|[^/.\[\]{}])+)")
_POWER = re.compile(r"10\*(-?\d{1,2})")
_EXPONENT = re.compile(r"(.+?)(-?[1-9])")


@dataclass(frozen=True)
class Scale:
    """A unit as `factor` × the base unit of `dimension`, counted from `offset` (temperatures)."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]
    offset: Fraction = Fraction(0)


@lru_cache(maxsize=4096)
def scale(ucum: str) -> Scale | None:
    """The scale of a unit, or None when it isn't made of atoms we know."""
    atom = _atoms().get(ucum)
    if atom is not None:
        return atom
    components, at = [], 0
    while at < len(ucum):
        m = _COMPONENT.match(ucum, at)
        if m is None or (at > 0 and not m[1]):
            return None
        components.append((-1 if m[1] == "/" else 1, m[2]))
        at = m.end()
    return _product(components)


def same_kind(a: str, b: str) -> bool:
    """Whether two units measure the same. Pure numbers are told apart by their code: a percentage is no ratio."""
    if a == b:
        return True
    one, other = scale(a), scale(b)
    return one is not None and other is not None and one.dimension == other.dimension != ()


def _product(components: list[tuple[int, str]]) -> Scale | None:
    factor, dimension = Fraction(1), dict[str, int]()
    for sign, code in components:
        atom, exponent = _power(code)
        if atom is None:
            return None
        factor *= atom.factor ** (sign * exponent)
        for name, n in atom.dimension:
            dimension[name] = dimension.get(name, 0) + sign * exponent * n
    if not components:
        return None
    return Scale(factor, tuple(sorted((name, n) for name, n in dimension.items() if n)))


def _power(code: str) -> tuple[Scale | None, int]:
    """An atom and its exponent: "m2" is the metre twice."""
    known = _atoms().get(code)
    if known is not None:
        return known, 1
    if power := _POWER.fullmatch(code):
        return Scale(Fraction(10) ** int(power[1]), ()), 1
    if (m := _EXPONENT.fullmatch(code)) and (known := _atoms().get(m[1])) is not None:
        return known, int(m[2])
    return None, 1


@cache
def _atoms() -> Mapping[str, Scale]:
    atoms: dict[str, Scale] = {}
    for row in rows("units.csv"):
        if row["factor"]:
            if row["ucum"] in atoms:
                raise ValueError(f"units.csv gives {row['ucum']} two sizes")
            atoms[row["ucum"]] = Scale(
                Fraction(row["factor"]), _dimension(row["dimension"]), Fraction(row["offset"] or 0)
            )
    return atoms


def _dimension(text: str) -> tuple[tuple[str, int], ...]:
    """ "amount/time" is amount¹ · time⁻¹; "number" is no dimension at all."""
    exponents: dict[str, int] = {}
    for sign, name in re.findall(r"([/.]?)([^/.]+)", text):
        exponents[name] = exponents.get(name, 0) + (-1 if sign == "/" else 1)
    exponents.pop("number", None)
    return tuple(sorted((name, n) for name, n in exponents.items() if n))
