"""What a criterion is about, from the closed vocabulary of topics.toml; several topics are usual, none is possible."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from extract.criteria.phrases import expand
from extract.criteria.words import words_of

_Node = dict[str, Any]
"""The nodes of the words that may follow; under "" the topics of the phrase that ends here."""

_END = " "
"""Stands behind the last word of a text, and is no word."""


def topics(text: str) -> list[str]:
    """The topics of a criterion, in the order of the vocabulary."""
    tree = _tree()
    found: set[str] = set()
    words = [*words_of(text).words, _END]
    for start in [at for at, word in enumerate(words) if word in tree]:
        node, at = tree[words[start]], start
        while node is not None:
            if ending := node.get(""):
                found |= ending
            at += 1
            node = node.get(words[at])
    return sorted(found, key=_places().__getitem__)


@cache
def vocabulary() -> dict[str, list[str]]:
    """Every topic with its phrases."""
    with (files("extract.criteria") / "topics.toml").open("rb") as data:
        return tomllib.load(data)


@cache
def _places() -> dict[str, int]:
    return {topic: place for place, topic in enumerate(vocabulary())}


@cache
def _tree() -> _Node:
    tree: _Node = {}
    for topic, phrases in vocabulary().items():
        for phrase in (p for template in phrases for p in expand(template)):
            node = tree
            for word in words_of(phrase).words:
                node = node.setdefault(word, {})
            node.setdefault("", set()).add(topic)
    return tree
