"""What a bound speaks of without naming it: the age or weight that its words give away, the subject of the one before.

    "adults over 18"       the age, by the person before the number
    "18 years or older"    the age, by the comparison
    "< 20 or > 35"         what the first bound speaks of

What is named is found in `extract.criteria.subjects`.
"""

from __future__ import annotations

from functools import cache, lru_cache

from extract.criteria import measures
from extract.criteria.bounds import REACH, TIME_UNITS, Bounds, Subject
from extract.criteria.lexer import Tokens
from extract.criteria.roles import (
    AFTER,
    AND,
    BEFORE,
    BETWEEN,
    CLOSE,
    COLON,
    COMMA,
    FOR,
    GLUE,
    IF,
    LASTING,
    LINK,
    MEASURE,
    OPEN,
    OR,
    PERSON,
    SEX,
    SLASH,
    STOP,
    TO,
    WORD,
)
from extract.criteria.vocabulary import lexicon

_OLDEST = 120
_YOUNGEST_UNSAID = 10
"""Below this, a number without unit after a person counts something: "patients with > 3 lesions"."""

_GROWN = 16
"""From this on, years in a list are an age: "female, ≥ 18 years", but "asthma, at least 5 years"."""

_GOES_ON = frozenset(("of", "from", "on", "out"))
"""After a time they say that it isn't an age: "less than 1 year of the date of consent"."""

_WEIGHTS = frozenset(("kg", "g", "[lb_av]"))


class Unsaid:
    """Finds the subjects that one criterion's tokens leave unsaid."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles

    def _for_some(self, bound: Bounds) -> bool:
        """Whether a bare number holds for some alone: "(≤ 3.0 in patients with …)" after "≤ 1.5 × ULN"."""
        if bound.value.unit is not None or bound.value.limit:
            return False
        return self.roles[bound.last] & FOR != 0 and self.roles[bound.last + 1] & PERSON != 0

    def joined(self, before: Bounds, bound: Bounds, left: Subject) -> bool:
        """Whether a bound only goes on with the one before it: "< 20 or > 35", "≤ 3 × ULN (≤ 5 × ULN if …)"."""
        aside = self.roles[bound.first - 1] & OPEN and self._for_some(bound)
        if left.measures or left.label or not (aside or _alike(before, bound)) or (before.grades and bound.value.unit):
            return False
        if bound.value.in_time() and self.tokens.word(bound.last) == "of":
            return False  # "age < 55 years and one year or more of amenorrhea"
        if self.roles[bound.last] & (WORD | MEASURE) and not self.roles[bound.last] & (GLUE | FOR | LINK):
            return False  # "≥ 7 % or ≤ 80 % time in range"
        place = bound.first - 1
        sexes = self.roles[before.last] | self.roles[before.last + 1]
        while place > before.last and self.roles[place] & (GLUE | SEX) and not self.roles[place] & TO:
            sexes |= self.roles[place]
            place -= 1
        roles = self.roles[place]
        if place < before.last or not roles & (AND | OR | TO | COMMA | SLASH | OPEN | STOP):
            return False
        between = range(before.last, place)
        if roles & (OPEN | STOP):
            plain = all(self.roles[k] & (CLOSE | SEX | FOR | OPEN | GLUE | COMMA) for k in between)
            return plain and (roles & OPEN != 0 or sexes & SEX != 0)
        return not between or self.roles[between[0]] & (FOR | OPEN | CLOSE | IF | COMMA) != 0

    def implied(self, bound: Bounds, left: Subject) -> Subject | None:
        """The age or weight that the words give away."""
        unit = bound.value.unit
        if bound.age and ((unit and unit.implies) or not self.is_thing(bound, left)):
            return _of_table("age", "age")
        if unit and unit.implies:
            return _of_table(unit.implies, unit.text)
        if bound.value.limit or bound.pair or left.label or self.roles[bound.last] & (BEFORE | AFTER):
            return None
        if self.tokens.word(bound.last) in _GOES_ON:
            return None
        place = bound.first - 1
        while place >= 0 and self.roles[place] & (GLUE | COLON | OPEN | BETWEEN):
            place -= 1
        person = place >= 0 and self.roles[place] & (PERSON | SEX) != 0
        if unit is not None and unit.ucum in _WEIGHTS:
            return _of_table("weight", self.tokens.words(place, place + 1)) if person else None
        if bound.value.number > _OLDEST or (unit is not None and not bound.value.in_time()):
            return None
        if person and (self._has_years(bound) or self.tokens.word(place).rstrip("s") in _young()):
            return _of_table("age", self.tokens.words(place, place + 1))
        return self._alone(bound, place)

    def _has_years(self, bound: Bounds) -> bool:
        """Whether a number after a person is one of years, or a range of months: "subjects 6 months to 5 years"."""
        unit = bound.value.unit
        if unit is None:
            return bound.value.number >= _YOUNGEST_UNSAID
        ranged = (bound.lower is None) == (bound.upper is None) or self.roles[bound.last] & TO != 0
        return unit.ucum == "a" or ranged

    def is_thing(self, bound: Bounds, left: Subject) -> bool:
        """Whether no person is "no older than 3 years": a biopsy, or what is not said to be one and is so young."""
        if self.roles[bound.first - 1] & LASTING:
            return True
        words = left.label.lower().split()
        if not words:
            return False
        if not _things().isdisjoint(word.removesuffix("s") for word in words):
            return True
        before = range(max(0, left.first - REACH), left.first)
        unit = bound.value.unit
        grown = (unit is None or unit.ucum == "a") and bound.value.number >= _YOUNGEST_UNSAID
        return not grown and not any(self.roles[k] & (PERSON | SEX) for k in before)

    def _alone(self, bound: Bounds, place: int) -> Subject | None:
        """Years with nothing around them: "Over 18 years", "asthma, 18-65 years"."""
        unit = bound.value.unit
        ranged = bound.lower is not None and bound.upper is not None
        joined = ranged or bound.value.number >= _GROWN
        begins = place < 0 or self.roles[place] & STOP or (joined and self.roles[place] & (COMMA | AND | OR))
        grown = bound.value.number >= _YOUNGEST_UNSAID or ranged
        ends = bound.last >= self.tokens.count or self.roles[bound.last] & (
            COMMA | STOP | CLOSE | AND | OR | PERSON | SEX
        )
        return _of_table("age", unit.text) if unit and unit.ucum == "a" and begins and ends and grown else None


@cache
def _young() -> frozenset[str]:
    return frozenset(lexicon()["age"]["young"])


@cache
def _things() -> frozenset[str]:
    return frozenset(lexicon()["age"]["things"])


@lru_cache(maxsize=1 << 10)
def _of_table(name: str, label: str) -> Subject | None:
    known = measures.table().get(name)
    return Subject(((known, label),), label) if known else None


def _alike(before: Bounds, bound: Bounds) -> bool:
    a, b = before.value, bound.value
    if a.limit or b.limit:
        return a.limit == b.limit
    if a.unit is None or b.unit is None:
        return True
    return a.unit.ucum == b.unit.ucum or (a.unit.ucum in TIME_UNITS and b.unit.ucum in TIME_UNITS)
