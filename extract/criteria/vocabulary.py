"""The words that the lexer knows: those of lexicon.toml and of the table of measures, in one tree."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from extract.criteria import measures, roles
from extract.criteria.phrases import expand
from extract.criteria.tables import rows
from extract.criteria.words import COMPARISON_SIGNS, words_of


class Comparison(NamedTuple):
    """`lower`: the value is the lower bound; `upper`: the upper one; both for "=". `age`: the words speak of age.

    `noun`: words of the measure may stand between it and its value ("minimum age of 18").
    """

    lower: bool
    upper: bool
    inclusive: bool
    age: bool = False
    noun: bool = False


def symbol(text: str) -> Comparison:
    """The comparison that signs make: "≥", ">/=", "=<"."""
    above, below = any(c in text for c in ">≥≧⩾˃﹥"), any(c in text for c in "<≤≦⩽˂﹤")
    inclusive = any(c in text for c in "=≥≤≦≧⩽⩾")
    return Comparison(lower=above or not below, upper=below or not above, inclusive=inclusive)


class Entry(NamedTuple):
    """What a phrase is: its roles, and what it stands for."""

    roles: int
    value: Any = None


Node = dict[str, Any]
"""A node of the tree: the nodes of the words that may follow; under "" the Entry of the phrase that ends here, and
under " " those of the phrases that must stand letter for letter, by how they are written."""


class Head(NamedTuple):
    """A word that a phrase begins with: what it is alone, if anything, and its node, if more hangs below it."""

    entry: Entry | None
    node: Node | None

    def telling(self) -> bool:
        """Whether there is more to know of the word than its roles."""
        entry = self.entry
        valued = entry is not None and (entry.value is not None or entry.roles & (roles.QUANTITY | roles.AFTERWORD))
        return self.node is not None or bool(valued)


class Vocabulary(NamedTuple):
    """alone: the roles of the words that say something by themselves; heads: the words there is more to know of."""

    alone: dict[str, int]
    heads: dict[str, Head]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary by first words, made once. Raises ValueError when a phrase has two values, as two comparisons."""
    known: dict[tuple[str, ...], Entry] = {}
    for phrase, entry in (*_signs(), *_lexicon(), *_measures()):
        key = tuple(words_of(phrase).words)
        known[key] = _merged(phrase, known.get(key, Entry(0)), entry)
    tree: Node = {}
    for key, entry in known.items():
        _node(tree, key)[""] = entry
    for measure in measures.table().values():
        for alias in measure.exact:
            exact = _node(tree, tuple(words_of(alias).words)).setdefault(" ", {})
            exact[alias] = _merged(alias, exact.get(alias, Entry(0)), Entry(roles.MEASURE, measure))
    heads = {word: Head(node.get(""), node if len(node) > ("" in node) else None) for word, node in tree.items()}
    return Vocabulary(
        alone={word: head.entry.roles for word, head in heads.items() if head.entry},
        heads={word: head for word, head in heads.items() if head.telling()},
    )


def _node(tree: Node, words: tuple[str, ...]) -> Node:
    for word in words:
        tree = tree.setdefault(word, {})
    return tree


def _merged(phrase: str, before: Entry, entry: Entry) -> Entry:
    if before.value is not None and entry.value is not None and before.value != entry.value:
        raise ValueError(f"{phrase!r} is {before.value!r} already, it cannot be {entry.value!r} too")
    return Entry(before.roles | entry.roles, before.value if entry.value is None else entry.value)


def _measures() -> Iterator[tuple[str, Entry]]:
    for measure in measures.table().values():
        for alias in (measure.label, *measure.aliases):
            yield alias, Entry(roles.MEASURE, measure)
    for row in rows("lookalikes.csv"):
        for phrase in expand(row["phrase"]):
            yield phrase, Entry(roles.WORD)


def _signs() -> Iterator[tuple[str, Entry]]:
    yield from ((sign, Entry(role)) for sign, role in roles.OF_SIGNS.items())
    yield from ((sign, Entry(roles.COMPARE, symbol(sign))) for sign in COMPARISON_SIGNS)


def _lexicon() -> Iterator[tuple[str, Entry]]:
    words = lexicon()
    for place, entries in words["comparison"].items():
        role = roles.COMPARE if place.startswith("before") else roles.AFTERWORD
        for name, listed in entries.items():
            comparison = Comparison(
                lower=name in ("ge", "gt"),
                upper=name in ("le", "lt"),
                inclusive=name in ("ge", "le"),
                age=place.endswith("age"),
                noun=place.endswith("noun"),
            )
            yield from ((phrase, Entry(role, comparison)) for phrase in listed)
    for role, table in ((roles.LIMIT, "limit"), (roles.SEX, "sex"), (roles.TIME, "time")):
        for value, listed in words[table].items():
            yield from ((phrase, Entry(role, value)) for phrase in listed)
    yield from ((phrase, Entry(roles.QUANTITY, float(value))) for phrase, value in words["number"].items())
    for name, listed in words["words"].items():
        yield from ((phrase, Entry(roles.OF_WORDS[name])) for phrase in listed)


@cache
def lexicon() -> dict[str, Any]:
    """lexicon.toml."""
    with (files("extract.criteria") / "lexicon.toml").open("rb") as data:
        return tomllib.load(data)


@cache
def number_words() -> frozenset[str]:
    """The words that number words are made of: "eighteen", "twenty", "twice"."""
    return frozenset(word for phrase in lexicon()["number"] for word in phrase.split())
