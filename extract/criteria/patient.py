"""A described patient: what is known of somebody, from JSON or from words.

    from_words("72-year-old woman, HbA1c 11 %, metformin for 2 years, no insulin")

Nothing is inferred. What isn't said is unknown, and what cannot be read is refused rather than left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from extract.criteria import ucum, units
from extract.criteria.grades import rank
from extract.criteria.measures import Measure, in_unit, table
from extract.criteria.patient_words import facts_of
from trialcite.errors import UsageError

Time = Literal["h", "d", "wk", "mo", "a"]
_LIMITS = ("{ULN}", "{LLN}")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Model):
    """A length of time. `unit` is a UCUM code: hours, days, weeks, months or years."""

    value: float = Field(ge=0, allow_inf_nan=False)
    unit: Time = "a"

    def __str__(self) -> str:
        names = {"h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
        return f"{self.value:g} {names[self.unit]}{'' if self.value == 1 else 's'}"


class Fact(_Model):
    """One measure's value. `measure` is an id or a name of the table of measures; a graded score's value is its grade.

    unit: as written or in UCUM; "{ULN}" for a multiple of the upper limit of normal. None where none was given: it is
    then taken only if no other could be meant. upper_limit, lower_limit: the laboratory's limits of normal, in `unit`.
    """

    measure: str
    value: float | str
    unit: str | None = None
    upper_limit: float | None = Field(default=None, gt=0)
    lower_limit: float | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("measure"), str):
            return data
        measure, unit = _measure(data["measure"]), data.get("unit")
        if isinstance(unit, str):
            unit = units.meant(_ucum(unit), measure)
            measure = in_unit(measure, unit)
        value = data.get("value")
        if measure.grades and isinstance(value, int | float):
            value = f"{value:g}"
        return {**data, "measure": measure.id, "unit": unit, "value": value}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        measure = table()[self.measure]
        if measure.grades:
            if not isinstance(self.value, str) or rank(measure, self.value) is None:
                raise ValueError(f"{measure.label} has no grade {self.value!r}: it has {', '.join(measure.grades)}")
            return self
        if not isinstance(self.value, float):
            raise ValueError(f"{measure.label} is a number, not {self.value!r}")
        if self.unit in _LIMITS:
            return self
        if self.unit and units.convert(1.0, self.unit, measure.ucum or "1", measure) is None:
            raise ValueError(f"{measure.label} is not given in {self.unit}")
        if not _can_be(self.value, self.unit, measure):
            raise ValueError(f"{measure.label} cannot be {self.value:g} {self.unit or ''}".rstrip())
        return self


class Item(_Model):
    """A condition, drug or procedure by name, how long it has lasted, and how long ago it ended or happened."""

    name: str = Field(min_length=1)
    lasting: Span | None = None
    ago: Span | None = None


class Patient(_Model):
    """What is known of a patient; what is left out is unknown.

    A number for `age` means years. conditions also holds what was named without saying that it is taken. absent: names
    of conditions, drugs and procedures that the patient hasn't.
    """

    age: Span | None = None
    sex: Literal["male", "female"] | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    healthy: bool | None = None
    facts: tuple[Fact, ...] = ()
    conditions: tuple[Item, ...] = ()
    medications: tuple[Item, ...] = ()
    absent: tuple[str, ...] = ()

    @field_validator("age", mode="before")
    @classmethod
    def _years(cls, age: Any) -> Any:
        return {"value": age} if isinstance(age, int | float) and not isinstance(age, bool) else age

    @field_validator("conditions", "medications", mode="before")
    @classmethod
    def _named(cls, items: Any) -> Any:
        return [{"name": i} if isinstance(i, str) else i for i in items] if isinstance(items, list | tuple) else items

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [fact.measure for fact in self.facts]
        for twice in (name for name in names if names.count(name) > 1):
            raise ValueError(f"{table()[twice].label} is given twice")
        if self.sex == "male" and (self.pregnant or self.breastfeeding):
            raise ValueError("a male patient cannot be pregnant or breastfeeding")
        if self.age and not units.plausible(self.age.value, self.age.unit, table()["age"]):
            raise ValueError(f"nobody is {self.age} old")
        return self

    def fact(self, measure: str) -> Fact | None:
        """What is known of one measure."""
        return next((fact for fact in self.facts if fact.measure == measure), None)

    def items(self) -> Iterator[Item]:
        """Everything the patient has, takes or has had."""
        yield from self.conditions
        yield from self.medications


def from_json(text: str | bytes) -> Patient:
    """A patient from JSON. Raises UsageError naming the place and what is wrong there."""
    try:
        return Patient.model_validate_json(text)
    except ValidationError as e:
        raise _refused(e) from e


def from_words(text: str) -> Patient:
    """A patient from words: facts, conditions, drugs, parted by commas. Raises UsageError for what cannot be read."""
    try:
        return Patient.model_validate(facts_of(text))
    except ValidationError as e:
        raise _refused(e) from e


def _refused(fault: ValidationError) -> UsageError:
    first = fault.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return UsageError(f"the patient's {place}: {message}" if place else f"the patient: {message}")


def _measure(name: str) -> Measure:
    known = table().get(name)
    if known is not None:
        return known
    for measure in table().values():
        if name.casefold() in (alias.casefold() for alias in (measure.label, *measure.aliases, *measure.exact)):
            return measure
    raise ValueError(f"{name!r} is no measure of the table")


def _ucum(unit: str) -> str:
    written = units.match(unit)
    if written is not None and written.text == unit.strip():
        return written.ucum
    if ucum.scale(unit) is not None:
        return unit
    raise ValueError(f"{unit!r} is no unit that we know")


def _can_be(value: float, unit: str | None, measure: Measure) -> bool:
    """Whether anybody can have the value: in its unit, or without one in any of the measure's."""
    candidates = (unit,) if unit else measure.units or (None,)
    return any(units.plausible(value, candidate, measure) is not False for candidate in candidates)
