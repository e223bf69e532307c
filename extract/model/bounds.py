"""Bounds that a model reads in a criterion, checked against its words.

A proposal says what goes together: these words are the measure, this number its upper bound. What each of them is (the
number, its unit, the direction of the comparison, the id of the measure) is read from the words by the lexer that the
rules use, so a model can tie words together but not add any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from extract.criteria.constraints import Bound, Constraint, Kind, Sex
from extract.criteria.lexer import Quantity, lex
from extract.criteria.lexer import Tokens as Lexed
from extract.criteria.measures import Measure
from extract.criteria.roles import AFTERWORD, BETWEEN, COMPARE, EXCEPT, MEASURE, NOT, PAST, QUANTITY, SEX, TO, WITHIN
from extract.criteria.topics import vocabulary
from extract.criteria.units import Unit, plausible
from extract.criteria.vocabulary import Comparison
from extract.evidence import fold
from extract.extraction import Criterion
from extract.model.replies import Cited, Reply, Words
from extract.model.texts import Tokens

_HYPHEN = re.compile(r"\d\s?[-–—]\s?\d")
_NAMELESS = ("dose", "duration", "window")
"""Kinds whose label is a drug or an event, and no measure of the table."""

Topic = Annotated[str, Field(json_schema_extra={"enum": list[JsonValue](vocabulary())})]
Several = Field(json_schema_extra={"maxItems": 60})


class CitedBound(Cited):
    """A bound, a range, or a list of grades."""

    kind: Kind
    measure: Words
    lower: float | None = None
    upper: float | None = None
    values: Annotated[list[Words], Several] | None = None
    direction: Literal["before", "after"] | None = None
    anchor: Words | None = None
    sex: Sex | None = None
    condition: Words | None = None
    negated: bool | None = None
    excepted: bool | None = None


class CitedTopic(Cited):
    """What a criterion is about."""

    topic: Topic


class CriteriaFound(Reply):
    """What the criteria bound, and what they are about."""

    bounds: Annotated[list[CitedBound], Several] | None = None
    topics: Annotated[list[CitedTopic], Several] | None = None


class Unproven(Exception):
    """A proposal that the words do not bear out. The reason repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A stretch of a criterion's text, as the rules' lexer sees it."""

    text: str
    lexed: Lexed
    start: int
    end: int

    def quantities(self) -> list[Quantity]:
        return [v for v in self._values(QUANTITY) if isinstance(v, Quantity)]

    def comparisons(self) -> list[Comparison]:
        return [v for v in self._values(COMPARE | AFTERWORD) if isinstance(v, Comparison)]

    def measure(self) -> Measure | None:
        """The one measure that is named."""
        named = [v for v in self._values(MEASURE) if isinstance(v, Measure)]
        return named[0] if len(named) == 1 else None

    def sexes(self) -> list[object]:
        return self._values(SEX)

    def has(self, roles: int) -> bool:
        return any(self.lexed.roles[k] & roles for k in self._inside())

    def norms(self) -> set[str]:
        return set(Tokens(self.text[self.start : self.end]).norms)

    def find(self, words: str) -> _Words:
        """These words in it. Raises Unproven."""
        place = next(Tokens(self.text).find(Tokens(words), self.start, self.end), None)
        if place is None:
            raise Unproven("some of the words are not in the criterion")
        return _Words(self.text, self.lexed, *place)

    def __str__(self) -> str:
        return fold(self.text[self.start : self.end])

    def _values(self, roles: int) -> list[object]:
        return [self.lexed.values.get(k) for k in self._inside() if self.lexed.roles[k] & roles]

    def _inside(self) -> Iterator[int]:
        for k in range(self.lexed.count):
            if self.start <= self.lexed.written.original(self.lexed.starts[k]) < self.end:
                yield k


def constraint_of(cited: CitedBound, quote: str, criterion: Criterion) -> Constraint:
    """The constraint that a proposal makes of a criterion's words. `quote` is the record's own words for it. Raises
    Unproven."""
    at = criterion.text.find(quote)
    if at < 0:
        raise Unproven("the words are not one criterion's")
    everything = _Words(criterion.text, lex(criterion.text), 0, len(criterion.text))
    words = _Words(criterion.text, everything.lexed, at, at + len(quote))
    label = everything.find(cited.measure)
    measure = label.measure()
    unit = None if cited.values else _unit(cited, words)
    lower, upper = (_bound(cited, side, words) for side in ("lower", "upper"))
    _check(cited, words, lower, upper)
    for bound in (lower, upper):
        if bound and measure and plausible(bound.value, unit.ucum if unit else None, measure) is False:
            raise Unproven("the measure has no such values")
    return Constraint(
        kind=cited.kind,
        variable=measure.id if measure and cited.kind not in _NAMELESS else None,
        label=str(label),
        lower=lower,
        upper=upper,
        values=tuple(cited.values) if cited.values else None,
        unit=unit.text if unit else None,
        ucum=unit.ucum if unit else None,
        direction=cited.direction if cited.kind == "window" else None,
        anchor=str(everything.find(cited.anchor)) if cited.anchor else None,
        sex=cited.sex,
        condition=str(everything.find(cited.condition)) if cited.condition else None,
        negated=_marked(cited.negated, NOT, everything),
        excepted=_marked(cited.excepted, EXCEPT, everything),
        quote=quote,
        chars=(at, at + len(quote)),
    )


def _check(cited: CitedBound, words: _Words, lower: Bound | None, upper: Bound | None) -> None:
    if cited.values:
        if not all(Tokens(v).norms and set(Tokens(v).norms) <= words.norms() for v in cited.values):
            raise Unproven("the grades are not in the words")
    elif lower is None and upper is None:
        raise Unproven("nothing is bounded")
    if lower and upper and lower.value >= upper.value:
        raise Unproven("the lower bound is not below the upper one")
    if cited.sex and cited.sex not in words.sexes():
        raise Unproven("the words say nothing of that sex")


def _bound(cited: CitedBound, side: str, words: _Words) -> Bound | None:
    """The bound on one side. Its number has to be in the words, and they have to bound something on that side."""
    value = cited.lower if side == "lower" else cited.upper
    if value is None or cited.values:
        return None
    if not any(q.value == value for q in words.quantities()):
        raise Unproven("the number is not in the words")
    for comparison in words.comparisons():
        if comparison.lower if side == "lower" else comparison.upper:
            return Bound(value=value, inclusive=comparison.inclusive)
    ranged = (
        cited.lower is not None and cited.upper is not None and (words.has(TO | BETWEEN) or _HYPHEN.search(str(words)))
    )
    if ranged or (side == "upper" and words.has(WITHIN | PAST)):
        return Bound(value=value, inclusive=True)
    raise Unproven("the words do not bound it on that side")


def _unit(cited: CitedBound, words: _Words) -> Unit | None:
    """The unit that the bounding numbers have; of a range, it often stands at the last one only."""
    units = [q.unit for q in words.quantities() if q.value in (cited.lower, cited.upper) and q.unit]
    return units[-1] if units else None


def _marked(claimed: bool | None, roles: int, words: _Words) -> bool:
    if claimed and not words.has(roles):
        raise Unproven("the criterion has no word for that")
    return bool(claimed)


def same_bounds(one: Constraint, others: Sequence[Constraint]) -> bool:
    """Whether one of the others sets the same bounds."""
    return any((one.lower, one.upper, one.values) == (o.lower, o.upper, o.values) for o in others)
