"""How people ask for each field and topic: the phrasings of fields.toml and topics.toml, and their terms."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import NamedTuple

from qa.fields import fields
from qa.words import items, stems_of


class Topic(NamedTuple):
    """One row of topics.toml: something questions are about that no field answers."""

    id: str
    kind: str
    phrasings: tuple[str, ...]
    cues: tuple[str, ...]
    places: Mapping[str, float]


@dataclass(frozen=True)
class Bank:
    """Every phrasing, whose it is (a field's or a topic's id), its terms, and what each term weighs."""

    texts: tuple[str, ...]
    owners: tuple[str, ...]
    terms: tuple[frozenset[str], ...]
    weights: Mapping[str, float]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The ids of all fields and topics."""
        return tuple(dict.fromkeys(self.owners))

    @cached_property
    def vocabulary(self) -> Mapping[str, frozenset[str]]:
        """The terms of each field's and topic's phrasings."""
        own: dict[str, frozenset[str]] = {}
        for owner, bag in zip(self.owners, self.terms, strict=True):
            own[owner] = own.get(owner, frozenset()) | bag
        return own

    @cached_property
    def heaviest(self) -> float:
        """The weight of a term that only one phrasing has."""
        return max(self.weights.values())


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its id."""
    table = tomllib.loads(files("qa").joinpath("topics.toml").read_text(encoding="utf-8"))
    return {
        row["id"]: Topic(
            row["id"], row["kind"], tuple(row["phrasings"]), tuple(row.get("cues", ())), row.get("places", {})
        )
        for row in table["topic"]
    }


@cache
def bank() -> Bank:
    """The phrasings of all fields and topics."""
    rows = [(text, f.id) for f in fields().values() for text in f.phrasings]
    rows += [(text, t.id) for t in topics().values() for text in t.phrasings]
    bags = tuple(terms_of(text) for text, _ in rows)
    frequency = Counter(term for bag in bags for term in bag)
    weights = {term: math.log((len(rows) + 1) / count) for term, count in sorted(frequency.items())}
    return Bank(tuple(text for text, _ in rows), tuple(owner for _, owner in rows), bags, weights)


@cache
def phrasing_stems() -> frozenset[str]:
    """The stems of the topics' phrasings: words that say what is asked, seldom what it is about."""
    return frozenset(
        item.stem
        for topic in topics().values()
        for text in topic.phrasings
        for item in items(text)
        if not item.concepts
    )


def terms_of(text: str) -> frozenset[str]:
    """The stems of a text and the concepts it names."""
    concepts = {c for item in items(text) for c in item.concepts}
    return frozenset(stem for stem, _, _ in stems_of(text) if stem not in ("x", "y")) | concepts
