"""One constraint against one patient: true, false, or unknown and what to ask.

A value is compared only in one unit with its bound. Where the units differ the value is converted, and what then lies
within the rounding of published units from the bound is unknown: 126 mg/dL of glucose is 6.99 mmol/L, and 7.0. A value
without a unit is taken only if one unit alone makes it possible. An age is a completed one: who is 1 year old may be
12 months or 23.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from extract.criteria import units
from extract.criteria.constraints import Bound, Constraint
from extract.criteria.grades import rank
from extract.criteria.measures import Measure, table
from extract.criteria.patient import Fact, Patient, Span
from extract.criteria.wording import names_the_same

_ROUNDING = 0.01
_CALENDAR_ROUNDING = 0.04
"""Months have 28 to 31 days."""

_COMMON = 2
_SPOKEN = {
    "{ULN}": "x ULN",
    "{LLN}": "x LLN",
    "{score}": "",
    "Cel": "°C",
    "a": "years",
    "mo": "months",
    "wk": "weeks",
    "d": "days",
    "h": "hours",
}
_EXACT_TIMES = (frozenset(("a", "mo")), frozenset(("wk", "d", "h", "min", "s")))


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a constraint holds, why, and what to ask where that is unknown."""

    truth: bool | None
    reason: str
    ask: str | None = None


class Value(NamedTuple):
    """A patient's value in a bound's unit, from `low` to below `high` where it is not known closer."""

    low: float
    high: float
    rounding: float = 0.0
    unit: str = ""


def evaluate(constraint: Constraint, patient: Patient) -> Answer:
    """Whether what the constraint's words say holds for the patient, before `negated` is applied."""
    if constraint.sex is not None and patient.sex is None:
        return Answer(None, "the bound depends on sex", "sex")
    if constraint.variable == "age":
        return _age(constraint, patient.age)
    if constraint.kind in ("duration", "window") and constraint.variable is None:
        return _time(constraint, patient)
    if constraint.variable is None or constraint.kind == "dose":
        return Answer(None, f"{constraint.label}: not in the description", constraint.label)
    return _measured(constraint, table()[constraint.variable], patient.fact(constraint.variable))


def _age(constraint: Constraint, age: Span | None) -> Answer:
    if age is None:
        return Answer(None, "age is not known", "age")
    unit = constraint.ucum or "a"
    low = units.convert(age.value, age.unit, unit)
    high = units.convert(age.value + 1, age.unit, unit) if age.value.is_integer() else low
    if low is None or high is None:
        return Answer(None, f"an age in {constraint.unit} cannot be compared", "age")
    value = Value(low, low if unit == age.unit else high)
    return _compared(value, f"age {age}", constraint, ask=f"age in {constraint.unit or 'years'}")


def _measured(constraint: Constraint, measure: Measure, fact: Fact | None) -> Answer:
    name = constraint.label or measure.label
    if fact is None:
        return Answer(None, f"{name} is not known", measure.label)
    if isinstance(fact.value, str):
        return _graded(constraint, measure, fact.value)
    said = f"{name} {fact.value:.12g} {_shown(fact.unit, constraint)}".strip()
    if constraint.relative_to is not None or fact.unit in ("{ULN}", "{LLN}"):
        multiple = _multiple(fact, fact.value, constraint)
        if multiple is None:
            return Answer(
                None, f"{said}: the limit of normal is not known", f"{measure.label} against its limit of normal"
            )
        return _compared(Value(multiple, multiple), said, constraint)
    value = _in_unit_of(constraint, measure, fact, fact.value)
    if value is None:
        return Answer(None, f"{said} cannot be compared with {_bounds(constraint)}", f"{measure.label} with its unit")
    if value.rounding:
        said += f" ({float(f'{value.low:.3g}'):.12g} {constraint.unit or value.unit})"
    return _compared(value, said, constraint, ask=measure.label)


