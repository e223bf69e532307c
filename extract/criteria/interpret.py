"""Bounds with their subjects as constraints: the last step of reading a criterion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import or_
from typing import Literal

from extract.criteria import measures, units
from extract.criteria.bounds import Bounds, Edge, Subject
from extract.criteria.constraints import Bound, Constraint, Kind
from extract.criteria.grammar import bounds
from extract.criteria.lexer import Tokens
from extract.criteria.marks import Marks
from extract.criteria.measures import Measure
from extract.criteria.roles import (
    AND,
    CLOSE,
    COMMA,
    COMPARE,
    FOR,
    GLUE,
    LINK,
    MEASURE,
    OPEN,
    OR,
    PERSON,
    QUANTITY,
    SEX,
    SLASH,
    WORD,
)
from extract.criteria.subjects import Subjects, is_change
from extract.criteria.timing import Span, Timing
from extract.criteria.vocabulary import lexicon

_SCORE = re.compile(
    r"\b(?:scores?|scales?|index|questionnaires?|inventory|grades?|class|stage|classification|points?|ratings?|assessment"
    r"|level \d)\b",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}(?!\d)")
_FREQUENCY = re.compile(r"\{times\}/|(?:d|h|min)/(?:d|wk|mo|a)$")
_NOT_COUNTED = frozenset(
    ("{score}", "{points}", "{SD}", "{logMAR}", "{letters}", "{ratio}", "{index}", "{T-score}", "{Z-score}")
)
_SNELLEN = 20
"""The distance, in feet, that visual acuities are mostly given for."""

_SIZES = frozenset(("cm", "m", "kg"))
_PER = frozenset(("kg", "m2", "d", "wk", "mo", "h", "a", "min"))


def interpret(tokens: Tokens) -> list[Constraint]:
    """The constraints of one criterion, in its order."""
    found = bounds(tokens)
    return _Interpreter(tokens, found).constraints() if found else []


@dataclass(slots=True)
class _Reading:
    """A bound with all that is known of it. `first`, `last`: the tokens that say it."""

    bound: Bounds
    kind: Kind
    label: str
    first: int
    last: int
    lower: Edge | None
    upper: Edge | None
    measure: Measure | None = None
    span: Span | None = None


class _Interpreter:
    def __init__(self, tokens: Tokens, found: list[Bounds]) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.bounds = found
        self.subjects = Subjects(tokens)
        self.timing = Timing(tokens)
        self.marks = Marks(tokens)
        self.span: Span | None = None
        self.last: _Reading | None = None

    def constraints(self) -> list[Constraint]:
        before: Bounds | None = None
        subject: Subject | None = None
        end = 0
        found: list[tuple[_Reading, Literal["and", "or"] | None]] = []
        for bound in self.bounds:
            if bound.bare and before is not None and subject is not None:
                self._inherit(bound, before)
            readings, own = self._readings(bound, before, subject)
            if readings:
                first, *others = readings
                found.append((first, self._connective(end, bound.first if first.first < end else first.first)))
                if others:
                    shared = self._coordination(bound, own) if own is not None else None
                    found += [(reading, shared) for reading in others]
                self.last = readings[-1]
                if before is not None and own is not None and own is subject and before.value.limit is None:
                    before.value.unit = before.value.unit or bound.value.unit  # "< 90 or > 160 mmHg"
                before, subject, end = bound, own, first.last
        return [self._constraint(*reading) for reading in found]

    def _inherit(self, bound: Bounds, before: Bounds) -> None:
        """ "exceeding 1.5 mg/dL for males and 1.4 for females": a bare value compared as the one before it."""
        joined = self.roles[bound.first - 1] & (AND | OR) and self.roles[bound.last] & FOR
        if not joined or not (self.roles[bound.last + 1] | self.roles[bound.last + 2]) & SEX:
            return
        if not before.value.alike(bound.value):
            return
        bound.lower = (bound.value.number, before.lower[1]) if before.lower else None
        bound.upper = (bound.value.number, before.upper[1]) if before.upper else None
        bound.value.unit = bound.value.unit or before.value.unit

    def _readings(
        self, bound: Bounds, before: Bounds | None, shared: Subject | None
    ) -> tuple[list[_Reading], Subject | None]:
        """What a bound says, one reading for each measure, and the subject that a bound joined to it shares."""
        limit = before.last if before else 0
        in_time = bound.grades is None and bound.value.in_time()
        if bound.bare:
            span = self.timing.span(bound, limit) if in_time else None
            if span is None and in_time and self.span is not None:
                span = self.timing.again(bound, self.span)
            return ([self._spanned(bound, span, self.last)] if span else []), None
        subject = self.subjects.of(bound, before, shared)
        if bound.pair and (readings := self._pressures(bound, subject)):
            return readings, subject
        if self._is_fraction(bound, subject):
            return [], None
        if in_time and not (subject.measures and (subject.distance == 0 or bound.age)):
            span = self.timing.span(bound, limit)
            if span and (span.kind == "window" or not subject.measures):
                return [self._spanned(bound, span, self.last)], None
        if subject.measures and _is_another(bound, subject.measures[0][0]):
            subject = self.subjects.unnamed(bound, limit)
        if subject.measures:
            if self._is_scale(bound, subject):
                return [], None
            return [self._measured(bound, subject, m, name) for m, name in subject.measures], subject
        kind = self._kind(bound, subject)
        if kind is None:
            return [], None
        if kind == "count" and (counted := self.subjects.counted(bound)).label:
            subject = counted
        first, last = _extent(bound, subject)
        return [_Reading(bound, kind, subject.label, first, last, bound.lower, bound.upper)], subject

    def _spanned(self, bound: Bounds, span: Span, before: _Reading | None) -> _Reading:
        """A span that stands right behind another constraint dates that: "PSA ≤ 20 ng/mL within 90 days"."""
        self.span = span
        label = before.label if before and before.last == span.first and before.span is None else span.label
        return _Reading(bound, span.kind, label, span.first, span.last, span.lower, span.upper, None, span)

    def _pressures(self, bound: Bounds, subject: Subject) -> list[_Reading]:
        """ "blood pressure > 140/90 mmHg": the pair bounds the systolic and the diastolic one."""
        unit = bound.value.unit
        named = any(m.id in ("blood_pressure", "sbp", "dbp") for m, _ in subject.measures)
        if bound.pair is None or not (named or (unit is not None and unit.ucum == "mm[Hg]")):
            return []
        first, last = _extent(bound, subject)
        label = subject.measures[0][1] if subject.measures else subject.label
        near = range(first - 1, last + 3)
        changed = any(is_change(self.tokens, k) for k in near)  # "> 15/10 mmHg drop"
        systolic, diastolic = (None, None) if changed else (measures.table()["sbp"], measures.table()["dbp"])
        return [
            _Reading(bound, "measurement", label, first, last, bound.lower, bound.upper, systolic),
            _Reading(bound, "measurement", label, first, last, *bound.pair, diastolic),
        ]

    def _measured(self, bound: Bounds, subject: Subject, measure: Measure, name: str) -> _Reading:
        first, last = _extent(bound, subject)
        if bound.value.unit and not bound.value.limit:
            measure = _in_unit(measure, bound.value.unit.ucum)
        times = self._thousands(bound, measure)
        return _Reading(
            bound, measure.kind, name, first, last, _times(bound.lower, times), _times(bound.upper, times), measure
        )

    def _thousands(self, bound: Bounds, measure: Measure) -> int:
        """1000 for numbers such as "100.000" that are plausible for the measure only as thousands, else 1."""
        unit, text, starts = bound.value.unit, self.tokens.text, self.tokens.starts
        if unit is None or bound.value.limit or bound.value.number >= 1000:
            return 1
        if not _DOTTED.search(text, starts[bound.first], self.tokens.ends[bound.last - 1]):
            return 1  # as a rule
        numbers = [k for k in range(bound.first, bound.last) if self.roles[k] & QUANTITY]
        edges = [edge[0] for edge in (bound.lower, bound.upper) if edge]
        if not edges or not all(_DOTTED.match(text, starts[k]) for k in numbers):
            return 1
        as_written = [units.plausible(edge, unit.ucum, measure) for edge in edges]
        in_thousands = [units.plausible(edge * 1000, unit.ucum, measure) for edge in edges]
        return 1000 if False in as_written and all(in_thousands) else 1

    def _kind(self, bound: Bounds, subject: Subject) -> Kind | None:
        """The kind of a bound on something that the table lacks; None when it says too little to stand."""
        unit, label = bound.value.unit, subject.label
        if unit is not None:
            if _is_dose(unit.ucum):
                return "dose"
            if bound.value.limit:
                return "measurement" if label else None
            if _FREQUENCY.match(unit.ucum) or (unit.ucum[0] == "{" and unit.ucum not in _NOT_COUNTED):
                return "count"
            return "measurement" if label else None
        if bound.value.limit is None:
            if self._of_the_following(bound.last):
                return None
            if label and self.subjects.is_graded(bound):
                return "score"
            if self._counts(bound, subject):
                return "count"
        if (
            not label
            or label.lower() == "n"
            or self._is_scale(bound, subject)
            or (not bound.compared and not _SCORE.search(label))
        ):
            return None
        first, last = _extent(bound, subject)
        return "score" if _SCORE.search(self.tokens.words(first, last)) else "measurement"

    def _is_fraction(self, bound: Bounds, subject: Subject) -> bool:
        """Whether the number is but the upper half of a fraction: "20/40 vision", a titre of "1:40"; "4/10" is four."""
        number, second = bound.value.number, bound.value.second
        if second is not None:
            sight = any("acuity" in name.lower() or m.id.startswith("bcva") for m, name in subject.measures)
            return (
                sight or "acuity" in subject.label.lower() or number == 1 or (number == _SNELLEN and second >= number)
            )
        end = self.tokens.ends[bound.last - 1]
        return (
            number == 1 and self.tokens.text[end : end + 1] == ":" and self.tokens.text[end + 1 : end + 2].isdecimal()
        )

    def _is_scale(self, bound: Bounds, subject: Subject) -> bool:
        """Whether a range is the whole scale of a score, not a bound: "0-10 VAS", "UAS7 (range 0-42) ≥ 16"."""
        if bound.value.unit is not None or not (bound.lower and bound.upper) or bound.lower[0] not in (0, 1):
            return False
        before = bound.first - 1
        while self.roles[before] & GLUE:
            before -= 1
        inside = self.roles[before] & OPEN
        follows = subject.first >= bound.last or self.roles[bound.last] & COMPARE
        return bool(inside or follows) and (not subject.measures or subject.measures[0][0].kind == "score")

    def _counts(self, bound: Bounds, subject: Subject) -> bool:
        """Whether things are counted: a whole number right before a noun ("at least two episodes")."""
        if bound.value.number != int(bound.value.number) or bound.value.number < 0:
            return False
        if not bound.value.digits:
            return True
        noun = self.roles[bound.last] & (WORD | PERSON | MEASURE)
        said = self.tokens.text[self.tokens.starts[bound.first]].isalnum()
        return bool(noun) and (not subject.label or subject.first >= bound.last or said)

    def _of_the_following(self, at: int) -> bool:
        return any(self.tokens.word(k) in ("following", "these", "below") for k in range(at, at + 4))

    def _constraint(self, reading: _Reading, connective: Literal["and", "or"] | None) -> Constraint:
        bound, measure, span, tokens = reading.bound, reading.measure, reading.span, self.tokens
        quote, chars = tokens.quote(tokens.starts[reading.first], tokens.ends[reading.last - 1])
        unit = bound.value.unit
        return Constraint(
            kind=reading.kind,
            variable=measure.id if measure else None,
            label=reading.label,
            lower=Bound(*reading.lower) if reading.lower else None,
            upper=Bound(*reading.upper) if reading.upper else None,
            values=bound.grades,
            unit=unit.text if unit else None,
            ucum=_ucum(unit.ucum, measure) if unit and not bound.value.limit else None,
            relative_to=bound.value.limit,
            direction=span.direction if span else None,
            anchor=span.anchor if span else None,
            sex=self.marks.sex(reading.first, bound, measured=reading.kind != "age"),
            condition=self.marks.condition(reading.first, reading.last),
            conditional=self.marks.conditional(reading.first),
            negated=self.marks.negated(reading.first),
            excepted=self.marks.excepted(reading.first),
            connective=connective,
            quote=quote,
            chars=chars,
        )

    def _coordination(self, bound: Bounds, subject: Subject) -> Literal["and", "or"] | None:
        """How the measures that share a bound are joined: "AST or ALT ≤ 3 × ULN"."""
        if subject.first < 0 or bound.pair:
            return None
        joint = reduce(or_, self.roles[subject.first : subject.last], 0)
        return "or" if joint & OR else "and" if joint & AND else None

    def _connective(self, start: int, end: int) -> Literal["and", "or"] | None:
        """How a constraint is joined to the one before it, whose tokens end at `start`."""
        if start == 0:
            return None
        after, before = start, end - 1
        while after < end and self.roles[after] & (COMMA | CLOSE) and not self.roles[after] & (AND | OR):
            after += 1
        while before > after and self.roles[before] & (GLUE | LINK | OPEN):
            before -= 1
        joint = self.roles[after] & (AND | OR) if after < end else 0
        joint = joint or (self.roles[before] & (AND | OR) if start <= before < end else 0)
        if end - start == 1 and self.roles[start] & SLASH:
            return "or"  # "< 100/> 140 mmHg"
        return "or" if joint & OR else "and" if joint & AND else None


def _is_another(bound: Bounds, measure: Measure) -> bool:
    """Whether the number cannot be the measure's: "disc height of 5 mm" is no patient's, "pain of 40" not of 0-10."""
    unit = bound.value.unit
    if measure.kind == "score" and bound.value.second is None and bound.grades is None:
        highest = measure.plausible.upper
        return highest is not None and (unit is None or unit.ucum == measure.ucum) and bound.value.number > highest
    if unit is None or measure.ucum not in _SIZES:
        return False
    return units.plausible(bound.value.number, unit.ucum, measure) is False


def _extent(bound: Bounds, subject: Subject) -> tuple[int, int]:
    """The tokens of a bound and its subject together."""
    first = min(bound.first, subject.first) if subject.first >= 0 else bound.first
    return first, max(bound.last, subject.last)


def _times(edge: Edge | None, times: int) -> Edge | None:
    return (edge[0] * times, edge[1]) if edge else None


@lru_cache(maxsize=1 << 10)
def _is_dose(ucum: str) -> bool:
    amount, *below = ucum.split("/")
    return (amount in _doses() or (amount in ("g", "mL") and "d" in below)) and _PER.issuperset(below)


@cache
def _doses() -> frozenset[str]:
    return frozenset(lexicon()["dose"]["amounts"])


@lru_cache(maxsize=1 << 12)
def _in_unit(measure: Measure, ucum: str) -> Measure:
    return measures.in_unit(measure, ucum)


@lru_cache(maxsize=1 << 12)
def _ucum(code: str, measure: Measure | None) -> str:
    return units.meant(code, measure) if measure else code
