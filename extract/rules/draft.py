"""A study in the making, in which every value has its lines.

The study is a plain dict in the shape of CT.gov v2 (camelCase). A value is put with the lines that prove it and
the words there; a value whose words don't stand at its lines is turned away. So every leaf of the study has evidence,
and no evidence is about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from extract.evidence import Evidence, fold
from extract.extraction import Outcome
from extract.readers.page_lines import Text
from extract.rules.fields import Field, field_at, fields
from extract.rules.values import Value, value_of
from extract.source import LineRange, Source

_INDEX = re.compile(r"/\d+(?=/|$)")

_Container = dict[str, Any] | list[Any]


class Draft:
    """`study`, the `evidence` of each of its leaves by JSON pointer, and the `outcomes` of the fields.

    Keys of v2 hold neither "/" nor "~", so a pointer is its steps joined; list items are put in order from 0.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.study: dict[str, Any] = {}
        self.evidence: dict[str, list[Evidence]] = {}
        self._containers: dict[str, _Container] = {"": self.study}
        self._stated: dict[str, Outcome] = {}
        self._lines = source.lines

    def put(self, pointer: str, value: Value, lines: LineRange, quote: str) -> bool:
        """Put a value with its evidence, a new one or another in its place. False if the quote isn't at the lines."""
        parent, _, key = pointer.rpartition("/")
        return self._put(parent, key, _field(parent, key), value, lines, quote)

    def read(self, pointer: str, lines: LineRange, words: str) -> None:
        """Put what the words mean for the field at the pointer; words that mean no such value leave it unreadable."""
        parent, _, key = pointer.rpartition("/")
        self._read(parent, key, lines, words)

    def read_parts(self, pointer: str, parts: Mapping[str, Text | None]) -> None:
        """Put what the words mean for fields of the object at the pointer, by their keys; None says nothing."""
        for key, words in parts.items():
            if words is not None:
                self._read(pointer, key, words.lines, words.text)

    def unreadable(self, pointer: str) -> None:
        """Note that the source says something about the field that could not be read."""
        self._stated.setdefault(self.field(pointer).pointer, "unreadable")

    def next_item(self, pointer: str) -> str:
        """The pointer of the item that comes next in a list. A record of which nothing is put takes no place in it."""
        return f"{pointer}/{len(self._containers.get(pointer, ()))}"

    def field(self, pointer: str) -> Field:
        """What kind of value stands at the pointer."""
        parent, _, key = pointer.rpartition("/")
        return _field(parent, key)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """How every field of the table came out."""
        return {f.pointer: self._stated.get(f.pointer, "not_stated") for f in fields().values()}

    def _read(self, parent: str, key: str, lines: LineRange, words: str) -> None:
        field = _field(parent, key)
        value = value_of(field, words)
        if value is None:
            self._stated.setdefault(field.pointer, "unreadable")
        else:
            self._put(parent, key, field, value, lines, words)

    def _put(self, parent: str, key: str, field: Field, value: Value, lines: LineRange, quote: str) -> bool:
        quote = _folded(quote)
        if not self._proves(lines, quote):
            self._stated.setdefault(field.pointer, "rejected")
            return False
        container = self._containers.get(parent)
        _set(self._made(parent, key) if container is None else container, key, value)
        self._stated[field.pointer] = "extracted"
        self.evidence[f"{parent}/{key}"] = [Evidence(lines, quote)]
        return True

    def _proves(self, lines: LineRange, quote: str) -> bool:
        """Whether a quote, its white space folded, stands at the lines."""
        first, last = lines
        if not quote or not 1 <= first <= last <= len(self._lines):
            return False
        # Nearly every quote is a piece of one line as it stands there.
        return quote in self._lines[first - 1] or quote in _folded_lines(self._lines[first - 1 : last])

    def _made(self, pointer: str, child: str) -> _Container:
        """A new container at a pointer, and those above it that are missing: a list for a child in digits."""
        parent, _, key = pointer.rpartition("/")
        above = self._containers.get(parent)
        container: _Container = [] if child.isdigit() else {}
        _set(self._made(parent, key) if above is None else above, key, container)
        self._containers[pointer] = container
        return container


@lru_cache(maxsize=1 << 12)
def _field(parent: str, key: str) -> Field:
    """What kind of value has the key in the container at a pointer."""
    return field_at(f"{_INDEX.sub('/*', parent)}/{'*' if key.isdigit() else key}")


def _folded(text: str) -> str:
    """What `fold` gives, without taking apart the lines that are folded already, which most are."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _folded_lines(text.split("\n")) if "\n" in text else fold(text)


def _folded_lines(lines: Iterable[str]) -> str:
    return " ".join(filter(None, map(_folded, lines)))


def _set(container: _Container, key: str, value: object) -> None:
    """Set an item. List items come in order; a missing one is an error."""
    if isinstance(container, dict):
        container[key] = value
    elif (index := int(key)) == len(container):
        container.append(value)
    else:
        container[index] = value
