"""Whose bound it is: the measures, or the words, that a bound speaks of.

They stand before it ("AST and ALT ≤ 2.5 × ULN"), after it ("≥ 5 on the pain scale"), inside it ("20 ≤ BMI ≤ 30"), or
are given away by its unit ("years old") or by a person before it ("adults over 18"). A bound that is joined to another
one shares its subject ("< 20 or > 35").
"""

from __future__ import annotations

from functools import cache, lru_cache

from extract.criteria import measures, units
from extract.criteria.bounds import REACH, TIME_UNITS, Bounds, Subject
from extract.criteria.lexer import Tokens
from extract.criteria.measures import Measure
from extract.criteria.roles import (
    AFTER,
    AFTERWORD,
    AND,
    BEFORE,
    BETWEEN,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    EVERY,
    EXCEPT,
    FOR,
    GLUE,
    GRADE,
    IF,
    LASTING,
    LINK,
    MEASURE,
    NOT,
    OPEN,
    OR,
    PAST,
    PERSON,
    QUANTITY,
    SEX,
    SLASH,
    STOP,
    WITHIN,
    WORD,
)
from extract.criteria.units import Unit
from extract.criteria.unsaid import Unsaid
from extract.criteria.vocabulary import lexicon

_LABEL_WORDS = 7
_FAR = 5
"""Words that may stand between a measure and its bound."""

_CLAUSE = (
    AND | OR | COMMA | STOP | IF | EXCEPT | NOT | COMPARE | AFTERWORD | PAST | WITHIN | LASTING | BEFORE | AFTER | EVERY
)
_LEADS = GLUE | LINK | FOR | BETWEEN | COLON | GRADE
_ENDS_LABEL = _CLAUSE | PERSON | SEX | OPEN | QUANTITY | LINK | COLON
_ENDS_RIGHT = COMMA | STOP | CLOSE | COMPARE | OR | AND | QUANTITY | IF | EXCEPT | BEFORE | AFTER | PAST | WITHIN


