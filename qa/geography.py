"""Places that a question names: a country or a part of the world by any of its names, or what stands behind "in"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from qa.asking import names, places
from qa.phrasing import phrasing_stems
from qa.words import Item, items, stem

_SHORT = 4
"""Names up to this length must be written in capitals: "us" is no country."""
_BEHIND = re.compile(
    r"\b(?:in|near|around|within|at)\s+(?:the\s+)?((?:[^\W\d_][\w'’.-]*\s?){1,3})(?=[,;?]|\s*$)", re.IGNORECASE
)


@dataclass(frozen=True)
class Place:
    """A place by the name that the question gives it, and by all names that say a site is there."""

    name: str
    names: frozenset[str]

    def holds(self, words: str) -> bool:
        """Whether a site that is told in these words is at the place."""
        return any(spoken(name, words) for name in self.names)


def place_in(question: str) -> Place | None:
    """The place that a question names; None where it names none that can be told from other words."""
    return next(_known(question), None) or _behind(question)


def _known(question: str) -> Iterator[Place]:
    """Countries and parts of the world, the longest name first."""
    countries = places("countries")
    inside = places("continents")
    every = {country for found in inside.values() for country in found} | set(countries)
    alike = {name: country for country in every for name in (country, *countries.get(country, ()))}
    for name in sorted(alike, key=len, reverse=True):
        if found := spoken(name, question):
            country = alike[name]
            yield Place(_written(found), frozenset((country, *countries.get(country, ()))))
    for part, held in inside.items():
        if found := spoken(part, question):
            names = {name for country in held for name in (country, *countries.get(country, ()))}
            yield Place(found[0].title(), frozenset(names))


def _written(found: re.Match[str]) -> str:
    """The name with its article: "the United States"."""
    article = "the " if found.string[: found.start()].lower().endswith("the ") else ""
    return article + found[0]


def _behind(question: str) -> Place | None:
    """What stands behind "in" at the end of a question or clause: a city or a state."""
    found = _BEHIND.search(question)
    name = found[1].strip() if found else ""
    named = items(name)
    return Place(name, frozenset((name.lower(),))) if named and not any(map(_says_something, named)) else None


def _says_something(item: Item) -> bool:
    """Whether a word is one of those that questions and records are made of, and no name."""
    return bool(item.concepts) or item.stem in phrasing_stems() or item.stem in _sorts()


@cache
def _sorts() -> frozenset[str]:
    """The stems of the words for a sort of place."""
    return frozenset(stem(word) for word in names("sorts_of_place"))


def spoken(name: str, text: str) -> re.Match[str] | None:
    """Where a place is named."""
    flags = 0 if len(name) <= _SHORT else re.IGNORECASE
    written = name.upper() if len(name) <= _SHORT else name
    return re.search(rf"(?<![\w.]){re.escape(written)}(?!\w)", text, flags)
