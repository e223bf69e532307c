"""The filter language of `--where`: conditions on study fields, joined by and, or, not and parentheses.

    overallStatus=RECRUITING and phase in (PHASE2, PHASE3) and not country="United States"
    condition~diabetes and minimumAge<18 and startDate>=2023-06
    age=72                                   the trial's age limits admit 72 years

    condition   = field operator value | field in (value, …)
    operator    = equals · != no value equals · ~ contains · < <= > >= of numbers, ages and dates

A field has all of its values: `country=France` holds when any site is in France. Field names and values may be cased
and spelled as people do (`status=recruiting`, `phase=2`). A field that is missing fulfils no condition, so its `not`
holds. A value of less precision than asked (2021-09 for 2021-09-14) fulfils a comparison only when it is certain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, NoReturn, cast, get_args

from index.fields import Bound, Field, Value, field, wanted
from trialcite.errors import UsageError

Operator = Literal["=", "!=", "~", "<", "<=", ">", ">="]

Parameter = Bound


class Condition(NamedTuple):
    """A condition on `documents.number` in SQL, with the values of its question marks."""

    sql: str
    parameters: tuple[Parameter, ...]


_TOKEN = re.compile(r"""\s*(?:(?P<sign><=|>=|!=|[=~<>(),])|"(?P<quoted>[^"]*)"|(?P<word>[^\s"=~<>!(),]+))""")
_DEEPEST = 50
_ADMITTED_AGE = "age"
_EXAMPLE = "as in overallStatus=RECRUITING and not phase=PHASE4"

_ANY = "documents.number IN (SELECT document FROM facets AS f WHERE f.field = ? AND {})"
_TESTS: dict[Operator, str] = {
    "=": "f.text = ?",
    "!=": "f.text = ?",
    "~": "instr(f.text, ?) > 0",
    "<": "f.high < ?",
    "<=": "f.high <= ?",
    ">": "f.low > ?",
    ">=": "f.low >= ?",
}


def parse(text: str) -> Condition:
    """The condition that a filter states. Raises UsageError, which says where it goes wrong."""
    parser = _Parser(text)
    condition = parser.either(0)
    if parser.at < len(parser.tokens):
        parser.fail("expected and, or, or the end")
    return condition


_Kind = Literal["sign", "quoted", "word"]


class _Token(NamedTuple):
    text: str
    kind: _Kind
    start: int

    def says(self, word: str) -> bool:
        return self.kind != "quoted" and self.text.lower() == word


class _Parser:
    """Recursive descent, nested no deeper than a person writes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def either(self, depth: int) -> Condition:
        """one or other or …"""
        return self._joined("or", self._both, depth)

    def _both(self, depth: int) -> Condition:
        return self._joined("and", self._unless, depth)

    def _joined(self, word: str, part: Callable[[int], Condition], depth: int) -> Condition:
        parts = [part(depth)]
        while self._take(word):
            parts.append(part(depth))
        if len(parts) == 1:
            return parts[0]
        return Condition("(" + f" {word.upper()} ".join(p.sql for p in parts) + ")", _all_parameters(parts))

    def _unless(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            self.fail("nested too deeply")
        if self._take("not"):
            inner = self._unless(depth + 1)
            return Condition(f"NOT {inner.sql}", inner.parameters)
        if self._take("("):
            inner = self.either(depth + 1)
            self._must_take(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._word("a field")
        what = field(name) if name.lower() != _ADMITTED_AGE else None
        if self._take("in"):
            self._must_take("(")
            values = [self._value()]
            while self._take(","):
                values.append(self._value())
            self._must_take(")")
            parts = [_condition(what, "=", value) for value in values]
            return Condition("(" + " OR ".join(p.sql for p in parts) + ")", _all_parameters(parts))
        operator = next((o for o in get_args(Operator) if self._take(o)), None)
        if operator is None:
            self.fail(f"expected an operator after {name}")
        return _condition(what, operator, self._value())

    def _value(self) -> str:
        """A quoted value, or words up to the next sign or joining word."""
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "quoted":
            return self._word("a value")
        words = [self._word("a value")]
        while self.at < len(self.tokens) and self._is_plain(self.tokens[self.at]):
            words.append(self._word("a value"))
        return " ".join(words)

    def _is_plain(self, token: _Token) -> bool:
        return token.kind == "word" and not any(token.says(w) for w in ("and", "or", "not"))

    def _word(self, what: str) -> str:
        if self.at == len(self.tokens) or self.tokens[self.at].kind == "sign":
            self.fail(f"expected {what}")
        self.at += 1
        return self.tokens[self.at - 1].text

    def _take(self, word: str) -> bool:
        taken = self.at < len(self.tokens) and self.tokens[self.at].says(word)
        self.at += taken
        return taken

    def _must_take(self, word: str) -> None:
        if not self._take(word):
            self.fail(f"expected {word}")

    def fail(self, message: str) -> NoReturn:
        """Raise UsageError with the place."""
        _fail(message, self.text, self.tokens[self.at].start if self.at < len(self.tokens) else len(self.text))


def _condition(what: Field | None, operator: Operator, text: str) -> Condition:
    """One comparison; without a field it is of the age that a trial admits."""
    if what is None:
        return _admits(operator, text)
    value = wanted(what, text) if operator != "~" else Value(" ".join(text.casefold().split()))
    if operator in ("<", "<=", ">", ">=") and not what.ordered:
        raise UsageError(f"{what.name} has no order, so {operator} says nothing of it", hint="use = or ~")
    exact = what.ordered and operator in ("=", "!=")
    test = "f.low >= ? AND f.high <= ?" if exact else _TESTS[operator]
    compared = _compared(operator, value, exact=exact)
    sql = _ANY.format(test)
    return Condition(f"NOT {sql}" if operator == "!=" else sql, (what.name, *compared))


def _compared(operator: Operator, value: Value, *, exact: bool) -> tuple[Parameter, ...]:
    """What the value's end is that the operator looks at."""
    if value.low is None or value.high is None:
        return (value.text,)
    if exact:
        return (value.low, value.high)
    return (value.low,) if operator in ("<", ">=") else (value.high,)


def _admits(operator: Operator, text: str) -> Condition:
    """Neither the minimum age is above the age asked for nor the maximum below; a limit that is not given admits it."""
    if operator != "=":
        raise UsageError("age asks whether a trial admits an age, so it takes =", hint="as in age=72")
    age = wanted(field("minimumAge"), text).low
    assert age is not None, "ages have an order"
    # A limit of 70 years lets people in until they are 71; one of 6 months is over on the day.
    too_old = "CASE WHEN f.high >= 2 THEN f.high <= ? - 1 ELSE f.high < ? END"
    outside = f"({_ANY.format('f.low > ?')} OR {_ANY.format(too_old)})"
    return Condition(f"NOT {outside}", ("minimumAge", age, "maximumAge", age, age))


def _all_parameters(parts: Iterable[Condition]) -> tuple[Parameter, ...]:
    return tuple(p for part in parts for p in part.parameters)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            _fail("cannot read this", text, at)
        kind = cast(_Kind, match.lastgroup)
        yield _Token(match[kind], kind, match.start(kind))
        at = match.end()


def _fail(message: str, text: str, at: int) -> NoReturn:
    here = text[at : at + 20].strip()
    place = f"at {here!r}" if here else "at the end"
    raise UsageError(f"filter: {message} {place}", hint=_EXAMPLE)
