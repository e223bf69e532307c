"""The values that a text says, by the kind of field: codes, counts, dates, registration numbers, yes or no.

Ages are not here: which of two ages is the lower bound, the grammar of criteria knows (extract/model/follows.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extract.model.texts import Tokens
from extract.rules.fields import Field, Kind
from extract.rules.values import Value, value_of
from extract.vocabulary import vocabulary, vocabulary_of

_NUMBER = re.compile(r"(?<![\w.,/-])(\d{1,3}(?:,\d{3})+|\d{1,9})(?![\w/]|[.,-]\d|\s?[%°])")
_COUNTS_SOMETHING_ELSE = re.compile(
    r"\s*-?(?:years?|months?|weeks?|days?|hours?|minutes?|h|min|mg|g|kg|mcg|µg|ml|l|cm|mm|sites?|cent(?:er|re)s?|arms?"
    r"|groups?|cohorts?|visits?|cycles?|doses?|times|countries|hospitals?|sessions?)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)\d{4}-\d\d(?:-\d\d)?(?![\d-])"
    r"|\b[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?[ -][A-Za-z]{3,9}\.?,?[ -]\d{4}\b"
    r"|\b[A-Za-z]{3,9}\.?,? \d{4}\b"
)
_NCT = re.compile(r"(?<!\w)NCT\d{8}(?!\w)")
_PHASE = re.compile(r"\b(?:[0-4]|i{1,3}|iv)[ab]?\b", re.IGNORECASE)
_PHASES = re.compile(
    rf"\bphases? {_PHASE.pattern}(?: ?(?:/|-|–|,|and\b|or\b) ?(?:phase )?{_PHASE.pattern})*", re.IGNORECASE
)
_HEALTHY = re.compile(
    r"\bhealthy (?:volunteer|participant|subject|individual|people|person|control|adult|men|man|women|woman)",
    re.IGNORECASE,
)
_DENIALS = {
    "no",
    "not",
    "nor",
    "never",
    "neither",
    "without",
    "cannot",
    "isn",
    "aren",
    "excluded",
    "ineligible",
    "except",
}
_DENIED_WITHIN = 3


class Said(NamedTuple):
    """A value and where in a text it is said."""

    value: Value
    start: int
    end: int


def said(field: Field, text: str) -> Iterator[Said]:
    """Every value of the field's kind that a text says. A text field's value is the text itself: it says none."""
    return _READERS[field.kind](field, text) if field.kind in _READERS else iter(())


def _counts(_: Field, text: str) -> Iterator[Said]:
    for m in _NUMBER.finditer(text):
        if not _COUNTS_SOMETHING_ELSE.match(text, m.end()):
            yield Said(int(m[1].replace(",", "")), *m.span())


def _dates(field: Field, text: str) -> Iterator[Said]:
    return _read(_DATE, field, text)


def _numbers(field: Field, text: str) -> Iterator[Said]:
    return _read(_NCT, field, text)


def _read(pattern: re.Pattern[str], field: Field, text: str) -> Iterator[Said]:
    for m in pattern.finditer(text):
        value = value_of(field, " ".join(m.group().split()))
        if value is not None:
            yield Said(value, *m.span())


def _flags(field: Field, text: str) -> Iterator[Said]:
    whole = value_of(field, text.strip())
    if whole is not None:
        yield Said(whole, 0, len(text))
    for m in _HEALTHY.finditer(text):
        before, after = Tokens(text[max(0, m.start() - 60) : m.start()]), Tokens(text[m.end() : m.end() + 40])
        yield Said(not (_denied(before.norms) or _DENIALS & set(after.norms[:_DENIED_WITHIN])), *m.span())


def _codes(field: Field, text: str) -> Iterator[Said]:
    """Codes by their spellings, the longest at each place: "not yet recruiting" says nothing of "recruiting"."""
    name = _vocabulary_name(field)
    if name == "Phase":
        yield from _phases(field, text)
    tokens = Tokens(text)
    spelled, longest = _spellings(name)
    at = 0
    while at < len(tokens):
        sizes = range(min(longest, len(tokens) - at), 0, -1)
        size = next((n for n in sizes if tuple(tokens.norms[at : at + n]) in spelled), 0)
        if size and not _denied(tokens.norms[max(0, at - _DENIED_WITHIN) : at]):
            code = spelled[tuple(tokens.norms[at : at + size])]
            yield Said(code, tokens.starts[at], tokens.ends[at + size - 1])
        at += max(size, 1)


def _phases(field: Field, text: str) -> Iterator[Said]:
    """Phases that share the word: "phase I/II" is of both."""
    for m in _PHASES.finditer(text):
        for number in _PHASE.finditer(m.group()):
            code = value_of(field, f"Phase {number.group().rstrip('abAB')}")
            if code is not None:
                yield Said(code, *m.span())


def _denied(before: list[str]) -> bool:
    """Whether the words right before deny what follows."""
    return bool(_DENIALS & set(before[-_DENIED_WITHIN:])) or before[-1:] == ["non"]


_READERS: Mapping[Kind, Callable[[Field, str], Iterator[Said]]] = {
    "code": _codes,
    "count": _counts,
    "date": _dates,
    "nct": _numbers,
    "flag": _flags,
}


def _vocabulary_name(field: Field) -> str:
    known = vocabulary_of(field.pointer)
    assert known is not None, "a code has a vocabulary"
    return known.name


@cache
def _spellings(name: str) -> tuple[Mapping[tuple[str, ...], str], int]:
    """The codes of a vocabulary by the tokens of their spellings, and the most tokens that one has."""
    prose = tomllib.loads(Path(__file__).with_name("spellings.toml").read_text(encoding="utf-8")).get(name, {})
    rows = [(s, code) for code, spellings in prose.items() for s in spellings]
    rows += [(s, code) for code, spellings in vocabulary(name).spellings.items() for s in (code, *spellings)]
    spelled = {tuple(Tokens(s).norms): code for s, code in rows}
    return spelled, max(map(len, spelled))