def _graded(constraint: Constraint, measure: Measure, grade: str) -> Answer:
    said, place = f"{constraint.label} {grade}", rank(measure, grade)
    if constraint.values is not None:
        admitted = [rank(measure, value) for value in constraint.values]
        if place is None or None in admitted:
            return Answer(None, f"{said} cannot be placed", measure.label)
        names = " or ".join(constraint.values)
        return Answer(place in admitted, f"{said} is {'' if place in admitted else 'not '}{names}")
    for bound in (constraint.lower, constraint.upper):
        at = rank(measure, f"{bound.value:.12g}") if bound else 0
        if place is None or at is None:
            return Answer(None, f"{said} cannot be placed", measure.label)
    ranked = replace(constraint, lower=_ranked(measure, constraint.lower), upper=_ranked(measure, constraint.upper))
    truth = _within(Value(float(place or 0), float(place or 0)), ranked)
    return Answer(truth, f"{said} is {'' if truth else 'not '}{_bounds(constraint)}")


def _sides(constraint: Constraint) -> list[Bound]:
    return [bound for bound in (constraint.lower, constraint.upper) if bound is not None]


def _ranked(measure: Measure, bound: Bound | None) -> Bound | None:
    """A bound on a grade's name as one on its place."""
    return bound and Bound(value=float(rank(measure, f"{bound.value:.12g}") or 0), inclusive=bound.inclusive)


def _multiple(fact: Fact, value: float, constraint: Constraint) -> float | None:
    """The value as a multiple of the limit that the constraint names."""
    limits = {"ULN": ("{ULN}", fact.upper_limit), "LLN": ("{LLN}", fact.lower_limit)}
    unit, limit = limits.get(constraint.relative_to or "", (None, None))
    if unit is not None and fact.unit == unit:
        return value
    return value / limit if limit else None


def _in_unit_of(constraint: Constraint, measure: Measure, fact: Fact, value: float) -> Value | None:
    """The patient's value in the bound's unit. A unit that isn't stated is the only one in which it is possible."""
    target = _bound_unit(constraint, measure)
    origin = fact.unit or _only_unit(measure, value)
    if not (constraint.ucum or fact.unit) and (not measure.units or _one_unit(constraint, measure, value)):
        return Value(value, value)
    if not measure.units:
        return None
    if target is None or origin is None:
        return None
    target = units.meant(target, measure)
    converted = units.convert(value, origin, target, measure)
    if converted is None:
        return None
    return Value(converted, converted, 0.0 if origin == target else _rounding(origin, target), target)


def _bound_unit(constraint: Constraint, measure: Measure) -> str | None:
    """The unit of a bound. One in which no living patient could reach it is a slip of the record ("hemoglobin < 8.5
    mg/dL"): the only unit in which it is possible is meant."""
    bounds = [bound.value for bound in _sides(constraint) if bound.value]
    written = constraint.ucum
    if written is None:
        return _only_unit(measure, bounds[0]) if bounds else None
    if bounds and all(units.plausible(value, written, measure) is False for value in bounds):
        return _only_unit(measure, bounds[0]) or written
    return written


def _one_unit(constraint: Constraint, measure: Measure, value: float) -> bool:
    """Whether there is a unit in common use in which both the value and the bounds are possible, where neither has one:
    then that is meant, and which one it is makes no difference."""
    numbers = [value, *(bound.value for bound in _sides(constraint))]
    return any(
        all(units.plausible(number, unit, measure) is not False for number in numbers)
        for unit in measure.units[:_COMMON]
    )


def _only_unit(measure: Measure, value: float) -> str | None:
    """The one unit of the two in common use, which stand first in the table, in which the value is possible."""
    possible = [unit for unit in measure.units[:_COMMON] if units.plausible(value, unit, measure) is not False]
    # Units of one size, such as mL and cm3, are one.
    same = all(units.convert(value, unit, possible[0], measure) == value for unit in possible)
    return possible[0] if possible and same else None


def _rounding(origin: str, target: str) -> float:
    exact = any(origin in times and target in times for times in _EXACT_TIMES)
    times = any(origin in times for times in _EXACT_TIMES)
    return 0.0 if exact else _CALENDAR_ROUNDING if times else _ROUNDING


