"""How well a unit of evidence speaks of what a question speaks of, by words: stems, the lexicon's concepts and their
kinds, inflections and slips of the pen.

Each of the question's items weighs what it tells the record's units apart (inverse document frequency within the
record); a unit's coverage is the weight of the items it holds, as a share of all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qa.record import Unit
from qa.words import Item, items, lexicon

NARROWER = 0.85
"""The question asks for the kind, the unit names one of it: "infections", "hepatitis B"."""
BROADER = 0.7
"""The question names one, the unit its kind: "prednisone", "corticosteroids"."""
INFLECTED = 0.75
"""Words of one root that stem differently ("transplant", "transplantation"), or a slip of the pen."""
CONTEXT = 0.6
"""A word in what a unit belongs to, of one in its text."""
_ROOT = 5
"""The fewest letters that words of one root share."""


class Terms(NamedTuple):
    """What a text holds to be matched."""

    stems: frozenset[str]
    concepts: frozenset[str]
    kinds: frozenset[str]

    @classmethod
    def of(cls, found: Iterable[Item]) -> Terms:
        """The terms of items."""
        stems: set[str] = set()
        concepts: set[str] = set()
        for item in found:
            stems.add(item.stem)
            stems.update(item.stem.split())
            concepts |= item.concepts
        known = lexicon().kinds
        kinds = {kind for concept in concepts for kind in known[concept]}
        return cls(frozenset(stems), frozenset(concepts), frozenset(kinds))


class Vocabulary:
    """The units of a record as terms, analysed once."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units
        self.terms = [Terms.of(items(unit.text)) for unit in units]
        contexts = {text: Terms.of(items(text)) for text in {f"{u.label} {u.context}" for u in units}}
        self.contexts = [contexts[f"{u.label} {u.context}"] for u in units]
        self.stems = frozenset(stem for terms in self.terms for stem in terms.stems if len(stem) >= _ROOT)

    def matches(self, item: Item) -> list[float]:
        """How well each unit holds the item, 0 to 1."""
        near = self._near(item.stem)
        own = [match(item, terms, near) for terms in self.terms]
        return [
            value or CONTEXT * match(item, context, near) for value, context in zip(own, self.contexts, strict=True)
        ]

    def weight(self, matches: Sequence[float]) -> float:
        """What an item with these matches tells the units apart."""
        count = sum(1 for m in matches if m >= CONTEXT)
        return math.log(1 + (len(self.units) - count + 0.5) / (count + 0.5))

    def _near(self, stem: str) -> frozenset[str]:
        """The record's stems that are the same word in another form, or written with a slip; none for a known word."""
        if len(stem) < _ROOT or " " in stem or any(stem in terms.stems for terms in self.terms):
            return frozenset()
        return frozenset(other for other in self.stems if _same_root(stem, other) or _slip(stem, other))


def match(item: Item, terms: Terms, near: frozenset[str] = frozenset()) -> float:
    """How well terms hold an item, 0 to 1. `near` are stems taken for the item's own."""
    if item.stem in terms.stems or item.concepts & terms.concepts:
        return 1.0
    if item.concepts:
        if item.concepts & terms.kinds:
            return NARROWER
        known = lexicon().kinds
        if any(known[concept] & terms.concepts for concept in item.concepts):
            return BROADER
    return INFLECTED if near & terms.stems else 0.0


def _same_root(a: str, b: str) -> bool:
    """Whether one word begins as the other and little else follows."""
    short, long = sorted((a, b), key=len)
    shared = 0
    for x, y in zip(short, long, strict=False):
        if x != y:
            break
        shared += 1
    return shared >= _ROOT and shared >= len(short) - 2 and len(long) - shared <= 5


def _slip(a: str, b: str) -> bool:
    """Whether one letter added, dropped or changed, or two swapped, makes one word of the other."""
    if abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        swapped = i + 1 < len(a) and a[i] == b[i + 1] and a[i + 1] == b[i] and a[i + 2 :] == b[i + 2 :]
        return a[i + 1 :] == b[i + 1 :] or swapped
    short, long = sorted((a, b), key=len)
    return short[i:] == long[i + 1 :]
