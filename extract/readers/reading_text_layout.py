"""The layout of the reading text, read from reading_text.toml (which explains its own grammar)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract.evidence import pointer
from extract.vocabulary import vocabulary_of

Path = tuple[str, ...]
Keys = frozenset[str]
TableKind = Literal["baseline", "outcome"]

_SLOT = re.compile(r"\{([A-Za-z0-9.]+)(:group)?\}")
_LABEL = re.compile(r"[^{|]*?: ")


class Slot(NamedTuple):
    """Where a value is within an object, at a key or below it, and the `words` of its enumeration if it has one."""

    key: str
    below: Path
    pointer: str
    words: Mapping[str, str] | None
    is_group: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say a phrase: a %-format and the slots that fill it, all of which must have values.

    `key` is that of the first slot: without it in an object there is no need to look further. `plain` is the only slot,
    when its value is right at its key and is said as it is.
    """

    format: str
    slots: tuple[Slot, ...]
    key: str | None
    plain: Slot | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Ways to say the same thing, the best first. `joint` stands between it and what was said before it."""

    wordings: tuple[Wording, ...]
    joint: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line. `bare` is its slot when it has no other words: a text that keeps its paragraphs as lines.

    `keys` of this and of every entry are those that an object must have one of, or there is nothing to say.
    """

    label: str
    phrases: tuple[Phrase, ...]
    bare: Slot | None
    keys: Keys


@dataclass(frozen=True, slots=True)
class Row:
    """A list of objects on one line, between a head and a tail."""

    head: Line
    items: Path
    pointer: str
    item: Line
    tail: Line | None
    keys: Keys


@dataclass(frozen=True, slots=True)
class Each:
    """The entries for every object of a list. An inline one belongs to the passage around it.

    `label` is the key of the name of an object's passage.
    """

    items: Path
    pointer: str
    say: tuple[Entry, ...]
    label: str | None
    groups: Path | None
    inline: bool
    spaced: bool
    keys: Keys


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a result table (reading_text_tables)."""

    kind: TableKind
    keys: Keys


Entry = Line | Row | Each | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is said below it of the object at `at`."""

    heading: str
    at: Path
    pointer: str
    say: tuple[Entry, ...]
    groups: Path | None


@cache
def layout() -> tuple[Section, ...]:
    """The sections of the reading text, in order."""
    table = tomllib.loads(files("extract.readers").joinpath("reading_text.toml").read_text(encoding="utf-8"))
    return tuple(_section(s) for s in table["section"])


def _section(table: Mapping[str, Any]) -> Section:
    at = _path(table["at"])
    here = pointer(*at)
    say = tuple(_entry(e, here) for e in table["say"])
    return Section(table["heading"], at, here, say, _optional_path(table, "groups"))


def _entry(entry: str | Mapping[str, Any], base: str) -> Entry:
    """`base` is the pointer of the object that the entry is about, with * for array indexes."""
    if isinstance(entry, str):
        return _line(entry, base)
    if "table" in entry:
        return Table(entry["table"], frozenset(("classes",)))
    items = _path(entry["items"] if "row" in entry else entry["each"])
    here = pointer(*items)
    inner = f"{base}{here}/*"
    if "row" in entry:
        head, item = _line(entry["row"], base), _line(entry["item"], inner)
        tail = _line(entry["tail"], base) if "tail" in entry else None
        keys = head.keys | {items[0]} | (tail.keys if tail else frozenset())
        return Row(head, items, here, item, tail, keys)
    return Each(
        items,
        here,
        tuple(_entry(e, inner) for e in entry["say"]),
        entry.get("label"),
        _optional_path(entry, "groups"),
        entry.get("inline", False),
        entry.get("spaced", False),
        frozenset(items[:1]),
    )


def _line(text: str, base: str) -> Line:
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    phrases = tuple(_phrase(p, base) for p in rest.split(" | "))
    bare = phrases[0].wordings[0].slots[0] if _SLOT.fullmatch(rest) else None
    keys = frozenset(slot.key for phrase in phrases for wording in phrase.wordings for slot in wording.slots)
    return Line(label.group() if label else "", phrases, bare, keys)


def _phrase(text: str, base: str) -> Phrase:
    wordings = tuple(_wording(w, base) for w in text.split(" || "))
    return Phrase(wordings, " " if text.startswith("(") else ", ")


def _wording(text: str, base: str) -> Wording:
    slots = tuple(_slot(m[1], bool(m[2]), base) for m in _SLOT.finditer(text))
    words = _SLOT.sub("%s", text.replace("%", "%%"))
    first = slots[0] if slots else None
    is_plain = len(slots) == 1 and not (slots[0].below or slots[0].words or slots[0].is_group)
    return Wording(words, slots, first.key if first else None, first if is_plain else None)


def _slot(text: str, is_group: bool, base: str) -> Slot:
    path = _path(text)
    here = pointer(*path)
    vocabulary = vocabulary_of(base + here) or vocabulary_of(f"{base}{here}/*")
    return Slot(path[0], path[1:], here, vocabulary.words if vocabulary else None, is_group)


def _path(text: str) -> Path:
    return tuple(text.split(".")) if text else ()


def _optional_path(table: Mapping[str, Any], key: str) -> Path | None:
    return _path(table[key]) if key in table else None
