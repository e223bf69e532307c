"""Bounds of criteria: one end of a comparison, as gold and predictions both have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDED = {word: float(n) for n, word in enumerate(_WORDS.split())} | {"eighteen": 18.0}
_STEM = 5
"""So many letters of two words are compared: glucose, glucoses; haemoglobin, haemoglobins."""


class Bound(NamedTuple):
    """A lower or upper bound, and whether it is itself within."""

    side: Literal["lower", "upper"]
    inclusive: bool
    value: float


def number(text: str | None) -> float | None:
    """The one number that a text holds, in digits ("< 1,000", "7,5") or as a word; None where there is not just one."""
    plain = (text or "").casefold().replace(" ", "")
    found = _NUMBER.findall(_THOUSANDS.sub("", plain).replace(",", "."))
    return float(found[0]) if len(found) == 1 else _WORDED.get(plain)


def numbers(text: str) -> list[float]:
    """Every number in digits that a text holds."""
    return [float(n) for n in _NUMBER.findall(_THOUSANDS.sub("", text))]


def between(low: float, high: float) -> list[Bound]:
    """A closed range as its two bounds."""
    return [Bound("lower", True, low), Bound("upper", True, high)]


def of_constraint(constraint: Mapping[str, Any]) -> list[Bound]:
    """The bounds of a predicted constraint; admitted grades are the range that they span."""
    if constraint.get("values"):
        grades = [g for g in (number(str(v)) for v in constraint["values"]) if g is not None]
        return between(min(grades), max(grades)) if grades else []
    sides: tuple[Literal["lower", "upper"], ...] = ("lower", "upper")
    ends = [(side, constraint[side]) for side in sides if constraint.get(side)]
    return [Bound(side, bool(end.get("inclusive")), float(end["value"])) for side, end in ends]


def stems(text: str | None) -> set[str]:
    """The beginnings of a text's words."""
    return {word[:_STEM] for word in re.findall(r"[a-z0-9]+", (text or "").lower()) if len(word) > 1}


def names_it(constraint: Mapping[str, Any], name: str, *, age: bool = False) -> bool:
    """Whether a constraint is about what the gold calls by that name."""
    if age and constraint.get("variable") == "age":
        return True
    return bool(stems(name) & (stems(constraint.get("label")) | stems(constraint.get("variable"))))


def has_unit(constraint: Mapping[str, Any], units: Iterable[str]) -> bool:
    """Whether a constraint has one of the units, however written."""
    written, code = _unit(constraint.get("unit")), _unit(constraint.get("ucum"))
    if not written and not code:
        return False
    return any(_unit(u).rstrip("s") in (written or code) or written in _unit(u) for u in units)


def _unit(text: str | None) -> str:
    plain = re.sub(r"\s+", "", (text or "").lower()).replace("percent", "%")
    plain = plain.translate(str.maketrans("²³µμ", "23uu"))
    return re.sub(r"(year|month|week|day|hour|minute|point|time)s\b", r"\1", plain)
