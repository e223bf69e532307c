"""The study fields that filters can name, and their values as they are compared.

The table is `fields.toml`. A value is stored as its comparable text and, where it has an order, as the range it may
lie in: a date given as 2021-09 is any day of that month, so it is neither before nor after 2021-09-14.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract.evidence import steps
from extract.vocabulary import vocabulary_of
from trialcite.errors import UsageError

Kind = Literal["word", "text", "number", "age", "date", "flag"]

Bound = float | str
"""Numbers and ages (in years) are numbers, dates are ISO days."""


class Field(NamedTuple):
    """One row of the table."""

    name: str
    kind: Kind
    paths: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        """Whether one value can be less than another."""
        return self.kind in ("number", "age", "date")


class Value(NamedTuple):
    """A value as it is compared: `text` for equality and containment, `low` to `high` for order."""

    text: str
    low: Bound | None = None
    high: Bound | None = None


_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(y)(?:ears?|rs?)?|(mo?)(?:nths?|s)?|(w)(?:eeks?|ks?)?|(d)(?:ays?)?)?", re.I)
_PER_YEAR = (1.0, 12.0, 52.1775, 365.2425)
_FLAGS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


@cache
def table() -> Mapping[str, Field]:
    """Every field by each of its names, in lower case."""
    rows = tomllib.loads(files("index").joinpath("fields.toml").read_text(encoding="utf-8"))["field"]
    return {
        name.lower(): Field(row["name"], row["kind"], tuple(row["paths"]))
        for row in rows
        for name in (row["name"], *row["aliases"])
    }


def field(name: str) -> Field:
    """The field of that name, however it is cased. Raises UsageError with the nearest names."""
    if name.lower() not in table():
        near = get_close_matches(name.lower(), table(), n=3) or ["overallStatus", "phase", "condition"]
        known = ", ".join(dict.fromkeys(table()[n].name if n in table() else n for n in near))
        raise UsageError(f"no field {name!r} to filter by", hint=f"did you mean {known}?")
    return table()[name.lower()]


def wanted(field: Field, text: str) -> Value:
    """A value as a person writes it in a filter. Raises UsageError when the field cannot have it."""
    value = _value(field, text)
    if value is None:
        raise UsageError(f"{text!r} is no value of {field.name}", hint=_admitted(field))
    return value


def values_of(study: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """(field name, value) of everything in a study, as it is written out, that filters can ask for."""
    for each in dict.fromkeys(table().values()):
        for path in each.paths:
            for found in _found(study, steps(path)):
                text = str(found).lower() if isinstance(found, bool) else str(found)
                yield each.name, _value(each, text) or Value(_folded(text))


def _value(field: Field, text: str) -> Value | None:
    match field.kind:
        case "text":
            return Value(_folded(text))
        case "flag":
            return Value(_FLAGS[text.lower()]) if text.lower() in _FLAGS else None
        case "word":
            vocabulary = vocabulary_of(field.paths[0])
            code = (vocabulary.code(text) or vocabulary.code(field.name + text)) if vocabulary else None  # phase=2
            return Value(code) if code else None
        case "number":
            return _ranged(text, float(text)) if _NUMBER.fullmatch(text) else None
        case "age":
            return _age(text)
        case "date":
            return _date(text)


def _age(text: str) -> Value | None:
    match = _AGE.fullmatch(text.strip())
    if not match:
        return None
    unit = next((i for i, letter in enumerate(match.groups()[1:]) if letter), 0)
    return _ranged(text, float(match[1]) / _PER_YEAR[unit])


def _date(text: str) -> Value | None:
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day = match.groups()
    low = f"{year}-{int(month or 1):02}-{int(day or 1):02}"
    high = f"{year}-{int(month or 12):02}-{int(day or 31):02}"
    return Value(_folded(text), low, high)


def _ranged(text: str, value: float) -> Value:
    return Value(_folded(text), value, value)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _admitted(field: Field) -> str:
    match field.kind:
        case "word":
            vocabulary = vocabulary_of(field.paths[0])
            return "one of " + ", ".join(vocabulary.words if vocabulary else ())
        case "age":
            return "such as 18, 6 months or 75 years"
        case "date":
            return "such as 2024, 2024-05 or 2024-05-31"
        case "number":
            return "a number"
        case _:
            return "yes or no"


def _found(value: object, path: list[str]) -> Iterator[object]:
    """What stands at a path whose "*" goes into every item of a list."""
    if not path:
        if value is not None and not isinstance(value, (dict, list)):
            yield value
    elif path[0] == "*":
        if isinstance(value, list):
            for item in value:
                yield from _found(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _found(value[path[0]], path[1:])
