"""What one constraint of a criterion says, as a program can evaluate it.

A criterion is read literally: an exclusion is not inverted, a negation is marked, nothing is dropped.

| kind        | bounds                        | example                                | lower, upper, values     |
|-------------|-------------------------------|----------------------------------------|--------------------------|
| age         | the participant's age         | "30-75 years old"                      | lower 30, upper 75       |
| measurement | anything measured             | "HbA1c ≥ 7.5 %"                        | lower 7.5                |
| score       | a rating; `values` if ordinal | "ECOG 0-1"                             | values ("0", "1")        |
| count       | how many times or things      | "two or more severe events"            | lower 2                  |
| dose        | an amount of a drug           | "> 10 mg/day of prednisone"            | lower 10, excluded       |
| duration    | how long something lasts      | "insulin for more than six months"     | lower 6, excluded        |
| window      | how long before or after what | "within 3 months prior to enrollment"  | upper 3                  |

Windows count the time between the event (`label`) and the `anchor`: "within 3 months prior to enrollment" has the
upper bound 3 mo and direction "before"; "at least 90 days after the last dose" the lower bound 90 d and "after". The
anchor is None where the text means the present ("in the past 6 months"). A bare "past month" is one month.

| mark        | says                                                     | example                               |
|-------------|----------------------------------------------------------|---------------------------------------|
| negated     | the words deny it                                        | "must not have a BMI over 35"         |
| excepted    | it names what is let off                                 | "cancer, except if cured 5 years ago" |
| condition   | it holds only then                                       | "≤ 5 × ULN if liver metastases"       |
| conditional | it is a condition itself, not what is asked              | "potassium ≤ 4.8 if eGFR ≥ 45"        |
| sex         | it holds only for them                                   | "> 1.5 mg/dL for males"               |
| connective  | how it is joined to the constraint before it in the text | "HbA1c ≥ 7.5 % or TIR < 70 %"         |
| relative_to | the bounds are multiples of this limit                   | "AST ≤ 2.5 × ULN"                     |

`values` are grades as the text writes them, in digits or Roman numerals; extract.criteria.grades.rank places both. What
a text compares in digits though its grades are Roman ("ASA > 3") keeps its bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from operator import is_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter

Kind = Literal["age", "measurement", "score", "count", "dose", "duration", "window"]
Sex = Literal["male", "female"]
Limit = Literal["ULN", "LLN", "baseline"]

_IF_SAID = Field(exclude_if=partial(is_, None))
_IF_TRUE = Field(exclude_if=partial(is_, False))


@dataclass(slots=True, unsafe_hash=True)
class Bound:
    """One end of a range, in the constraint's unit."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    value: float
    inclusive: bool


@dataclass(slots=True, unsafe_hash=True, kw_only=True)
class Constraint:
    """One bound, range, or list of grades. What does not apply is None, and is left out when written.

    variable: id in the table of measures, None for one that it lacks. label: the measure or event in the text's words.
    values: the admitted grades of an ordinal score.
    unit, ucum: as written, and its UCUM code. chars: where the quote stands in the criterion's text, end excluded.

    Never changed; as for evidence, Pydantic checks only those that come from outside.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: Kind
    variable: str | None = None
    label: str
    lower: Annotated[Bound | None, _IF_SAID] = None
    upper: Annotated[Bound | None, _IF_SAID] = None
    values: Annotated[tuple[str, ...] | None, _IF_SAID] = None
    unit: Annotated[str | None, _IF_SAID] = None
    ucum: Annotated[str | None, _IF_SAID] = None
    relative_to: Annotated[Limit | None, _IF_SAID] = None
    direction: Annotated[Literal["before", "after"] | None, _IF_SAID] = None
    anchor: Annotated[str | None, _IF_SAID] = None
    sex: Annotated[Sex | None, _IF_SAID] = None
    condition: Annotated[str | None, _IF_SAID] = None
    conditional: Annotated[bool, _IF_TRUE] = False
    negated: Annotated[bool, _IF_TRUE] = False
    excepted: Annotated[bool, _IF_TRUE] = False
    connective: Annotated[Literal["and", "or"] | None, _IF_SAID] = None
    quote: str
    chars: tuple[int, int]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Constraint:
        """The constraint that was written so. Raises ValidationError for what is none."""
        return _WRITTEN.validate_python(data)

    def to_json(self) -> dict[str, Any]:
        """The object as it is written out."""
        written: dict[str, Any] = _WRITTEN.dump_python(self, mode="json")
        return written


_WRITTEN = TypeAdapter(Constraint)
