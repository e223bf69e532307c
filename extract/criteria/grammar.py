"""Bounds in a run of tokens.

    bounds     := range | comparison | reversed | value AFTERWORD | grades | value
    range      := [BETWEEN] value (TO | "-" | AND) value            "between 18 and 65", "7.5 % to 10 %"
    comparison := COMPARE value [(AND | OR | TO | ",") COMPARE value]   "≥ 18 and < 65", "> 2 × ULN", "above the ULN"
    reversed   := value COMPARE words [COMPARE value]            "20 ≤ BMI ≤ 30"
    grades     := MEASURE [COMPARE] grade ((TO | "-" | "," | OR) grade)*   (extract.criteria.grades)
    value      := a quantity or limit (extract.criteria.quantities) | PAST TIME                   "past year"

Every rule looks a bounded number of tokens ahead, so that time is linear.
"""

from __future__ import annotations

from typing import Any

from extract.criteria.bounds import DASHES, Bounds, Edge, Value
from extract.criteria.grades import graded
from extract.criteria.lexer import Tokens
from extract.criteria.quantities import TIMES, Quantities, is_symbol, past
from extract.criteria.roles import (
    AFTERWORD,
    AND,
    BETWEEN,
    BY,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    GLUE,
    GRADE,
    LIMIT,
    MEASURE,
    OPEN,
    OR,
    PAST,
    PLUS,
    QUANTITY,
    STOP,
    TIME,
    TO,
    WORD,
)
from extract.criteria.vocabulary import Comparison

_BEGINS = QUANTITY | COMPARE | BETWEEN | PAST | MEASURE
_LEAST_WITH_PLUS = 10
"""Below this a plus sign is a grade of a stain or a pulse ("2+"), above it a bound ("60+")."""

_AT_LEAST = Comparison(lower=True, upper=False, inclusive=True)
_AT_MOST = Comparison(lower=False, upper=True, inclusive=True)


def bounds(tokens: Tokens) -> list[Bounds]:
    """All bounds of a criterion, in order; none overlap."""
    if not tokens.seen & (QUANTITY | COMPARE | PAST | MEASURE):
        return []
    grammar = _Grammar(tokens)
    found: list[Bounds] = []
    end = 0
    for at in [at for at, roles in enumerate(tokens.roles[: tokens.count]) if roles & _BEGINS]:
        if at >= end and (some := grammar.at(at)):
            found += some
            end = some[-1].last
    return found


