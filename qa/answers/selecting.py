"""Which items of a list a question means: "the cetuximab arm", "sites in Texas", "the collaborators besides X"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qa.asked import Asked
from qa.record import Value
from qa.words import items


def selected(values: Sequence[Value], asked: Asked, words: Callable[[Any], str]) -> list[Value]:
    """The values whose words the question names, where it names some and not all; otherwise all of them.

    A word that every item has ("arm", the drug that all get) tells none apart and counts for nothing.
    """
    if len(values) < 2:
        return list(values)
    question = {term for item in asked.items for term in (item.stem, *item.concepts)}
    terms = [{term for item in items(words(v.value)) for term in (item.stem, *item.concepts)} for v in values]
    shared = set.intersection(*terms)
    scores = [len((own - shared) & question) for own in terms]
    best = max(scores)
    if best == 0 or min(scores) == best:
        return list(values)
    return [v for v, score in zip(values, scores, strict=True) if score == best]
