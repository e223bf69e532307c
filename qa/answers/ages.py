"""Age limits: those of the record's fields and those that its criteria name, told apart where they disagree."""

from __future__ import annotations

from itertools import combinations
from math import inf
from typing import NamedTuple

from extract.criteria.constraints import Constraint
from qa.answer import Claim
from qa.answers.claims import citations
from qa.record import Record, Unit, Value
from qa.wording import plain, sentence, shortened, years

_CHARACTERS = 240
_IN_A_YEAR = {"a": 1.0, "mo": 12.0, "wk": 52.18, "d": 365.25}


class AgeLimits(NamedTuple):
    """Limits in years. `low` and `high` are the fields', `by_criteria` the constraints on age with their criteria."""

    low: Value | None
    high: Value | None
    by_criteria: tuple[tuple[Unit, Constraint], ...]

    @property
    def stated(self) -> bool:
        """Whether the record names any limit."""
        return bool(self.low or self.high or self.by_criteria)

    def field_admits(self, age: float) -> bool | None:
        """Whether the fields admit an age; None when they set no limit."""
        low, high = (years(str(v.value)) if v else None for v in (self.low, self.high))
        if low is None and high is None:
            return None
        # Someone is 70 until the 71st birthday.
        return (low is None or age >= low) and (high is None or int(age) <= high)

    def criterion_admits(self, age: float) -> bool | None:
        """Whether the criteria that bound the age admit it; None when none does. One that is met by nobody else's age
        is for a group of its own ("19 to 50" and "65 to 85"): of such groups one has to fit."""
        if not self.by_criteria:
            return None
        required = {u.number: [] for u, _ in self.by_criteria if u.kind == "inclusion"}  # type: dict[int, list[bool]]
        for unit, c in self.by_criteria:
            if unit.kind == "exclusion" and _inside(age, c):
                return False
            if unit.kind == "inclusion":
                required[unit.number].append(_inside(age, c))
        fitting = [all(found) for found in required.values()]
        return not fitting or (any(fitting) if self._apart else all(fitting))

    @property
    def _apart(self) -> bool:
        """Whether two inclusion criteria name ages that no one can have both of."""
        spans = [
            (_years(c.lower.value, c) if c.lower else 0.0, _years(c.upper.value, c) if c.upper else inf)
            for unit, c in self.by_criteria
            if unit.kind == "inclusion"
        ]
        return any(a[1] < b[0] or b[1] < a[0] for a, b in combinations(spans, 2))

    def disagree(self) -> bool:
        """Whether fields and criteria set different limits."""
        low, high = (years(str(v.value)) if v else None for v in (self.low, self.high))
        for unit, c in self.by_criteria:
            if unit.kind == "exclusion":
                continue
            if c.lower and low is not None and abs(_years(c.lower.value, c) - low) >= 1:
                return True
            if c.upper and high is not None and abs(int(_years(c.upper.value, c)) - high) >= 1:
                return True
        return False

    def claims(self, record: Record) -> list[Claim]:
        """Each limit in words, at its lines."""
        told = []
        fields = [v for v in (self.low, self.high) if v]
        if fields:
            words = {
                (True, True): "The age fields admit {0} to {1}.",
                (True, False): "The minimum age field is {0}; there is no maximum.",
                (False, True): "The maximum age field is {0}; there is no minimum.",
            }[bool(self.low), bool(self.high)]
            told.append(
                Claim(
                    text=words.format(*(v.value for v in fields)),
                    citations=citations(record, (v.pointer for v in fields)),
                )
            )
        for unit in {unit.number: unit for unit, _ in self.by_criteria if unit.kind == "inclusion"}.values():
            text = sentence(f"Required: {shortened(plain(unit.text), _CHARACTERS)}")
            told.append(Claim(text=text, citations=[record.citation(unit.lines, unit.text, label=unit.label)]))
        return told


def age_limits(record: Record) -> AgeLimits:
    """The limits that a record names."""
    module = "/protocolSection/eligibilityModule"
    low, high = record.values(f"{module}/minimumAge"), record.values(f"{module}/maximumAge")
    found = tuple(
        (unit, c)
        for unit in record.units
        if unit.of_criteria
        for c in unit.parsed()
        if c.kind == "age" and not c.condition and not c.excepted and not c.sex and (c.lower or c.upper)
    )
    return AgeLimits(low[0] if low else None, high[0] if high else None, found)


def _inside(age: float, c: Constraint) -> bool:
    low, high = (_years(b.value, c) if b else None for b in (c.lower, c.upper))
    inside = (low is None or age > low or (c.lower is not None and c.lower.inclusive and age == low)) and (
        high is None or age < high or (c.upper is not None and c.upper.inclusive and int(age) <= high)
    )
    return inside != c.negated


def _years(value: float, c: Constraint) -> float:
    return value / _IN_A_YEAR.get(c.ucum or "a", 1.0)
