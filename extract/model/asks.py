"""What a model is asked for, as data: `asks.toml`, read once and typed, and the shape that an answer has.

A field's pointer says what shape it has in an answer: a value, a list of values, or a member of the items of a list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from extract.rules.fields import Field, fields
from extract.vocabulary import Vocabulary, vocabulary_of


@dataclass(frozen=True, slots=True)
class Ask:
    """One field to ask for. `name` is the field's; the others are as asks.toml explains them."""

    name: str
    field: Field
    about: str
    long: bool = False
    key: bool = False
    of: str | None = None
    cues: tuple[str, ...] = ()

    @property
    def pointer(self) -> str:
        """The field's pointer, with "*" for the items of a list."""
        return self.field.pointer

    @property
    def items(self) -> str | None:
        """The pointer of the list whose items the field is a member of; None for one that stands by itself."""
        head, star, _ = self.pointer.partition("/*/")
        return head if star else None

    @property
    def many(self) -> bool:
        """Whether there can be several: of it, or in each item."""
        return self.pointer.endswith("/*")

    @property
    def member(self) -> str:
        """What it is called in an answer: its name, or its key within an item."""
        return self.pointer.partition("/*/")[2].removesuffix("/*") if self.items else self.name

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The codes that it is one of."""
        return vocabulary_of(self.pointer) if self.field.kind == "code" else None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are asked for together. `terms` are the words that passages about them use."""

    about: str
    terms: tuple[str, ...]
    asks: tuple[Ask, ...]


@cache
def groups() -> Mapping[str, Group]:
    """Every group, by its name."""
    table = tomllib.loads(Path(__file__).with_name("asks.toml").read_text(encoding="utf-8"))["groups"]
    return {
        name: Group(row["about"], tuple(row["terms"]), tuple(_ask(f, a) for f, a in row["fields"].items()))
        for name, row in table.items()
    }


def _ask(name: str, row: dict[str, Any]) -> Ask:
    return Ask(name, fields()[name], **row | {"cues": tuple(row.get("cues", ()))})


@cache
def asks() -> Mapping[str, Ask]:
    """Everything that can be asked for, by the field's name."""
    return {a.name: a for g in groups().values() for a in g.asks}


def by_items(wanted: Iterable[Ask]) -> dict[str | None, list[Ask]]:
    """The fields by the list that they are members of; those that stand by themselves under None."""
    sorted_out: dict[str | None, list[Ask]] = {None: []}
    for ask in wanted:
        sorted_out.setdefault(ask.items, []).append(ask)
    return sorted_out


def described(wanted: Iterable[Ask]) -> str:
    """The fields in words, for a prompt: not every server shows a model the schema that its reply has to fit."""
    rows = []
    for items, members in by_items(wanted).items():
        if items:
            rows.append(f"{items.rpartition('/')[2]}: a list, each item with")
        rows += [("  " if items else "") + _described(ask) for ask in members]
    return "\n".join(rows)


def _described(ask: Ask) -> str:
    vocabulary = ask.vocabulary
    codes = ", ".join(f"{code} ({word})" for code, word in vocabulary.words.items()) if vocabulary else ""
    several = "; a list" if ask.many else ""
    return f"{ask.member}: {ask.about}{several}" + (f"; one of {codes}" if codes else "")
