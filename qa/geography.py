"""Places that a question names: a country or a part of the world by any of its names, or what stands behind "in"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from qa.asking import names, places
from qa.facets import mentions
from qa.patterns import words_of
from qa.phrasing import phrasing_stems
from qa.words import items, stem

_SHORT = 4
"""Names up to this length must be written in capitals: "us" is no country."""
_BEHIND = re.compile(r"\b(outside(?: of)?|in|near|around|within|at)\s+(?:the\s+)?(?=[^\W\d_])", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:any|the|which|are there|is there an?)\s+((?:[^\W\d_][\w'’.-]*\s){1,2})"
    r"(?:sites?|centres?|centers?|hospitals?|clinics?)\b",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"\b(?:outside(?: of)?|other than|besides|apart from|except)\s+(?:the\s+)?$", re.IGNORECASE)
_LONGEST = 3
"""The most words of a name that is in no table."""


class Place(NamedTuple):
    """A place by the name that the question gives it, by all names that say a site is there, and where it is named.

    `known` ones stand in a table and are a whole part of a site's address: Mexico is not New Mexico.
    """

    name: str
    names: frozenset[str]
    span: tuple[int, int]
    outside: bool = False
    known: bool = False

    def holds(self, address: Sequence[str]) -> bool:
        """Whether a site with this address, told in parts, is where the question asks."""
        if self.known:
            there = any(part.lower() in self.names for part in address)
        else:
            there = any(spoken(name, part) for name in self.names for part in address)
        return there is not self.outside


def place_in(question: str) -> Place | None:
    """The place that a question names; None where it names none that can be told from other words."""
    return country_in(question) or _unknown(question)


def country_in(question: str, others: Iterable[str] = ()) -> Place | None:
    """The country or part of the world that a question names, the longest name first. `others` are countries that are
    in no table."""
    countries, parts = places("countries"), places("continents")
    every = {country for held in parts.values() for country in held} | set(countries)
    named = {country: (country, *countries.get(country, ())) for country in every}
    known = {name for names in named.values() for name in names}
    named |= {name: (name,) for name in map(str.lower, others) if name not in known}
    alike = {name: names for names in named.values() for name in names}
    wide = {part: tuple(name for country in held for name in named[country]) for part, held in parts.items()}
    for table in (alike, wide):
        for name in sorted(table, key=len, reverse=True):
            if (found := spoken(name, question)) and not question[: found.start()].lower().endswith("new "):
                return _known(found, table[name])
    return None


def _known(found: re.Match[str], names: Iterable[str]) -> Place:
    """A place as the question writes it, with its article: "the United States"."""
    before = found.string[: found.start()]
    article = "the " if before.lower().endswith("the ") else ""
    outside = _OUTSIDE.search(before)
    span = (outside or found).start(), found.end()
    return Place(article + found[0], frozenset(names), span, outside=outside is not None, known=True)


def _unknown(question: str) -> Place | None:
    """A city or a state: what stands behind "in", or before "sites"."""
    places = ((m.end(), m[1].lower().startswith("outside")) for m in _BEHIND.finditer(question))
    for start, outside in (*places, *((m.start(1), False) for m in _BEFORE.finditer(question))):
        if name := _name_at(question[start:]):
            return Place(name, _names(name), (start, start + len(name)), outside=outside)
    return None


def _names(name: str) -> frozenset[str]:
    """A name with what else the place is called; and its beginnings, for what follows may be no part of it."""
    words = name.lower().split()
    begun = [" ".join(words[:n]) for n in range(1, len(words) + 1) if len(words[0]) >= _LEAST]
    return frozenset((name.lower(), *begun, *cities().get(name.lower(), ())))


_LEAST = 5
"""The fewest letters of a name's first word that may be the whole name: "texas", not "new"."""


def _name_at(text: str) -> str:
    """The words at the beginning of a text that can be a name; "" where there are none."""
    end = 0
    for m in list(re.finditer(r"\s*([^\W\d_][\w'’-]*)", text))[:_LONGEST]:
        if text[end : m.start()] or _says_something(m[1]):
            break
        end = m.end()
    return text[:end].strip()


@cache
def cities() -> Mapping[str, tuple[str, ...]]:
    """What cities are called besides: by each name, all names."""
    rows = [(name, *others) for name, others in places("cities").items()]
    return {name: tuple(row) for row in rows for name in row}


def _says_something(word: str) -> bool:
    """Whether a word is one of those that questions and records are made of, and no name."""
    named = items(word)
    said = phrasing_stems() | _sorts()
    if not named or word.endswith("ing") or mentions(words_of(word)):
        return True
    return any(i.stem.isdigit() or i.concepts or i.stem in said for i in named)


@cache
def _sorts() -> frozenset[str]:
    """The stems of the words for a sort of place."""
    return frozenset(stem(word) for word in names("sorts_of_place"))


def spoken(name: str, text: str) -> re.Match[str] | None:
    """Where a place is named."""
    flags = 0 if len(name) <= _SHORT else re.IGNORECASE
    written = name.upper() if len(name) <= _SHORT else name
    return re.search(rf"(?<![\w.]){re.escape(written)}(?!\w)", text, flags)
