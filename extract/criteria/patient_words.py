"""The words of a patient's description: "72-year-old woman, HbA1c 11 %, metformin for 2 years, no insulin".

Parts are separated by commas, semicolons and "and". A part is read as age and sex, as a measure with its value, or as
the name of a condition or drug, with how long it has lasted or how long ago it was.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any, Final

from extract.criteria.lexer import Quantity, Tokens, lex
from extract.criteria.measures import Measure
from extract.criteria.roles import (
    AND,
    BEFORE,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    FOR,
    GLUE,
    GRADE,
    LIMIT,
    MEASURE,
    NOT,
    OPEN,
    PERSON,
    QUANTITY,
    SEX,
    SLASH,
    STOP,
)
from trialcite.errors import UsageError

TIMES: Final = frozenset(("h", "d", "wk", "mo", "a"))
_BETWEEN_PARTS = COMMA | STOP | AND
_BETWEEN_NAME_AND_VALUE = GLUE | COLON | GRADE
_SEX_LETTER = {"m": "male", "f": "female"}


def facts_of(text: str) -> dict[str, Any]:
    """The fields of a Patient that the words state. Raises UsageError for a part that cannot be read."""
    reading = _Reading(lex(text))
    start = 0
    for at in range(reading.tokens.count + 1):
        if at == reading.tokens.count or reading.tokens.roles[at] & _BETWEEN_PARTS:
            reading.part(start, at)
            start = at + 1
    return reading.fields


class _Reading:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.fields: dict[str, Any] = {}

    def part(self, start: int, end: int) -> None:
        """Reads tokens start to end - 1: quantities first, what is left is a name."""
        roles, at = self.tokens.roles, start
        rest: list[int] = []
        while at < end:
            taken = self._measure(at, end) if roles[at] & MEASURE else self._quantity(at, rest, end)
            if not taken and roles[at] & SEX:
                self._say("sex", self.tokens.values[at])
                taken = 1
            if not taken:
                rest.append(at)
            at += taken or 1
        self._name(rest)

    def _measure(self, at: int, end: int) -> int:
        """How many tokens a measure and its value take; 0 when no value follows."""
        measure: Measure = self.tokens.values[at]
        place = at + 1
        while place < end and self.tokens.roles[place] & _BETWEEN_NAME_AND_VALUE:
            place += 1
        if place < end and self.tokens.roles[place] & COMPARE:
            comparison = self.tokens.values[place]
            if not (comparison.lower and comparison.upper):
                raise UsageError(f"{measure.label} is compared, not given", hint="a patient has one value of a measure")
            place += 1
        if place >= end:
            return 0
        if measure.grades:
            grade = self.tokens.words(place, place + 1)
            self._fact(measure.id, grade, None)
            return place + 1 - at
        if not self.tokens.roles[place] & QUANTITY:
            return 0
        return self._value(measure, place, end) - at

    def _value(self, measure: Measure, place: int, end: int) -> int:
        """Takes the value at a token; the index behind it and what goes with it."""
        quantity = self._quantity_at(place)
        unit = quantity.unit.ucum if quantity.unit else None
        if measure.id == "age":
            self._say("age", {"value": quantity.value, "unit": unit or "a"})
            return place + 1
        if place + 2 < end and self.tokens.roles[place + 1] & SLASH and self.tokens.roles[place + 2] & QUANTITY:
            return self._pressure(measure, quantity, place)
        limits, place = self._limits(place + 1, end)
        self._fact(measure.id, quantity.value, unit, **limits)
        return place

    def _pressure(self, measure: Measure, systolic: Quantity, place: int) -> int:
        """ "150/95 mmHg" is two pressures."""
        if measure.id != "blood_pressure":
            raise UsageError(f"{measure.label} has two values")
        diastolic = self._quantity_at(place + 2)
        unit = diastolic.unit.ucum if diastolic.unit else "mm[Hg]"
        self._fact("sbp", systolic.value, unit)
        self._fact("dbp", diastolic.value, unit)
        return place + 3

    def _limits(self, place: int, end: int) -> tuple[dict[str, float], int]:
        """ "(ULN 40)": the laboratory's limit of normal."""
        roles = self.tokens.roles
        inside = place + 1 if roles[place] & OPEN else place
        if inside + 1 >= end or not (roles[inside] & LIMIT and roles[inside + 1] & QUANTITY):
            return {}, place
        name = "upper_limit" if self.tokens.values[inside] == "ULN" else "lower_limit"
        behind = inside + 2
        return {name: self._quantity_at(inside + 1).value}, behind + bool(roles[behind] & CLOSE)

    def _quantity(self, at: int, before: list[int], end: int) -> int:
        """A quantity without a measure's name: an age, a count, or the time of what was named before it."""
        roles = self.tokens.roles
        place = at + 1 if roles[at] & FOR and not roles[at] & QUANTITY else at
        if place >= end or not roles[place] & QUANTITY:
            return 0
        quantity = self._quantity_at(place)
        unit = quantity.unit
        if unit is None:
            raise UsageError(f"{self.tokens.words(place, place + 1)!r} is a number of what?", where=self._around(at))
        if unit.implies == "age":
            self._say("age", {"value": quantity.value, "unit": unit.ucum})
            following = self.tokens.word(place + 1)
            if place + 1 < end and following in _SEX_LETTER:
                self._say("sex", _SEX_LETTER[following])
                return place + 2 - at
            return place + 1 - at
        if unit.implies:
            self._fact(unit.implies, quantity.value, unit.ucum)
            return place + 1 - at
        if unit.ucum not in TIMES or not before:
            raise UsageError(f"{self.tokens.words(place, place + 1)!r}: of what?", where=self._around(at))
        ago = place + 1 < end and bool(roles[place + 1] & BEFORE)
        self._name(before, **{"ago" if ago else "lasting": {"value": quantity.value, "unit": unit.ucum}})
        before.clear()
        return place + 1 + ago - at

    def _name(self, tokens: list[int], **time: Any) -> None:
        """What is named: a state such as pregnancy, or a condition or drug, which the patient has or has not."""
        known = words()
        denied = any(self.tokens.roles[at] & NOT for at in tokens)
        named = [at for at in tokens if not self.tokens.roles[at] & (NOT | PERSON)]
        text = " ".join(self.tokens.words(at, at + 1) for at in named).strip(" .:()")
        drug = _lead(known["taking"]).match(text)
        text = _lead(known["leads"]).sub("", text[drug.end() :] if drug else text)
        text = _tail(known["tails"]).sub("", text).strip(" .:()")
        state = next((s for s in ("pregnant", "breastfeeding", "healthy") if text.lower() in known[s]), None)
        if state:
            self._say(state, not denied)
        elif denied and text:
            self.fields.setdefault("absent", []).append(text)
        elif text:
            kind = "medications" if drug else "conditions"
            self.fields.setdefault(kind, []).append({"name": text, **time})

    def _fact(self, measure: str, value: float | str, unit: str | None, **limits: float) -> None:
        fact = {"measure": measure, "value": value, "unit": unit, **limits}
        self.fields.setdefault("facts", []).append(fact)

    def _say(self, field: str, value: Any) -> None:
        if self.fields.setdefault(field, value) != value:
            raise UsageError(f"the patient's {field} is given twice")

    def _quantity_at(self, at: int) -> Quantity:
        quantity: Quantity = self.tokens.values[at]
        return quantity

    def _around(self, at: int) -> str:
        return self.tokens.words(max(0, at - 3), min(self.tokens.count, at + 3))


@cache
def words() -> dict[str, list[str]]:
    """The words of a patient's description, from match.toml."""
    found: dict[str, list[str]] = loads((files("extract.criteria") / "match.toml").read_text("utf-8"))["patient"]
    return found


@cache
def _pattern(phrases: tuple[str, ...]) -> str:
    return "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True))


def _lead(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:(?:{_pattern(tuple(phrases))})\s+)+", re.IGNORECASE)


def _tail(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:\s+(?:{_pattern(tuple(phrases))}))+$", re.IGNORECASE)
