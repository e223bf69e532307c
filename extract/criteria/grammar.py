"""Bounds in a run of tokens.

    bounds     := range | comparison | reversed | value AFTERWORD | grades | value
    range      := [BETWEEN] value (TO | "-" | AND) value            "between 18 and 65", "7.5 % to 10 %"
    comparison := COMPARE value [(AND | OR | TO | ",") COMPARE value]   "≥ 18 and < 65", "> 2 × ULN", "above the ULN"
    reversed   := value COMPARE words [COMPARE value]            "20 ≤ BMI ≤ 30"
    grades     := MEASURE [COMPARE] grade ((TO | "-" | "," | OR) grade)*   (extract.criteria.grades)
    value      := QUANTITY [note] ["/" QUANTITY] | LIMIT | PAST TIME       "140/90 mmHg", "the ULN", "past year"
    note       := "(" ("inclusive" | the same in other units) ")"          "7.0 mmol/L (126 mg/dL)"

Every rule looks a bounded number of tokens ahead, so that time is linear.
"""

from __future__ import annotations

from typing import Any

from extract.criteria import units
from extract.criteria.bounds import DASHES, Bounds, Edge, Value
from extract.criteria.grades import graded
from extract.criteria.lexer import Tokens
from extract.criteria.roles import (
    AFTERWORD,
    AND,
    BETWEEN,
    BY,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    EXCLUSIVE,
    GLUE,
    GRADE,
    INCLUSIVE,
    LIMIT,
    MEASURE,
    OPEN,
    OR,
    PAST,
    PLUS,
    QUANTITY,
    SLASH,
    STOP,
    TIME,
    TO,
    WORD,
)
from extract.criteria.units import Unit
from extract.criteria.vocabulary import Comparison