def _time(constraint: Constraint, patient: Patient) -> Answer:
    """How long what the label names has lasted, or how long ago it was."""
    label = constraint.label
    if any(names_the_same(absent, label) for absent in patient.absent):
        return Answer(False, f"no {label}")
    item = next((item for item in patient.items() if names_the_same(item.name, label)), None)
    span = None if item is None else item.lasting if constraint.kind == "duration" else item.ago
    if item is None or span is None or constraint.direction == "after" or constraint.ucum is None:
        return Answer(None, f"{label}: not in the description", label)
    value = units.convert(span.value, span.unit, constraint.ucum)
    if value is None:
        return Answer(None, f"{label} cannot be compared", label)
    said = f"{item.name} for {span}" if constraint.kind == "duration" else f"{item.name} {span} ago"
    return _compared(Value(value, value, _rounding(span.unit, constraint.ucum)), said, constraint, ask=label)


def _within(value: Value, constraint: Constraint) -> bool | None:
    """Whether the value lies within the bounds; None where it may and may not, or is too near to a bound to tell."""
    verdicts = (_above(value, constraint.lower), _below(value, constraint.upper))
    return False if False in verdicts else None if None in verdicts else True


def _above(value: Value, bound: Bound | None) -> bool | None:
    if bound is None:
        return True
    if _near(value, bound):
        return None
    if value.low > bound.value or (value.low == bound.value and bound.inclusive):
        return True
    return None if value.high > max(value.low, bound.value) else False


def _below(value: Value, bound: Bound | None) -> bool | None:
    if bound is None:
        return True
    if _near(value, bound):
        return None
    if value.low > bound.value or (value.low == bound.value and not bound.inclusive):
        return False
    return True if value.high <= bound.value else None


def _near(value: Value, bound: Bound) -> bool:
    return value.rounding > 0 and abs(value.low - bound.value) <= value.rounding * abs(bound.value)


def _compared(value: Value, said: str, constraint: Constraint, ask: str | None = None) -> Answer:
    """The answer in words: "BMI 27 is within 20-30 kg/m2", "HbA1c 11 % is above 10 %"."""
    truth, unit = _within(value, constraint), _unit(constraint)
    lower, upper = constraint.lower, constraint.upper
    if truth is None:
        doubt = "is too near to tell whether it is" if value.rounding else "may or may not be"
        return Answer(None, f"{said} {doubt} {_bounds(constraint)}", ask or constraint.label)
    if truth:
        return Answer(True, f"{said} is {_bounds(constraint)}")
    if upper is not None and _below(value, upper) is False:
        return Answer(
            False, f"{said} is {'above' if upper.inclusive else 'not below'} {upper.value:.12g} {unit}".strip()
        )
    assert lower is not None
    return Answer(False, f"{said} is {'below' if lower.inclusive else 'not above'} {lower.value:.12g} {unit}".strip())


def _shown(code: str | None, constraint: Constraint) -> str:
    """A patient's unit as one reads it: as the criterion writes it, or its code without UCUM's brackets."""
    if code is None or code == constraint.ucum:
        return (constraint.unit or "") if code else ""
    plain = re.sub(r"[\[\]{}]", "", code).replace("_", " ").replace("10*", "x10^")
    return _SPOKEN.get(code, plain)


def _unit(constraint: Constraint) -> str:
    return {"ULN": "x ULN", "LLN": "x LLN"}.get(constraint.relative_to or "", constraint.unit or "")


def _bounds(constraint: Constraint) -> str:
    """ "within 20-30 kg/m2", "above 10 %", "at least 18 years" """
    lower, upper = constraint.lower, constraint.upper
    if lower and upper:
        same = lower.value == upper.value
        text = f"{lower.value:.12g}" if same else f"within {lower.value:.12g}-{upper.value:.12g}"
    elif lower:
        text = f"{'at least' if lower.inclusive else 'above'} {lower.value:.12g}"
    elif upper:
        text = f"{'at most' if upper.inclusive else 'below'} {upper.value:.12g}"
    else:
        text = " or ".join(constraint.values or ())
    return f"{text} {_unit(constraint)}".strip()
