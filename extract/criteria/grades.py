"""Grades of ordinal scores: "NYHA class III or IV", "ECOG performance status ≤ 2", "Child-Pugh A-B".

Grades are named as the text writes them, in digits or as Roman numerals; `rank` places both. A comparison with a grade
names the grades it admits ("ECOG ≤ 2" is 0, 1, 2), unless the text compares in digits what is graded in Roman numerals:
"ASA > 3" stays the bound that it is."""

from __future__ import annotations

from functools import cache

from extract.criteria.bounds import DASHES, Bounds, Value
from extract.criteria.lexer import Tokens
from extract.criteria.measures import Measure
from extract.criteria.roles import (
    AFTERWORD,
    AND,
    BETWEEN,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    GLUE,
    GRADE,
    MEASURE,
    OPEN,
    OR,
    QUANTITY,
    SLASH,
    TO,
    WORD,
)
from extract.criteria.vocabulary import Comparison

_REACH = 12
_WORDS = 5
"""Words that may stand between a score and its grade."""

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_ROMAN_OF = {str(n): roman for n, roman in enumerate(_ROMAN, 1)}
_NUMBER_OF = {roman: number for number, roman in _ROMAN_OF.items()}
_ONE_CHARACTER = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "Ⅵ": "VI"})


def graded(tokens: Tokens, at: int, measure: Measure) -> Bounds | None:
    """The grades that follow the ordinal score at a token, or None."""
    return _Grades(tokens, measure).read(at) if measure.grades else None


class _Grades:
    def __init__(self, tokens: Tokens, measure: Measure) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.measure = measure
        self.grades = order(measure)

    def read(self, at: int) -> Bounds | None:
        place, comparison = at + 1, None
        while (first := self._grade(place)) is None:
            roles = self.roles[place]
            if place >= min(at + _REACH, self.tokens.count):
                return None
            if roles & COMPARE and comparison is None:
                comparison = self.tokens.values[place]
            elif roles & OPEN and (close := self._aside(place)):
                place = close
            elif not self._may_stand_between(place, at):
                return None
            place += 1
        named, last = self._listed(place, first)
        if comparison is None and self.roles[last] & AFTERWORD:
            comparison, last = self.tokens.values[last], last + 1
        digits = self.roles[place] & QUANTITY != 0
        if comparison is not None and not (comparison.lower and comparison.upper):  # "= 0-1" names what follows
            if digits and self.grades[first] in _NUMBER_OF:
                value = Value(float(_NUMBER_OF[self.grades[first]]))
                return Bounds(at, last, value, *value.sides(comparison), compared=True, subject=(at, at + 1))
            named = {k for k in range(len(self.grades)) if _admits(comparison, k, first)}
        if not named:
            return None
        chosen = [self.grades[k] for k in sorted(named)]
        written = tuple(_NUMBER_OF.get(g, g) if digits else g for g in chosen)
        return Bounds(at, last, Value(float(first)), grades=written, compared=True, subject=(at, at + 1))

    def _may_stand_between(self, place: int, at: int) -> bool:
        roles = self.roles[place]
        if roles & (GLUE | GRADE | BETWEEN | OPEN | CLOSE | COLON):
            return True
        if roles & MEASURE:
            return self.tokens.values[place] is self.measure
        return roles & WORD != 0 and place <= at + _WORDS and not self._is_numbered(place)

    def _is_numbered(self, at: int) -> bool:
        """Whether a word is a number in a name ("T3"), beyond the version of a scale ("v5.0")."""
        return self.tokens.word(at)[:1].isdecimal() and self.tokens.word(at - 1) not in ("v", "ver", "version")

    def _aside(self, at: int) -> int:
        """The end of parentheses that hold no grade: "ECOG (Eastern Cooperative Oncology Group)"; 0 otherwise."""
        for k in range(at + 1, at + _REACH):
            if self.roles[k] & CLOSE:
                return k
            if self.roles[k] & (QUANTITY | COMPARE):
                return 0
        return 0

    def _listed(self, at: int, first: int) -> tuple[set[int], int]:
        """(the grades named from token `at` on, the token after them): "0-2", "II, III or IV", "A/B"."""
        named, highest, last = {first}, first, at + 1
        while True:
            ranged = self._is_range(last)
            place = last + (ranged and not self.roles[last] & (QUANTITY | WORD))
            while not ranged and self.roles[place] & (COMMA | OR | AND | SLASH | GRADE) and place < last + 3:
                place += 1
            following = self._grade(place) if ranged or place > last else None
            if following is None:
                return named, last
            named |= set(range(highest, following + 1)) if ranged else {following}
            highest, last = following, place + 1

    def _is_range(self, at: int) -> bool:
        if at >= self.tokens.count:
            return False
        gap = self.tokens.text[self.tokens.ends[at - 1] : self.tokens.starts[at]].strip()
        return self.roles[at] & TO != 0 or (bool(gap) and DASHES.issuperset(gap)) or self.tokens.word(at) in DASHES

    def _grade(self, at: int) -> int | None:
        """Which grade a token is, by its place in the table."""
        if at >= self.tokens.count:
            return None
        start, end = self.tokens.starts[at], self.tokens.ends[at]
        if self.roles[at] & QUANTITY:
            quantity = self.tokens.values[at]
            named = f"{quantity.value:g}" if quantity.unit is None else ""
        elif end - start <= 4 and not self._joined(start, end):
            named = self.tokens.text[start:end].translate(_ONE_CHARACTER).upper()
        else:
            return None
        return rank(self.measure, named)

    def _joined(self, start: int, end: int) -> bool:
        """Whether a word is part of a longer one or a number: the "v" of "v5.0", the "3" of "T3"."""
        text = self.tokens.text
        return text[start].isdecimal() or text[end : end + 1].isalnum() or text[start - 1 : start].isalnum()


def rank(measure: Measure, grade: str) -> int | None:
    """The place of a grade among a measure's, from 0, in digits or Roman numerals; None when it is none of them."""
    ordered = order(measure)
    for name in (grade, _ROMAN_OF.get(grade), _NUMBER_OF.get(grade)):
        if name in ordered:
            return ordered.index(name)
    return None


@cache
def order(measure: Measure) -> tuple[str, ...]:
    """A measure's grades in order, each once, though the table may name it in digits and as a Roman numeral."""
    ordered: list[str] = []
    for grade in measure.grades:
        if not {grade, _ROMAN_OF.get(grade), _NUMBER_OF.get(grade)} & set(ordered):
            ordered.append(grade)
    return tuple(ordered)


def _admits(comparison: Comparison, grade: int, compared: int) -> bool:
    if grade == compared:
        return comparison.inclusive
    return comparison.lower if grade > compared else comparison.upper