_BEGINS = QUANTITY | COMPARE | BETWEEN | PAST | MEASURE
_TIMES = frozenset(("times", "time", "fold", "x", "×", "*", "⋅", "·", "•", "∙"))
_NOTE_REACH = 12
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

    def at(self, at: int) -> list[Bounds]:
        """What begins at a token: one bound, two for a range between different units, or nothing."""
        roles = self.roles[at]
        if roles & QUANTITY:
            value, end = self._quantity(at)
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
        if roles & PAST and self.roles[time := self._past(at + 1, GLUE)] & TIME:
            return [Bounds(time, time + 1, Value(1.0, self._time(time), digits=False))]
        return []

    # Values

    def _value(self, at: int) -> tuple[Value, int] | None:
        """(the value at a token, the token after it)."""
        if self.roles[at] & QUANTITY:
            return self._quantity(at)
        if self.roles[at] & LIMIT:
            return Value(1.0, limit=self.values[at]), at + 1
        return None

    def _quantity(self, at: int) -> tuple[Value, int]:
        value = Value(*self.values[at])
        end = at + 1
        if self.tokens.seen & LIMIT and (limit := self._limit_exceeded(value, end)):
            value.limit, value.unit, end = self.values[limit], None, limit + 1
        elif value.unit is None:
            if self.roles[end] & SLASH and self.roles[end + 1] & QUANTITY:
                value.second, value.unit, _ = self.values[end + 1]
                end += 2
            else:
                times = end + (self.tokens.word(end) in _TIMES)
                if self.roles[times] & LIMIT:
                    value.limit, end = self.values[times], times + 1
        elif value.unit.ucum in ("{ULN}", "{LLN}"):
            value.limit = "ULN" if value.unit.ucum == "{ULN}" else "LLN"
        if self.roles[end] & PLUS and self.roles[end + 1] & QUANTITY and value.unit is None:
            end = self._weeks_and_days(value, end)
        if self.roles[end] & (OPEN | COMMA | INCLUSIVE | EXCLUSIVE):
            end = self._noted(value, end)
        if value.unit is None and self.roles[end] & TIME:
            value.unit, end = self._time(end), end + 1  # "two (2) weeks"
        return value, end

    def _limit_exceeded(self, value: Value, end: int) -> int:
        """The limit that a value exceeds so many times, as in "three times higher than the ULN"; 0 without one."""
        if value.unit is not None and value.unit.ucum != "{times}":
            return 0
        place = end + (value.unit is None)
        if value.unit is None and self.tokens.word(end) not in _TIMES:
            return 0
        if not self.roles[place] & COMPARE or not self.values[place].lower or self._is_symbol(place):
            return 0
        place = self._past(place + 1, GLUE)
        return place if self.roles[place] & LIMIT else 0

    def _weeks_and_days(self, value: Value, plus: int) -> int:
        """ "36+6 weeks", as pregnancies are counted."""
        days, unit, _ = self.values[plus + 1]
        if unit is None or unit.ucum != "wk" or days >= 7:
            return plus
        value.number += days / 7
        value.unit = unit
        return plus + 2

    def _time(self, at: int) -> Unit:
        start, end = self.tokens.starts[at], self.tokens.ends[at]
        return Unit(self.tokens.text[start:end], self.values[at], start, end)

    def _noted(self, value: Value, end: int) -> int:
        """Past the notes after a value: "(inclusive)", or the same in other units."""
        while self.roles[end] & OPEN:
            close = next((k for k in range(end + 1, end + _NOTE_REACH) if self.roles[k] & CLOSE), None)
            if close is None:
                break
            inside = range(end + 1, close)
            if len(inside) <= 3 and any(self.roles[k] & (INCLUSIVE | EXCLUSIVE) for k in inside):
                value.inclusive = any(self.roles[k] & INCLUSIVE for k in inside)
            elif not self._same_in_other_units(value, inside):
                break
            end = close + 1
        if self.roles[end] & COMMA and self.roles[end + 1] & INCLUSIVE:
            end += 1
        if self.roles[end] & (INCLUSIVE | EXCLUSIVE):
            value.inclusive = self.roles[end] & INCLUSIVE != 0
            end += 1
        return end

    def _same_in_other_units(self, value: Value, inside: range) -> bool:
        """Whether parentheses repeat a value: "(126 mg/dL)", "(kg/m2)", "two (2)"."""
        if any(not self.roles[k] & (QUANTITY | COMPARE | TO | AND | OR | GLUE) for k in inside):
            unit = units.match(self.tokens.text, self.tokens.starts[inside[0]])
            return unit is not None and unit.end >= self.tokens.ends[inside[-1]]
        quantities = [self.values[k] for k in inside if self.roles[k] & QUANTITY]
        if not quantities:
            return False
        if all(q.unit is None for q in quantities):
            return not value.digits and quantities[0].value == value.number
        return value.unit is not None and all(q.unit is None or q.unit.ucum != value.unit.ucum for q in quantities)

    # Comparisons

    def _comparison(self, at: int) -> Bounds | None:
        """ "≥ 18", "more than (>) 18.5", "above the ULN", "exceeding the ULN by 2.5 times", and one joined to it."""
        comparison: Comparison = self.values[at]
        if comparison.lower and comparison.upper and (self.roles[at - 1] | self.roles[at - 2]) & QUANTITY:
            return None  # "1 cmH2O = 0.098 kPa", "1 serving = 1 glass"
        start, comparison = self._restated(at + 1, comparison)
        place = self._past(start, GLUE | GRADE)
        subject = None
        if comparison.noun or (self.roles[place] & MEASURE and self.values[place].kind == "age"):
            named = self._past(place, MEASURE | WORD | GRADE)
            subject = (place, named) if named > place else None
            place = self._past(named, GLUE | COLON)
        read = self._value(place)
        if read is None:
            return None
        value, end = read
        if value.limit and self.roles[end] & BY and (times := self._value(self._past(end + 1, GLUE))):
            value.number, end = times[0].number, times[1]
            end += self.tokens.word(end) in _TIMES
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
        read = self._value(start) if start else None
        if read is None or read[0].number <= first.value.number:
            return
        equal = first.upper is not None and first.value.alike(read[0])
        if equal or all(v.unit is None or v.in_time() for v in (first.value, read[0])):
            first.upper, first.last = (read[0].number, True), read[1]
            first.value.unit = first.value.unit or read[0].unit

    def _same_again(self, at: int, first: Bounds) -> bool:
        """Past the same bound in another unit: "≥ 126 mg/dL or ≥ 7.0 mmol/L"."""
        comparison: Comparison = self.values[at]
        read = self._value(at + 1) if comparison.lower == (first.lower is not None) else None
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
        read = self._value(start)
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
            value.unit, end = self._time(end + 1), end + 1  # "3 or more years"
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
            not self._is_symbol(sign)
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
        if self._is_symbol(end):
            self._add_other_end(end, found)
        return found

    # Ranges

    def _between(self, at: int) -> list[Bounds]:
        """ "between 18 and 65", "between the ages of 18 and 65" """
        start = named = self._past(at + 1, GLUE)
        if self.roles[start] & MEASURE:
            start = self._past(start + 1, GLUE)
        if not self.roles[start] & QUANTITY:
            return []
        found = self._range(at, *self._quantity(start), between=True)
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
        read = self._value(start)
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

    # Tokens

    def _is_symbol(self, at: int) -> bool:
        """Whether a token is "<", "≥" or the like, not a word and not "="."""
        if not self.roles[at] & COMPARE:
            return False
        comparison: Comparison = self.values[at]
        return comparison.lower != comparison.upper and not self.tokens.text[self.tokens.starts[at]].isalpha()

    def _past(self, at: int, roles: int) -> int:
        """The first token from `at` on without these roles, at most four further."""
        end = at + 4
        while at < end and self.roles[at] & roles and not self.roles[at] & QUANTITY:
            at += 1
        return at


def _pair(found: Bounds, comparison: Comparison) -> None:
    second = found.value.second
    if second is not None:
        edge: Edge = second, comparison.inclusive
        found.pair = (edge if comparison.lower else None), (edge if comparison.upper else None)


def _is_calendar(a: Value, b: Value) -> bool:
    """Whether a range is one of calendar years: "1993-1996"."""
    return a.unit is None and b.unit is None and 1900 <= a.number <= b.number <= 2100