class _Grammar:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.values: dict[int, Any] = tokens.values
        self.quantities = Quantities(tokens)

    def at(self, at: int) -> list[Bounds]:
        """What begins at a token: one bound, two for a range between different units, or nothing."""
        roles = self.roles[at]
        if roles & QUANTITY:
            value, end = self.quantities.quantity(at)
            if one := self._reversed(at, value, end):
                return [one]
            if ranged := self._range(at, value, end):
                return ranged
            return [
                self._beyond(at, value, end)
                or self._after(at, value, end)
                or self._scores(at, value, end)
                or Bounds(at, end, value)
            ]
        if roles & MEASURE:
            one = graded(self.tokens, at, self.values[at])
            return [one] if one else []
        if roles & COMPARE and (one := self._comparison(at)):
            return [one]
        if roles & BETWEEN and (ranged := self._between(at)):
            return ranged
        if roles & PAST and self.roles[time := past(self.tokens, at + 1, GLUE)] & TIME:
            return [Bounds(time, time + 1, Value(1.0, self.quantities.time(time), digits=False))]
        return []

    # Comparisons

    def _comparison(self, at: int) -> Bounds | None:
        """ "≥ 18", "more than (>) 18.5", "above the ULN", "exceeding the ULN by 2.5 times", and one joined to it."""
        comparison: Comparison = self.values[at]
        if comparison.lower and comparison.upper and (self.roles[at - 1] | self.roles[at - 2]) & QUANTITY:
            return None  # "1 cmH2O = 0.098 kPa", "1 serving = 1 glass"
        start, comparison = self._restated(at + 1, comparison)
        place = past(self.tokens, start, GLUE | GRADE)
        subject = None
        if comparison.noun or (self.roles[place] & MEASURE and self.values[place].kind == "age"):
            named = past(self.tokens, place, MEASURE | WORD | GRADE)
            subject = (place, named) if named > place else None
            place = past(self.tokens, named, GLUE | COLON)
        read = self.quantities.value(place)
        if read is None:
            return None
        value, end = read
        if value.limit and self.roles[end] & BY and (times := self.quantities.value(past(self.tokens, end + 1, GLUE))):
            value.number, end = times[0].number, times[1]
            end += self.tokens.word(end) in TIMES
        first = Bounds(at, end, value, *value.sides(comparison), compared=True, age=comparison.age, subject=subject)
        _pair(first, comparison)
        return self._joined(first)

    def _restated(self, at: int, comparison: Comparison) -> tuple[int, Comparison]:
        """Past a comparison said twice: "greater than (>)", "at least ≥"."""
        if self.roles[at] & OPEN and self.roles[at + 1] & COMPARE and self.roles[at + 2] & CLOSE:
            return at + 3, comparison
        if self.roles[at] & COMPARE and self.values[at].lower == comparison.lower:
            return at + 1, comparison._replace(inclusive=comparison.inclusive or self.values[at].inclusive)
        return at, comparison

    def _joined(self, first: Bounds) -> Bounds:
        """With the other end of the range, where it follows: "≥ 18 and < 65", "> 6.0 % to ≤ 11 %", "≥ 18-65 years"."""
        at = first.last
        if self.roles[at] & (AND | OR | TO | COMMA):
            at += 1 + (self.roles[at + 1] & (AND | OR) != 0)
        if self.roles[at] & COMPARE:
            if not self._same_again(at, first):
                self._add_other_end(at, first)
        elif first.lower and first.lower[1] and (first.upper is None or first.upper == first.lower):
            self._add_range_end(first)
        return first

    def _add_range_end(self, first: Bounds) -> None:
        """ "≥ 18-65 years" is a range from 18 on, "= 70-100" that range."""
        start = self._to(first.last)
        read = self.quantities.value(start) if start else None
        if read is None or read[0].number <= first.value.number:
            return
        equal = first.upper is not None and first.value.alike(read[0])
        if equal or all(v.unit is None or v.in_time() for v in (first.value, read[0])):
            first.upper, first.last = (read[0].number, True), read[1]
            first.value.unit = first.value.unit or read[0].unit

    def _same_again(self, at: int, first: Bounds) -> bool:
        """Past the same bound in another unit: "≥ 126 mg/dL or ≥ 7.0 mmol/L"."""
        comparison: Comparison = self.values[at]
        read = self.quantities.value(at + 1) if comparison.lower == (first.lower is not None) else None
        if read is None or not self.roles[at - 1] & OR or read[0].unit is None or first.value.unit is None:
            return False
        if read[0].alike(first.value) or read[0].limit or read[0].in_time():
            return False
        first.last = read[1]
        return True

    def _add_other_end(self, at: int, first: Bounds) -> None:
        """Makes a bound a range when token `at` compares its open end."""
        start, comparison = self._restated(at + 1, self.values[at])
        if comparison.lower == comparison.upper or (first.lower if comparison.lower else first.upper):
            return
        read = self.quantities.value(start)
        if read is None or not first.value.alike(read[0]):
            return
        value, end = read
        if self.roles[at - 1] & OR and self.roles[end] & (WORD | MEASURE):
            return  # "≥ 7 % or ≤ 80 % time in range"
        lower, upper = value.sides(comparison)
        low, high = first.lower or lower, first.upper or upper
        if low and high and low[0] < high[0]:
            first.lower, first.upper, first.last = low, high, end
            first.value.unit = first.value.unit or value.unit
            first.age = first.age or comparison.age

    def _beyond(self, at: int, value: Value, end: int) -> Bounds | None:
        """ "three times higher than the ULN" compares without words before the number."""
        over = next((k for k in range(at + 1, end) if self.roles[k] & COMPARE), 0) if value.limit else 0
        return Bounds(at, end, value, *value.sides(self.values[over]), compared=True) if over else None

    def _after(self, at: int, value: Value, end: int) -> Bounds | None:
        """ "18 years or older", "5 points or more", "60+" """
        if self.roles[end] & PLUS and value.number >= _LEAST_WITH_PLUS and not self.roles[end + 1] & QUANTITY:
            found = Bounds(at, end + 1, value, *value.sides(_AT_LEAST), compared=True)
            _pair(found, _AT_LEAST)
            return found
        if value.unit is None and self.roles[end] & WORD and self.roles[end + 1] & AFTERWORD:
            end += 1
        if not self.roles[end] & AFTERWORD:
            return None
        comparison: Comparison = self.values[end]
        if value.unit is None and self.roles[end + 1] & TIME:
            value.unit, end = self.quantities.time(end + 1), end + 1  # "3 or more years"
        found = Bounds(at, end + 1, value, *value.sides(comparison), compared=True, age=comparison.age)
        _pair(found, comparison)
        return found

    def _scores(self, at: int, value: Value, end: int) -> Bounds | None:
        """ "a score of 3 or 4": the grades of a score that the table has none for."""
        before = at - 1
        while self.roles[before] & GLUE and not self.roles[before] & GRADE:
            before -= 1
        if value.unit is not None or self.tokens.word(before) not in ("score", "scores"):
            return None
        grades = [f"{value.number:g}"]
        while True:
            place = end
            while self.roles[place] & (COMMA | OR | AND) and place < end + 2:
                place += 1
            if place == end or not self.roles[place] & QUANTITY or self.values[place].unit is not None:
                break
            grades.append(f"{self.values[place].value:g}")
            end = place + 1
        return Bounds(at, end, value, grades=tuple(grades), compared=True) if len(grades) > 1 else None

    def _reversed(self, at: int, value: Value, sign: int) -> Bounds | None:
        """ "20 ≤ BMI ≤ 30": the comparison stands after its value, a subject after that."""
        if (
            not is_symbol(self.tokens, sign)
            or self.roles[sign + 1] & (QUANTITY | COMPARE | LIMIT)
            or self.roles[at - 1] & COMPARE
        ):
            return None
        comparison: Comparison = self.values[sign]
        turned = comparison._replace(lower=comparison.upper, upper=comparison.lower)
        end = start = sign + 1
        stops = COMPARE | STOP | COMMA | QUANTITY | AND | OR
        while end < min(start + 8, self.tokens.count) and not self.roles[end] & stops:
            end += 1
        found = Bounds(at, end, value, *value.sides(turned), compared=True, subject=(start, end))
        if is_symbol(self.tokens, end):
            self._add_other_end(end, found)
        return found

    # Ranges

    def _between(self, at: int) -> list[Bounds]:
        """ "between 18 and 65", "between the ages of 18 and 65" """
        start = named = past(self.tokens, at + 1, GLUE)
        if self.roles[start] & MEASURE:
            start = past(self.tokens, start + 1, GLUE)
        if not self.roles[start] & QUANTITY:
            return []
        found = self._range(at, *self.quantities.quantity(start), between=True)
        for one in found:
            one.compared = True
            one.subject = (named, named + 1) if named < start else None
        return found

    def _range(self, first: int, low: Value, end: int, *, between: bool = False) -> list[Bounds]:
        """ "18-65", "between 7.5 % and 10 %", "from 18 to less than 65"; "6 months to 5 years" is two."""
        start = self._to(end, between=between)
        if start == 0:
            return []
        comparison = _AT_MOST
        if self.roles[start] & COMPARE and not self.values[start].lower:
            comparison, start = self.values[start], start + 1
        read = self.quantities.value(start)
        if read is None or _is_calendar(low, read[0]) or (low.second is None) != (read[0].second is None):
            return []
        high, last = read
        lower: Edge = low.number, low.inclusive is not False
        upper: Edge = high.number, high.inclusive is not False and comparison.inclusive
        if low.unit and high.unit and low.unit.ucum != high.unit.ucum:
            return [Bounds(first, end, low, lower=lower), Bounds(start, last, high, upper=upper)]
        if low.number > high.number:
            return []
        high.unit = high.unit or low.unit
        return [Bounds(first, last, high, lower, upper)]

    def _to(self, at: int, *, between: bool = False) -> int:
        """The token after the sign or word of a range that stands before token `at`, or at it; 0 without one."""
        if at >= self.tokens.count:
            return 0
        starts, ends, text = self.tokens.starts, self.tokens.ends, self.tokens.text
        if self.roles[at] & QUANTITY:
            gap = text[ends[at - 1] : starts[at]].strip()
            return at if gap and DASHES.issuperset(gap) else 0
        if self.roles[at] & TO or (self.roles[at] & AND and (between or self._is_aged(at + 1))):
            return at + 1
        if text[starts[at] : ends[at]] in DASHES:
            return at + 1
        if self.roles[at] & COMPARE:
            gap = text[ends[at - 1] : starts[at]].strip()
            if gap and DASHES.issuperset(gap):
                return at
            return at if between and not self.values[at].lower and self.values[at].inclusive else 0
        return 0

    def _is_aged(self, at: int) -> bool:
        """Whether a quantity is an age by its unit: "18 and 65 years old"."""
        if not self.roles[at] & QUANTITY:
            return False
        unit = self.values[at].unit
        return unit is not None and unit.implies == "age"


def _pair(found: Bounds, comparison: Comparison) -> None:
    second = found.value.second
    if second is not None:
        edge: Edge = second, comparison.inclusive
        found.pair = (edge if comparison.lower else None), (edge if comparison.upper else None)


def _is_calendar(a: Value, b: Value) -> bool:
    """Whether a range is one of calendar years: "1993-1996"."""
    return a.unit is None and b.unit is None and 1900 <= a.number <= b.number <= 2100
