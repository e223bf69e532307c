"""When two values are the same.

`same` is the strict comparison: white space, a heading's colon and an intervention's "Drug: " are nothing, all else
counts. `likeness` is by the field's kind, from 0 to 1: a date is right at the gold's precision, an age in any unit, a
code or name whatever its capitals and punctuation, a long text by the F1 of its words, a list by the F1 of its items.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from evaluation.fields import Field, Kind
from extract.evidence import fold

_HEADING = re.compile(r"(?im)^(\s*(?:key |main |major )?(?:inclusion|exclusion) criteria)\s*:\s*$")
_INTERVENTION_TYPE = re.compile(
    "^(?:Drug|Device|Biological|Procedure|Radiation|Behavioral|Genetic|Dietary Supplement|Combination Product"
    "|Diagnostic Test|Other): "
)
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(year|month|week|day|hour|minute)s?", re.IGNORECASE)
_DAYS = {"year": 365.25, "month": 365.25 / 12, "week": 7.0, "day": 1.0, "hour": 1 / 24, "minute": 1 / 1440}


def normalised(value: Any) -> Any:
    """The value without what never counts; an empty text or list is None."""
    if isinstance(value, list):
        return [normalised(v) for v in value] or None
    if isinstance(value, str):
        return _INTERVENTION_TYPE.sub("", fold(without_colons(value))) or None
    return value


def without_colons(text: str) -> str:
    """The text without the colon of a heading like "Inclusion Criteria:", which pages write or leave out."""
    return _HEADING.sub(r"\1", text)


def same(field: Field, gold: Any, predicted: Any) -> bool:
    """Strict equality of two normalised values; the order of an unordered list does not count."""
    if field.unordered and isinstance(gold, list) and isinstance(predicted, list):
        return sorted(map(str, gold)) == sorted(map(str, predicted))
    return bool(gold == predicted)


def likeness(field: Field, gold: Any, predicted: Any) -> float:
    """How alike two normalised values are by the field's kind, 0 to 1; 0 where either is absent."""
    if gold is None or predicted is None:
        return 0.0
    if gold == predicted:
        return 1.0
    if isinstance(gold, list) and isinstance(predicted, list):
        return 2 * shared(field.kind, gold, predicted) / (len(gold) + len(predicted))
    return _LIKENESS[field.kind](gold, predicted)


def shared(kind: Kind, gold: list[Any], predicted: list[Any]) -> int:
    """How many items two lists have in common, each counted as often as it is in both."""
    if gold == predicted:
        return len(gold)
    key = (lambda v: tuple(words(str(v)))) if kind in ("name", "enum", "code", "text") else str
    return (Counter(map(key, gold)) & Counter(map(key, predicted))).total()


def words(text: str) -> list[str]:
    """The words and numbers of a text, in small letters."""
    return [w.casefold() for w in _WORD.findall(text)]


def word_f1(gold: Any, predicted: Any) -> float:
    """F1 of the words of two texts, each word as often as it comes."""
    if gold == predicted:
        return 1.0
    a, b = words(str(gold)), words(str(predicted))
    if not a or not b:
        return 0.0
    return 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b))


def _same_words(gold: Any, predicted: Any) -> float:
    return float(str(gold) == str(predicted) or (words(str(gold)) == words(str(predicted)) != []))


def _same_date(gold: Any, predicted: Any) -> float:
    """Right at the gold's precision: for 2021-09, 2021-09-14 is no error."""
    return float(str(predicted).startswith(str(gold)))


def _same_age(gold: Any, predicted: Any) -> float:
    a, b = _AGE.fullmatch(str(gold)), _AGE.fullmatch(str(predicted))
    if not a or not b:
        return _same_words(gold, predicted)
    days = [float(m[1]) * _DAYS[m[2].lower()] for m in (a, b)]
    return float(abs(days[0] - days[1]) < 0.5 * min(_DAYS[m[2].lower()] for m in (a, b)) / 12)


def _same_number(gold: Any, predicted: Any) -> float:
    try:
        return float(float(gold) == float(predicted))
    except (TypeError, ValueError):
        return 0.0


def _equal(gold: Any, predicted: Any) -> float:
    return float(gold is predicted or gold == predicted)


_LIKENESS = {
    "code": _same_words,
    "name": _same_words,
    "enum": _same_words,
    "date": _same_date,
    "age": _same_age,
    "number": _same_number,
    "boolean": _equal,
    "text": word_f1,
}
