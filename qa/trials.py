"""Which records a question is about: those it names by number or by words of their titles, or all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from qa.asking import many
from qa.patterns import words_of
from qa.phrasing import phrasing_stems
from qa.words import Item, items

_NUMBER = re.compile(r"\bNCT\d{8}\b", re.IGNORECASE)
_DEFINITE = re.compile(
    r"\b(?:the|this|that)\s+((?:[\w'’/+-]+\s+){1,6}?)(?:trials?|study|studies|one|protocol|registry|record)\b",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"\b(?:the|this|that)\s+((?:[\w'’/+-]+\s*){1,7}?)(?=\s+(?:or|and|vs|versus|than|with)\b|[,?:]|\s*$)", re.IGNORECASE
)
"""What is set against something else need not be called a trial: "the walking study or the sleep training"."""
_RATIO = 0.6
"""The share, by weight, of a phrase's words that a title must hold to be meant."""


class Titles(NamedTuple):
    """What each record is called: the stems and concepts of its title, conditions and interventions, and how many
    records have each."""

    terms: Mapping[str, frozenset[str]]

    def rarity(self, item: Item) -> float:
        """What an item tells records apart, 0 to 1."""
        having = sum(1 for own in self.terms.values() if _held(item, own))
        return 1.0 / having if having else 0.0


def numbered(question: str, known: Iterable[str]) -> list[str]:
    """The records whose registry numbers a question names, in its order."""
    ids = {i.upper(): i for i in known}
    return list(dict.fromkeys(ids[m[0].upper()] for m in _NUMBER.finditer(question) if m[0].upper() in ids))


def named(question: str, known: Iterable[str], titles: Titles) -> list[str]:
    """The records that a question names, in its order; none when it names none."""
    numbers = numbered(question, known)
    if numbers:
        return numbers
    found: list[str] = []
    phrases = [*_DEFINITE.finditer(question)]
    if many("compare", words_of(question)):
        phrases += _SIDE.finditer(question)
    for phrase in phrases:
        meant = _called(phrase[1], titles)
        if meant and meant not in found:
            found.append(meant)
    return found


def _called(phrase: str, titles: Titles) -> str | None:
    """The one record whose title the words fit; None when none does, or several as well."""
    own = [i for i in items(phrase) if i.stem not in phrasing_stems() or i.concepts]
    if not own:
        return None
    weights = {i: titles.rarity(i) or 1.0 for i in own}
    total = sum(weights.values())
    scores = {
        record: sum(w for i, w in weights.items() if _held(i, terms)) / total for record, terms in titles.terms.items()
    }
    best = max(scores, key=lambda r: scores[r])
    equals = [r for r, s in scores.items() if s == scores[best]]
    return best if scores[best] >= _RATIO and len(equals) == 1 else None


def _held(item: Item, terms: frozenset[str]) -> bool:
    return item.stem in terms or bool(item.concepts & terms)


def is_about_many(question: str) -> bool:
    """Whether a question asks about trials and not about one of them."""
    return many("many", words_of(question))
