"""Words into values: codes, counts, dates, ages, yes or no. What cannot be read for certain is None, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from extract.rules.fields import Field, Kind
from extract.vocabulary import vocabulary_of

Value = str | int | bool

_NCT = re.compile(r"NCT\d{8}")
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?: [A-Za-z][A-Za-z ()]*)?")
_AGE = re.compile(r"(\d{1,3}) (year|month|week|day|hour|minute)s?(?: old)?", re.IGNORECASE)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?(?: (\d{1,2})(?:st|nd|rd|th)?)?,? (\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FLAGS = {
    "yes": True,
    "accepted": True,
    "results available": True,
    "no": False,
    "not accepted": False,
    "results pending": False,
}
_WORD = re.compile(r"\w+")
_MOST_WORDS_IN_A_CODE = 4


def value_of(field: Field, words: str) -> Value | None:
    """The value that the words say for the field, or None. The words have their white space folded."""
    if field.kind == "text":
        return words or None
    if field.kind == "code":
        return _code(field.pointer, words)
    return _READERS[field.kind](words)


@lru_cache(maxsize=1 << 12)
def codes_of(field: Field, words: str) -> tuple[tuple[str, str], ...]:
    """Every code that the words list ("PHASE1/PHASE2", "Participants Investigators"), each with its own words.

    Empty when some word belongs to no code: then the list would not be whole.
    """
    found: list[tuple[str, str]] = []
    tokens = list(_WORD.finditer(words))
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + _MOST_WORDS_IN_A_CODE), at, -1):
            said = words[tokens[at].start() : tokens[end - 1].end()]
            code = _listed_code(field.pointer, said)
            if code:
                found.append((code, said))
                break
        else:
            if tokens[at][0] != "and":
                return ()
            end = at + 1
        at = end
    return tuple(found)


def _listed_code(pointer: str, said: str) -> str | None:
    vocabulary = vocabulary_of(pointer)
    if vocabulary is None or ("/" in said and not vocabulary.spells(said)):
        return None  # "I/II" is two codes; without its stroke it would be a third one
    # "Phase 1/2", "Phase IIb": the name is said once for all, and a part of a phase is of that phase.
    shorter = f"{vocabulary.name} {said.rstrip('abAB')}"
    return _code(pointer, said) or _code(pointer, f"{vocabulary.name} {said}") or _code(pointer, shorter)


@lru_cache(maxsize=1 << 12)
def _code(pointer: str, words: str) -> str | None:
    vocabulary = vocabulary_of(pointer)
    return vocabulary.code(words) if vocabulary else None


def _nct(words: str) -> str | None:
    return words if _NCT.fullmatch(words) else None


def _count(words: str) -> int | None:
    m = _COUNT.fullmatch(words)
    return int(m[1].replace(",", "")) if m else None


def _age(words: str) -> str | None:
    m = _AGE.fullmatch(words)
    if not m:
        return None
    number, unit = int(m[1]), m[2].capitalize()
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _flag(words: str) -> bool | None:
    return _FLAGS.get(words.casefold())


@lru_cache(maxsize=1 << 12)
def _date(words: str) -> str | None:
    """ISO 8601 at the precision given. A date of numbers alone is read only as ISO: 03/04/2021 has two meanings."""
    if m := _ISO_DATE.fullmatch(words):
        return _iso(int(m[1]), int(m[2]), m[3])
    if m := _MONTH_FIRST.fullmatch(words):
        return _iso(int(m[3]), _month(m[1]), m[2])
    if m := _DAY_FIRST.fullmatch(words):
        return _iso(int(m[3]), _month(m[2]), m[1])
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].casefold()) + 1 if name[:3].casefold() in _MONTHS else 0


def _iso(year: int, month: int, day: str | None) -> str | None:
    try:
        exact = date(year, month, int(day or 1))
    except ValueError:
        return None
    return exact.isoformat() if day else exact.isoformat()[:7]


_READERS: Mapping[Kind, Callable[[str], Value | None]] = {
    "count": _count,
    "date": _date,
    "age": _age,
    "flag": _flag,
    "nct": _nct,
}
