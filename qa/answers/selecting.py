"""Which items of a list a question means: "the cetuximab arm", "sites in Texas", "the collaborators besides X"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from qa.asked import Asked
from qa.record import Value
from qa.words import items


def selected(values: Sequence[Value], asked: Asked, words: Callable[[Any], str]) -> list[Value]:
    """The values whose words the question names, where it names some and not all; otherwise all of them.

    A word that every item has ("arm", the drug that all get) tells none apart and counts for nothing.
    """
    if len(values) < 2 or _all_meant(values, asked):
        return list(values)
    question = {term for item in asked.items for term in (item.stem, *item.concepts)}
    terms = [
        {term for item in items(words(v.value)) for term in (item.stem, *item.concepts)} - _generic() for v in values
    ]
    shared = set.intersection(*terms)
    scores = [len((own - shared) & question) for own in terms]
    best = max(scores)
    if best == 0 or min(scores) == best:
        return list(values)
    return [v for v, score in zip(values, scores, strict=True) if score == best]


def how_many(asked: Asked) -> int | None:
    """How many arms or groups the question says there are ("the three groups"); None when it does not say."""
    for number, word in enumerate(_NUMBERS[2:], start=2):
        if asked.says(f"{word}|{number} … arms|groups|cohorts"):
            return number
    return None


def _all_meant(values: Sequence[Value], asked: Asked) -> bool:
    """Whether the question says that it means every one: "each arm", "the three groups"."""
    number = _NUMBERS[len(values)] if len(values) < len(_NUMBERS) else str(len(values))
    return asked.says(
        "each|all|both", f"{number}|{len(values)}", "list|name … arms|groups|sites|hospitals|clinics|drugs"
    )


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@cache
def _generic() -> frozenset[str]:
    """Terms that name the sort of thing and tell none apart."""
    words = (
        "hospital clinic center university institute medical research department group arm cohort site study dose drug"
    )
    return frozenset(term for item in items(words) for term in (item.stem, *item.concepts))
