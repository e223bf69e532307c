"""What a criterion is about, from the closed vocabulary of topics.toml; several topics are usual, none is possible."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from extract.criteria.phrases import expand
from extract.criteria.vocabulary import words_of

_Node = dict[str, Any]
"""The nodes of the words that may follow; under "" the topics of the phrase that ends here."""


def topics(text: str) -> list[str]:
    """The topics of a criterion, in the order of the vocabulary."""
    tree = _tree()
    found: set[str] = set()
    words = words_of(text)
    for at, word in enumerate(words):
        node = tree.get(word)
        following = at
        while node is not None:
            found.update(node.get("", ()))
            following += 1
            node = node.get(words[following]) if following < len(words) else None
    return [topic for topic in vocabulary() if topic in found]


@cache
def vocabulary() -> dict[str, list[str]]:
    """Every topic with its phrases."""
    with (files("extract.criteria") / "topics.toml").open("rb") as data:
        return tomllib.load(data)


@cache
def _tree() -> _Node:
    tree: _Node = {}
    for topic, phrases in vocabulary().items():
        for phrase in (p for template in phrases for p in expand(template)):
            node = tree
            for word in words_of(phrase):
                node = node.setdefault(word, {})
            node.setdefault("", set()).add(topic)
    return tree
