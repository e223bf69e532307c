"""A study in the making, in which every value has its lines.

The study is a plain dict in the shape of CT.gov v2 (camelCase). Whatever fills it, rules or a model, puts a value with
the lines that prove it and the words there; a value whose words don't stand at its lines is turned away. So every leaf
of the study has evidence, and no evidence is about nothing.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from extract.evidence import Evidence, Method, fold
from extract.extraction import Outcome
from extract.rules.fields import Field, field_at, fields
from extract.rules.values import Value, value_of
from extract.source import LineRange, Source

_INDEX = re.compile(r"/\d+(?=/|$)")


class _Place(NamedTuple):
    """A container of the study: itself, and the pointer of what is in it up to the key, "*" for list items."""

    container: dict[str, Any] | list[Any]
    pattern: str


class Draft:
    """`study`, the `evidence` of each of its leaves by JSON pointer, and the `outcomes` of the fields.

    Keys of v2 hold neither "/" nor "~", so a pointer is its steps joined; list items are put in order from 0.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.study: dict[str, Any] = {}
        self.evidence: dict[str, list[Evidence]] = {}
        self._places: dict[str, _Place] = {"": _Place(self.study, "/")}
        self._stated: dict[str, Outcome] = {}
        self._lines = source.lines

    def put(self, pointer: str, value: Value, lines: LineRange, quote: str, method: Method = "rule") -> bool:
        """Put a value with its evidence, a new one or another in its place. False if the quote isn't at the lines."""
        quote = _folded(quote)
        if not self._stands(quote, lines):
            self._stated.setdefault(self._pattern(pointer), "rejected")
            return False
        parent, _, key = pointer.rpartition("/")
        container, pattern = self._places.get(parent) or self._made(parent, key)
        self._stated[pattern + _set(container, key, value)] = "extracted"
        self.evidence[pointer] = [Evidence(lines, quote, method)]
        return True

    def read(self, pointer: str, lines: LineRange, words: str) -> bool:
        """Put what the words mean for the field at the pointer; words that mean no such value leave it unreadable."""
        value = value_of(self.field(pointer), words)
        if value is None:
            self.unreadable(pointer)
            return False
        return self.put(pointer, value, lines, words)

    def unreadable(self, pointer: str) -> None:
        """Note that the source says something about the field that could not be read."""
        self._stated.setdefault(self._pattern(pointer), "unreadable")

    def next_item(self, pointer: str) -> str:
        """The pointer of the item that comes next in a list. A record of which nothing is put takes no place in it."""
        place = self._places.get(pointer)
        return f"{pointer}/{len(place.container) if place else 0}"

    def field(self, pointer: str) -> Field:
        """What kind of value stands at the pointer."""
        return field_at(self._pattern(pointer))

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """How every field of the table came out."""
        return {f.pointer: self._stated.get(f.pointer, "not_stated") for f in fields().values()}

    def _stands(self, quote: str, lines: LineRange) -> bool:
        first, last = lines
        said = self._lines[first - 1 : last] if 1 <= first <= last <= len(self._lines) else ()
        if not quote or not said:
            return False
        # Nearly every quote is a piece of one line as it stands there.
        return quote in said[0] or quote in _folded("\n".join(said))

    def _pattern(self, pointer: str) -> str:
        """The pointer with "*" for list items."""
        parent, _, key = pointer.rpartition("/")
        place = self._places.get(parent)
        before = place.pattern if place else f"{_INDEX.sub('/*', parent)}/"
        return before + ("*" if key.isdigit() else key)

    def _made(self, pointer: str, child: str) -> _Place:
        """A new container at a pointer, and those above it that are missing: a list for a child in digits."""
        parent, _, key = pointer.rpartition("/")
        above, pattern = self._places.get(parent) or self._made(parent, key)
        container: dict[str, Any] | list[Any] = [] if child.isdigit() else {}
        place = self._places[pointer] = _Place(container, f"{pattern}{_set(above, key, container)}/")
        return place


def _folded(text: str) -> str:
    """What `fold` gives, without taking apart the lines that are folded already, which most are."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    if "\n" not in text:
        return fold(text)
    return " ".join(filter(None, map(_folded, text.split("\n"))))


def _set(container: dict[str, Any] | list[Any], key: str, value: object) -> str:
    """Set an item and return its key as patterns write it. List items come in order; a missing one is an error."""
    if isinstance(container, dict):
        container[key] = value
        return key
    index = int(key)
    if index == len(container):
        container.append(value)
    else:
        container[index] = value
    return "*"
