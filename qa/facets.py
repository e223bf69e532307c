"""What can be true of a trial's fields ("recruiting", "double-blind", "for women only"), found in questions and
checked on records. The table is facets.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from qa.patterns import Words
from qa.record import Record, Value
from qa.wording import years
from qa.words import Item

_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "without",
        "isn't",
        "aren't",
        "wasn't",
        "doesn't",
        "don't",
        "didn't",
        "hasn't",
        "haven't",
        "can't",
        "cannot",
        "neither",
        "nor",
        "non",
        "except",
        "excluding",
    ]
)
_MASKING = "/protocolSection/designModule/designInfo/maskingInfo/masking"
_REACH = 3
"""How many words before a mention a negation still touches it."""


class Facet(NamedTuple):
    """One row of facets.toml. `comparison` is "in" (a value is one of `values`), "all" (they are exactly those),
    "distinct" (how many different ones), "<" or ">=" or ">" (an age against years; `missing` decides without one).
    With `inverse` it holds when none of that is so."""

    id: str
    field: str
    path: str
    values: tuple[str | float | bool, ...]
    words: str
    says: tuple[str, ...]
    comparison: str = "in"
    also: str | None = None
    contains: tuple[str, ...] = ()
    missing: bool | None = None
    inverse: bool = False


class Mention(NamedTuple):
    """A facet in a question: its words are `first` up to but without `after`; `named` are those that tell it, without
    what stands in between ("can [pregnant] women")."""

    facet: Facet
    first: int
    after: int
    negated: bool
    named: frozenset[int] = frozenset()


class Verdict(NamedTuple):
    """Whether a facet holds, None when the record does not say; and the values that decided."""

    holds: bool | None
    because: list[Value]


@cache
def facets() -> Mapping[str, Facet]:
    """Every facet by its id."""
    table = tomllib.loads(files("qa").joinpath("facets.toml").read_text(encoding="utf-8"))
    return {row["id"]: _facet(row) for row in table["facet"]}


def _facet(row: dict[str, Any]) -> Facet:
    row = dict(row)
    comparison = "all" if row.pop("all", False) else row.pop("comparison", "in")
    for name in ("values", "says", "contains"):
        row[name] = tuple(row.get(name, ()))
    return Facet(comparison=comparison, **row)


def mentions(question: Words) -> list[Mention]:
    """The facets a question speaks of, in order. Where two overlap the longer one is meant."""
    found = []
    for facet in facets().values():
        spans = [(*span, says) for says in facet.says if (span := question.find(says))]
        if spans:
            first, after, says = max(spans, key=lambda s: (s[1] - s[0], -s[0]))
            found.append((first, after, facet, says))
    found.sort(key=lambda f: (f[0] - f[1], f[0]))
    kept: list[Mention] = []
    for first, after, facet, says in found:
        if all(after <= m.first or first >= m.after for m in kept):
            kept.append(Mention(facet, first, after, _negated(question, first), question.named(says)))
    return sorted(kept, key=lambda m: m.first)


def told(question: Words, item: Item, spoken: Iterable[Mention]) -> bool:
    """Whether a word of the question is one that tells a facet."""
    return any(a <= item.start < b for m in spoken for n in m.named for a, b in (question.spans[n],))


def _negated(question: Words, first: int) -> bool:
    """Whether a negation stands shortly before the mention, in the same clause: "no insurance, can I …" is none."""
    words = question.plain.split()
    start = question.spans[first][0]
    return any(
        words[n] in _NEGATIONS and not _CLAUSE_END.search(question.text, question.spans[n][1], start)
        for n in range(max(0, first - _REACH), first)
    )


_CLAUSE_END = re.compile(r"[,;:.?!]")


def check(facet: Facet, record: Record) -> Verdict:
    """Whether the facet holds of the record."""
    found = record.values(facet.path)
    if facet.comparison == "in":
        verdict = _among(facet, record, found)
        if facet.field == "masking" and verdict.holds is None:
            # Who is masked is listed only where someone is.
            verdict = Verdict(False, record.values(_MASKING)) if record.values(_MASKING) else verdict
        return verdict if verdict.holds is None else Verdict(verdict.holds != facet.inverse, verdict.because)
    if facet.comparison == "all":
        codes = {v.value for v in found}
        return Verdict(codes == set(facet.values) if found else None, found)
    if facet.comparison == "distinct":
        limit = facet.values[0]
        assert isinstance(limit, float)
        several = len({v.value for v in found}) >= limit
        return Verdict(several != facet.inverse if found else None, found)
    return _age(facet, record, found)


def _among(facet: Facet, record: Record, found: Sequence[Value]) -> Verdict:
    others = record.values(facet.also) if facet.also else []
    by_code = [v for v in (*found, *others) if v.value in facet.values]
    by_word = [
        v for v in others if isinstance(v.value, str) and any(word in v.value.lower() for word in facet.contains)
    ]
    hits = by_code or by_word
    if hits:
        return Verdict(True, hits)
    return Verdict(False if found or others else None, [*found, *others])


def _age(facet: Facet, record: Record, found: Sequence[Value]) -> Verdict:
    limit = facet.values[0]
    assert isinstance(limit, float)
    age = years(str(found[0].value)) if found else None
    if age is None:
        # No limit is stated where the record states its other eligibility fields: then there is none.
        stated = bool(record.values("/protocolSection/eligibilityModule/sex"))
        return Verdict(facet.missing if stated else None, record.values("/protocolSection/eligibilityModule/*"))
    holds = {"<": age < limit, ">=": age >= limit, ">": age > limit}[facet.comparison]
    return Verdict(holds, list(found))