class Subjects:
    """Finds subjects among one criterion's tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.unsaid = Unsaid(tokens)

    def of(self, bound: Bounds, before: Bounds | None, shared: Subject | None) -> Subject:
        """The subject of a bound. `before` is the bound to its left, `shared` the subject of that."""
        if bound.subject is not None:
            return self._inside(*bound.subject)
        unit = bound.value.unit
        left = self._left(bound.first, before.last if before else 0, unit)
        if left.measures and left.distance == 0:
            return left
        if ((bound.age and not self.unsaid.is_thing(bound, left)) or (unit and unit.implies)) and (
            implied := self.unsaid.implied(bound, left)
        ):
            return implied
        if before is not None and shared is not None and self.unsaid.joined(before, bound, left):
            return shared
        if implied := self.unsaid.implied(bound, left):
            return implied
        if left.label and not _changes().isdisjoint(left.label.lower().split()):
            return left  # "orthostatic hypotension > 20 mmHg SBP"
        right = self._right(bound.last, unit)
        if right.measures and (right.distance == 0 or not left.measures) and (right.distance <= 1 or not left.label):
            return right
        if left.measures or not left.label:
            return left if left.measures else right
        if right.label and self.is_graded(bound):
            return right  # "grade 3 or higher neuropathy"
        if self.roles[bound.first - 1] & OPEN and right.first == bound.last:
            return right  # "lymph nodes (> 1.5 cm diameter)"
        return self._on_scale(bound, left, right)

    def is_graded(self, bound: Bounds) -> bool:
        """Whether the number is a grade by the word before it: "≥ grade 2", "stage 3 or higher"."""
        return any(
            self.roles[k] & GRADE and self.tokens.word(k) in ("grade", "grades", "stage", "class", "level")
            for k in range(bound.first - 1, bound.last)
        )

    def counted(self, bound: Bounds) -> Subject:
        """What stands behind a number that counts: "two or more severe events"."""
        return self._right(bound.last, None)

    def _on_scale(self, bound: Bounds, left: Subject, right: Subject) -> Subject:
        """ "pain rated at least 5 on the numerical rating scale" speaks of both."""
        if right.first < 0 or self.tokens.word(bound.last) != "on":
            return left
        if right.measures:
            return right
        label = f"{left.label} {self.tokens.words(bound.last, right.last)}"
        return Subject((), label, left.first, right.last)

    def _inside(self, first: int, last: int) -> Subject:
        named = [k for k in range(first, last) if self.roles[k] & MEASURE]
        return Subject(self._measures(named), self.tokens.words(first, last), first, last)

    # To the left

    def unnamed(self, bound: Bounds, limit: int) -> Subject:
        """The words before a bound as a label, though one of them may be a measure's name: "disc height"."""
        return self._left(bound.first, limit, bound.value.unit, named=False)

    def _left(self, end: int, limit: int, unit: Unit | None, *, named: bool = True) -> Subject:
        """Walks left from a bound to the measure nearest to it, or collects the words of a label."""
        words: list[int] = []
        at = end - 1
        least = max(limit, end - REACH)
        while at >= least and len(words) < _LABEL_WORDS:
            roles = self.roles[at]
            if roles & CLOSE:
                start = self._opening(at, limit)
                inside = self._named_inside(start, at) if named and not words else -1
                if inside >= 0 and self._fits(inside, unit):
                    return self._named(inside, at + 1, limit, unit, 0)
                at = start - 1
                continue
            if named and roles & MEASURE and len(words) <= _FAR and self._may_be(at, unit, bool(words)):
                return self._named(at, end, limit, unit, len(words))
            if not words and roles & (WITHIN | SEX) and unit is not None and not _is_time(unit):
                at -= 1
                continue
            if roles & COMMA and not words and self.roles[at + 1] & LINK:
                at -= 1  # "creatinine clearance, defined as < 30"
                continue
            if words and roles & NOT and self.tokens.word(at) == "without":
                words.clear()  # "hemoglobin without transfusion > 9 g/dL"
                at -= 1
                continue
            if (words and roles & _ENDS_LABEL) or (roles & (_CLAUSE | PERSON | SEX) and not roles & _LEADS):
                break
            if roles & SLASH and not words:
                break  # "< 100/> 140 mmHg"
            if not roles & (_LEADS | OPEN) or (words and roles & (GLUE | GRADE | FOR)):
                words.append(at)
            at -= 1
        return Subject() if self.roles[at] & IF and at >= least else self._label(words)

    def _named_inside(self, opening: int, closing: int) -> int:
        """The one measure in parentheses that only here is named: "Symptom Checklist (PHQ-9)"; -1 without one."""
        inside = [k for k in range(opening + 1, closing) if self.roles[k] & MEASURE]
        if len(inside) != 1:
            return -1
        outside = opening - 1
        while self.roles[outside] & (GRADE | GLUE) and not self.roles[outside] & MEASURE:
            outside -= 1
        return -1 if self.roles[outside] & MEASURE else inside[0]

    def _named(self, at: int, end: int, limit: int, unit: Unit | None, distance: int) -> Subject:
        """The measure at a token, with those coordinated before it: "total bilirubin, ALT and AST"."""
        falls = unit is not None and unit.ucum not in ("{ULN}", "{LLN}") and not self._is_level(end)
        if falls and (changes := self._change(at, limit)) >= 0:
            return self._label(list(range(at, changes - 1, -1)))
        found = [at]
        place = at - 1
        while place >= limit:
            roles = self.roles[place]
            if roles & CLOSE:
                place = self._opening(place, limit)
            elif roles & MEASURE and self._fits(place, unit):
                found.append(place)
            elif not roles & (AND | OR | COMMA | SLASH | GLUE):
                break
            place -= 1
        return Subject(self._measures(found[::-1]), "", found[-1], end, distance)

    def _is_level(self, at: int) -> bool:
        """Whether the comparison at a token is with a level that was fallen to: "drop in platelets below 50"."""
        return self.roles[at] & COMPARE != 0 and not self.tokens.values[at].lower

    def _change(self, at: int, limit: int) -> int:
        """The word before a measure that makes it a change: "drop in systolic pressure"; -1 without one."""
        place, least = at - 1, max(limit, at - 3)
        while place > least and self.roles[place] & (GLUE | FOR) and not is_change(self.tokens, place):
            place -= 1
        return place if place >= limit and place < at - 1 and is_change(self.tokens, place) else -1

    def _label(self, words: list[int]) -> Subject:
        """The words from the first to the last token, with what names them again: "Clinical Activity Score (CAS)"."""
        while words and self.roles[words[-1]] & _LEADS:
            words.pop()
        if not words:
            return Subject()
        first, last = words[-1], words[0] + 1
        while self.roles[last] & GRADE:
            last += 1
        last = self._past_abbreviation(last)
        return Subject((), self.tokens.words(first, last), first, last)

    def _opening(self, at: int, limit: int) -> int:
        """The token that opens the parentheses that token `at` closes; `at` itself when none does."""
        depth = 0
        for k in range(at, max(limit, at - REACH) - 1, -1):
            depth += (self.roles[k] & CLOSE != 0) - (self.roles[k] & OPEN != 0)
            if depth == 0:
                return k
        return at

    # To the right

    def _right(self, start: int, unit: Unit | None) -> Subject:
        words: list[int] = []
        for at in range(start, min(start + _LABEL_WORDS + 3, self.tokens.count)):
            roles = self.roles[at]
            if words and roles & MEASURE and self._change(at, start) >= 0:
                words.append(at)
                continue
            if roles & MEASURE and self._fits(at, unit) and not self._is_bounded(at):
                return Subject(self._measures([at]), "", at, at + 1, len(words))
            if roles & PAST and not words and self.roles[at + 1] & (WORD | PERSON):
                words.append(at)  # "at least one first-degree relative"
                continue
            if (
                roles & _ENDS_RIGHT
                or (roles & MEASURE and self._is_bounded(at))
                or (words and roles & (LINK | COLON | OPEN | FOR))
            ):
                break
            if words or not roles & (GLUE | FOR | OPEN):
                words.append(at)
        return self._label(words[::-1])

    def _is_bounded(self, at: int) -> bool:
        """Whether a measure has a bound of its own behind it."""
        place = self._past_abbreviation(at + 1)
        while place < at + REACH and self.roles[place] & (GLUE | COLON | GRADE):
            place += 1
        return self.roles[place] & (COMPARE | QUANTITY | BETWEEN) != 0

    # Tokens

    def _measures(self, named: list[int]) -> tuple[tuple[Measure, str], ...]:
        """Each measure once, with the words that name it first: "Body Mass Index (BMI)"."""
        found: dict[str, tuple[Measure, str]] = {}
        for at in named:
            measure: Measure = self.tokens.values[at]
            if measure.id not in found:
                found[measure.id] = measure, self.tokens.words(at, self._past_abbreviation(at + 1))
        return tuple(found.values())

    def _past_abbreviation(self, at: int) -> int:
        """Past parentheses of one or two words."""
        if self.roles[at] & OPEN:
            for close in (at + 2, at + 3):
                if self.roles[close] & CLOSE:
                    return at if (self.roles[at + 1] | self.roles[close - 1]) & (QUANTITY | COMPARE) else close + 1
        return at

    def _may_be(self, at: int, unit: Unit | None, apart: bool) -> bool:
        """Whether a value in this unit can be one of the measure; right before it a wrong unit may be a slip."""
        if self._fits(at, unit):
            return True
        return not apart and not _is_time(unit) and self.tokens.values[at].kind == "measurement"

    def _fits(self, at: int, unit: Unit | None) -> bool:
        return fits(self.tokens.values[at], unit.ucum if unit else None)


def is_change(tokens: Tokens, at: int) -> bool:
    """Whether a word turns what is measured into its change."""
    return tokens.word(at) in _changes()


@cache
def _changes() -> frozenset[str]:
    return frozenset(lexicon()["change"]["down"])


def fits(measure: Measure, ucum: str | None) -> bool:
    """Whether a value in this unit can be one of the measure."""
    return ucum is None or ucum in ("{ULN}", "{LLN}") or ucum == measure.ucum or _fits(measure, ucum)


@lru_cache(maxsize=1 << 14)
def _fits(measure: Measure, ucum: str) -> bool:
    if measures.in_unit(measure, ucum) is not measure:
        return True
    if measure.ucum is None:
        return ucum in measure.units
    meant = units.meant(ucum, measure)
    return meant in measure.units or units.convert(1.0, meant, measure.ucum, measure) is not None


def _is_time(unit: Unit | None) -> bool:
    return unit is not None and unit.ucum in TIME_UNITS
