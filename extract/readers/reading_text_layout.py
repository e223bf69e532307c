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
TableKind = Literal["baseline", "outcome"]

_SLOT = re.compile(r"\{([A-Za-z0-9.]+)(:group)?\}")
_LABEL = re.compile(r"[^{|]*?: ")


class Slot(NamedTuple):
    """Where a value is within an object, at a key or below it, and the `words` of its enumeration if it has one.

    `bit` is the slot's own in a number that says which slots of a line have values.
    """

    bit: int
    key: str
    below: Path
    pointer: str
    words: Mapping[str, str] | None
    is_group: bool


class Wording(NamedTuple):
    """One way to say a phrase: a %-format and the slots that fill it, all of which must have values."""

    format: str
    slots: tuple[Slot, ...]


class Phrase(NamedTuple):
    """Ways to say the same thing, the best first. `joint` stands between it and what was said before it."""

    wordings: tuple[Wording, ...]
    joint: str


class Template(NamedTuple):
    """How a line reads: a %-format, the slots that fill it, and their pointers.

    `order` says which of the words of all slots that have values fill it; None for all of them as they come.
    """

    format: str
    slots: tuple[Slot, ...]
    pointers: tuple[str, ...]
    order: tuple[int, ...] | None


class Templates(dict[int, Template]):
    """The template of a line by which of its slots have values (the sum of their bits).

    Objects are many and such sums few: the template of each is made when it is first met.
    """

    def __init__(self, phrases: tuple[Phrase, ...]) -> None:
        self._phrases = phrases

    def __missing__(self, stated: int) -> Template:
        text, slots = "", list[Slot]()
        for phrase in self._phrases:
            wording = next((w for w in phrase.wordings if all(stated & slot.bit for slot in w.slots)), None)
            if wording:
                text = f"{text}{phrase.joint}{wording.format}" if text else wording.format
                slots += wording.slots
        order = tuple((stated & (slot.bit - 1)).bit_count() for slot in slots)
        in_order = order == tuple(range(stated.bit_count()))
        made = Template(text, tuple(slots), tuple(s.pointer for s in slots), None if in_order else order)
        self[stated] = made
        return made


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its label, and how it goes on by which of the slots have values.

    `bare` is its slot when it has no other words: a text that keeps its paragraphs as lines. `key` of this and of
    every entry is the one that an object must have, or there is nothing to say; None where any of several will do.
    """

    label: str
    slots: tuple[Slot, ...]
    templates: Templates
    bare: Slot | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A list of objects on one line, between a head and a tail."""

    head: Line
    items: Path
    pointer: str
    item: Line
    tail: Line | None
    key: str | None


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
    key: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a result table (reading_text_tables)."""

    kind: TableKind
    key: str | None


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
        return Table(entry["table"], "classes")
    items = _path(entry["items"] if "row" in entry else entry["each"])
    here = pointer(*items)
    inner = f"{base}{here}/*"
    if "row" in entry:
        head, item = _line(entry["row"], base), _line(entry["item"], inner)
        tail = _line(entry["tail"], base) if "tail" in entry else None
        return Row(head, items, here, item, tail, None if head.slots or tail else items[0])
    return Each(
        items,
        here,
        tuple(_entry(e, inner) for e in entry["say"]),
        entry.get("label"),
        _optional_path(entry, "groups"),
        entry.get("inline", False),
        entry.get("spaced", False),
        items[0],
    )


def _line(text: str, base: str) -> Line:
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    slots: dict[str, Slot] = {}
    for m in _SLOT.finditer(rest):
        slots.setdefault(m[0], _slot(m[1], bool(m[2]), base, 1 << len(slots)))
    templates = Templates(tuple(_phrase(p, slots) for p in rest.split(" | ")))
    bare = slots.get(rest)
    keys = {slot.key for slot in slots.values()}
    key = keys.pop() if len(keys) == 1 else None
    return Line(label.group() if label else "", tuple(slots.values()), templates, bare, key)


def _phrase(text: str, slots: Mapping[str, Slot]) -> Phrase:
    wordings = tuple(_wording(w, slots) for w in text.split(" || "))
    return Phrase(wordings, " " if text.startswith("(") else ", ")


def _wording(text: str, slots: Mapping[str, Slot]) -> Wording:
    return Wording(_SLOT.sub("%s", text.replace("%", "%%")), tuple(slots[m[0]] for m in _SLOT.finditer(text)))


def _slot(text: str, is_group: bool, base: str, bit: int) -> Slot:
    path = _path(text)
    here = pointer(*path)
    vocabulary = vocabulary_of(base + here) or vocabulary_of(f"{base}{here}/*")
    return Slot(bit, path[0], path[1:], here, vocabulary.words if vocabulary else None, is_group)


def _path(text: str) -> Path:
    return tuple(text.split(".")) if text else ()


def _optional_path(table: Mapping[str, Any], key: str) -> Path | None:
    return _path(table[key]) if key in table else None
