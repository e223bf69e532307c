"""Values in a run of tokens: a quantity with its unit, a limit of normal, and the notes that stand behind them.

    value := QUANTITY [note] ["/" QUANTITY] | LIMIT         "140/90 mmHg", "3 × ULN", "three times higher than the ULN"
    note  := "(" ("inclusive" | the same in other units) ")"          "7.0 mmol/L (126 mg/dL)"

What they bound is the matter of `extract.criteria.grammar`.
"""

from __future__ import annotations

from typing import Any

from extract.criteria import units
from extract.criteria.bounds import Value
from extract.criteria.lexer import Tokens
from extract.criteria.roles import (
    AND,
    CLOSE,
    COMMA,
    COMPARE,
    EXCLUSIVE,
    GLUE,
    INCLUSIVE,
    LIMIT,
    OPEN,
    OR,
    PLUS,
    QUANTITY,
    SLASH,
    TIME,
    TO,
)
from extract.criteria.units import Unit
from extract.criteria.vocabulary import Comparison

TIMES = frozenset(("times", "time", "fold", "x", "×", "*", "⋅", "·", "•", "∙"))
_NOTE_REACH = 12


class Quantities:
    """Reads the values among one criterion's tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.values: dict[int, Any] = tokens.values

    def value(self, at: int) -> tuple[Value, int] | None:
        """(the value at a token, the token after it)."""
        if self.roles[at] & QUANTITY:
            return self.quantity(at)
        if self.roles[at] & LIMIT:
            return Value(1.0, limit=self.values[at]), at + 1
        return None

    def quantity(self, at: int) -> tuple[Value, int]:
        value = Value(*self.values[at])
        end = at + 1
        if self.tokens.seen & LIMIT and (limit := self._limit_exceeded(value, end)):
            value.limit, value.unit, end = self.values[limit], None, limit + 1
        elif value.unit is None:
            if self.roles[end] & SLASH and self.roles[end + 1] & QUANTITY:
                value.second, value.unit, _ = self.values[end + 1]
                end += 2
            else:
                times = end + (self.tokens.word(end) in TIMES)
                if self.roles[times] & LIMIT:
                    value.limit, end = self.values[times], times + 1
        elif value.unit.ucum in ("{ULN}", "{LLN}"):
            value.limit = "ULN" if value.unit.ucum == "{ULN}" else "LLN"
        if self.roles[end] & PLUS and self.roles[end + 1] & QUANTITY and value.unit is None:
            end = self._weeks_and_days(value, end)
        if self.roles[end] & (OPEN | COMMA | INCLUSIVE | EXCLUSIVE):
            end = self._noted(value, end)
        if value.unit is None and self.roles[end] & TIME:
            value.unit, end = self.time(end), end + 1  # "two (2) weeks"
        return value, end

    def _limit_exceeded(self, value: Value, end: int) -> int:
        """The limit that a value exceeds so many times, as in "three times higher than the ULN"; 0 without one."""
        if value.unit is not None and value.unit.ucum != "{times}":
            return 0
        place = end + (value.unit is None)
        if value.unit is None and self.tokens.word(end) not in TIMES:
            return 0
        if not self.roles[place] & COMPARE or not self.values[place].lower or is_symbol(self.tokens, place):
            return 0
        place = past(self.tokens, place + 1, GLUE)
        return place if self.roles[place] & LIMIT else 0

    def _weeks_and_days(self, value: Value, plus: int) -> int:
        """ "36+6 weeks", as pregnancies are counted."""
        days, unit, _ = self.values[plus + 1]
        if unit is None or unit.ucum != "wk" or days >= 7:
            return plus
        value.number += days / 7
        value.unit = unit
        return plus + 2

    def time(self, at: int) -> Unit:
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


def is_symbol(tokens: Tokens, at: int) -> bool:
    """Whether a token is "<", "≥" or the like, not a word and not "="."""
    if not tokens.roles[at] & COMPARE:
        return False
    comparison: Comparison = tokens.values[at]
    return comparison.lower != comparison.upper and not tokens.text[tokens.starts[at]].isalpha()


def past(tokens: Tokens, at: int, roles: int) -> int:
    """The first token from `at` on without these roles, at most four further."""
    end = at + 4
    while at < end and tokens.roles[at] & roles and not tokens.roles[at] & QUANTITY:
        at += 1
    return at
