"""Whether a claim says what its words say, and nothing else.

A claim is a sentence in other words; what can be told of it without understanding is held against the record's words:

    figures    every number is in them, with the same unit
    bounds     what it bounds, they bound, on the same side and with the same inclusion
    denial     it denies exactly where they do, or where they are an exclusion criterion
    things     every drug, disease, measure or other word that tells something is in them, or in what labels them

So a claim is turned down that is true and says it too freely. That costs an answer the rules then give in the record's
own words; the other way would cost the reader's trust.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from extract.criteria import parse, units
from extract.model.texts import visible
from qa.words import Item, items, stem

_NUMBER = re.compile(r"(?<![\w.,])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\d])")
_WORDS = {
    word: number
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
}
_SPELLED = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|to\b|and\b|or\b|through\b)", re.IGNORECASE)


class Proof(NamedTuple):
    """Words of a record that are to prove a claim. `around` is the clause they stand in, `labels` what says what they
    are about, `excludes` whether they are an exclusion criterion."""

    words: str
    around: str
    labels: Sequence[str] = ()
    excludes: bool = False


def fault(text: str, proofs: Sequence[Proof], *, verdict: str | None = None) -> str | None:
    """Why a claim does not follow from its words; None where it does. `verdict` is the rules' yes or no."""
    said = visible(text)
    opened = next(iter(re.findall(r"[a-z]+", said.lower())), "")
    if opened in _table()["verdicts"] and _opens_with_verdict(said):
        if opened != verdict:
            return "the verdict is not borne out"
        said = said.lstrip()[len(opened) :].lstrip(" ,.;:–—-")
    return _figures(said, proofs) or _bounds(said, proofs) or _denial(said, proofs) or _things(said, proofs)


def _opens_with_verdict(text: str) -> bool:
    return bool(re.match(r"\W*(?:yes|no)\s*(?:[,.;:–—-]|$)", text, re.IGNORECASE))


# Figures


class _Figure(NamedTuple):
    value: float
    unit: str | None
    open: bool
    """Whether its unit may stand at another number: "18 to 70 years"."""


def _figures(text: str, proofs: Iterable[Proof]) -> str | None:
    there = [f for p in proofs for f in _figures_of(p.words)]
    for figure in _figures_of(text):
        if not any(_same(figure, other) for other in there):
            return "a figure is not in the words cited for it"
    return None


def _same(said: _Figure, there: _Figure) -> bool:
    if said.value != there.value:
        return False
    return said.unit == there.unit or (said.unit is None and said.open) or (there.unit is None and there.open)


def _figures_of(text: str) -> list[_Figure]:
    found = [_figure(float(m[1].replace(",", "")), text, m.end()) for m in _NUMBER.finditer(text)]
    return [*found, *(_figure(float(_WORDS[m[1].lower()]), text, m.end()) for m in _SPELLED.finditer(text))]


def _figure(value: float, text: str, end: int) -> _Figure:
    unit = units.match(text, end)
    return _Figure(value, unit.ucum if unit else None, unit is None and bool(_RANGE.match(text, end)))


# Bounds


def _bounds(text: str, proofs: Sequence[Proof]) -> str | None:
    said = _bounds_of([text])
    if not said:
        return None
    there = _bounds_of(
        [w for p in proofs for w in (p.around, p.words, *(f"{label}: {p.words}" for label in p.labels[-1:]))]
    )
    return None if said <= there else "the words do not bound it so"


def _bounds_of(texts: Iterable[str]) -> set[tuple[str, float, bool]]:
    return {
        (side, bound.value, bound.inclusive)
        for text in texts
        for c in parse(text)
        if c.kind not in _LASTING or _COMPARES.search(c.quote)
        for side, bound in (("lower", c.lower), ("upper", c.upper))
        if bound
    }


_LASTING = frozenset({"duration", "dose", "window"})
"""Kinds that a text also tells without bounding anything: "lasts three hours"."""
_COMPARES = re.compile(
    r"[<>≤≥]|\b(?:at least|at most|minimum|maximum|more|less|fewer|over|under|within|up to|longer|shorter|exceed\w*)\b",
    re.IGNORECASE,
)


# Denial


def _denial(text: str, proofs: Sequence[Proof]) -> str | None:
    denies = bool(_denials().search(text))
    denied = any(p.excludes or _denials().search(p.around) for p in proofs)
    if denies and not denied:
        return "the words do not deny it"
    return "the words deny it" if denied and not denies else None


@cache
def _denials() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(_table()["denials"], key=len, reverse=True))
    return re.compile(rf"(?<![\w'])(?:{words})(?![\w'])", re.IGNORECASE)


# Things


def _things(text: str, proofs: Iterable[Proof]) -> str | None:
    there = {t for p in proofs for words in (p.words, *p.labels) for i in items(words) for t in _terms(i)}
    unsaid = [i for i in items(text) if not i.text.isdigit() and i.stem not in _telling() and not _terms(i) & there]
    return "it speaks of what the words do not" if unsaid else None


def _terms(item: Item) -> set[str]:
    return {item.stem, *item.stem.split(), *item.concepts}


@cache
def _telling() -> frozenset[str]:
    words = [*_table()["telling"], *_table()["denials"], *_WORDS]
    return frozenset(stem(word) for word in words) | frozenset(words)


@cache
def _table() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(files("qa.model").joinpath("follows.toml").read_text(encoding="utf-8"))
    return table
