"""What the grammar makes of tokens: values, and bounds on them; and the subjects that are then looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.criteria.measures import Measure
from extract.criteria.units import Unit
from extract.criteria.vocabulary import Comparison

Edge = tuple[float, bool]
"""One end of a range: its value, and whether it is admitted itself."""

Sides = tuple[Edge | None, Edge | None]
"""Lower and upper end, None where open."""

DASHES = frozenset("-–—―‒~～∼˜−〜")
TIME_UNITS = frozenset(("a", "mo", "wk", "d", "h", "min", "s", "{half_lives}"))
REACH = 24
"""How many tokens away from a bound its subject is looked for."""


@dataclass(slots=True)
class Value:
    """A number and its unit.

    second: the lower number of a pair ("140/90"). limit: what the number is a multiple of. inclusive: what a note says
    of it as the end of a range. digits: False for a number word.
    """

    number: float
    unit: Unit | None = None
    digits: bool = True
    second: float | None = None
    limit: Literal["ULN", "LLN"] | None = None
    inclusive: bool | None = None

    def sides(self, comparison: Comparison) -> Sides:
        """The ends of what compares so with the number."""
        edge = self.number, comparison.inclusive
        return (edge if comparison.lower else None), (edge if comparison.upper else None)

    def alike(self, other: Value) -> bool:
        """Whether both can be the ends of one range: units agree, or one is left out."""
        if self.limit != other.limit or (self.second is None) != (other.second is None):
            return False
        return self.unit is None or other.unit is None or self.unit.ucum == other.unit.ucum

    def in_time(self) -> bool:
        return self.unit is not None and self.unit.ucum in TIME_UNITS


@dataclass(slots=True)
class Bounds:
    """Tokens [first, last) that bound something.

    lower, upper: its ends; both None for a bare value. pair: the same for the second number of a pair. grades: those of
    an ordinal score. compared: words or signs compare, beyond a mere range. age: the words speak of age. subject: the
    tokens inside it that name what is bounded, as in "20 ≤ BMI ≤ 30".
    """

    first: int
    last: int
    value: Value
    lower: Edge | None = None
    upper: Edge | None = None
    pair: Sides | None = None
    grades: tuple[str, ...] | None = None
    compared: bool = False
    age: bool = False
    subject: tuple[int, int] | None = None

    @property
    def bare(self) -> bool:
        """Whether it is a value that nothing compares."""
        return self.lower is None and self.upper is None and self.grades is None


@dataclass(slots=True)
class Subject:
    """What a bound speaks of.

    measures: those of the table, each with the words that name it; else the label alone. first, last: its tokens, -1
    where it is not written. distance: how many words stand between it and the bound.
    """

    measures: tuple[tuple[Measure, str], ...] = ()
    label: str = ""
    first: int = -1
    last: int = -1
    distance: int = 0
