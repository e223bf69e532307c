"""A study in the making, in which every value has its lines.

The study is a plain dict in the shape of CT.gov v2 (camelCase). A value is put with the lines that prove it and
the words there; a value whose words don't stand at its lines is turned away. So every leaf of the study has evidence,
and no evidence is about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from extract.evidence import Evidence, fold
from extract.extraction import Outcome
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
        return self._put(pointer, self.field(pointer), value, lines, quote)

    def read(self, pointer: str, lines: LineRange, words: str) -> None:
        """Put what the words mean for the field at the pointer; words that mean no such value leave it unreadable."""
        field = self.field(pointer)
        value = value_of(field, words)
        if value is None:
            self._stated.setdefault(field.pointer, "unreadable")
        else:
            self._put(pointer, field, value, lines, words)

    def unreadable(self, pointer: str) -> None:
        """Note that the source says something about the field that could not be read."""
        self._stated.setdefault(self.field(pointer).pointer, "unreadable")

    def next_item(self, pointer: str) -> str:
        """The pointer of the item that comes next in a list. A record of which nothing is put takes no place in it."""
        return f"{pointer}/{len(self._containers.get(pointer, ()))}"

    def field(self, pointer: str) -> Field:
        """What kind of value stands at the pointer."""
        parent, _, key = pointer.rpartition("/")
        return field_at(_pattern_before(parent) + ("*" if key.isdigit() else key))

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """How every field of the table came out."""
        return {f.pointer: self._stated.get(f.pointer, "not_stated") for f in fields().values()}

    def _put(self, pointer: str, field: Field, value: Value, lines: LineRange, quote: str) -> bool:
        proof = self._proof(lines, quote)
        if proof is None:
            self._stated.setdefault(field.pointer, "rejected")
            return False
        parent, _, key = pointer.rpartition("/")
        container = self._containers.get(parent)
        _set(self._made(parent, key) if container is None else container, key, value)
        self._stated[field.pointer] = "extracted"
        self.evidence[pointer] = [proof]
        return True

    def _proof(self, lines: LineRange, quote: str) -> Evidence | None:
        """The quote as evidence, its white space folded; None where it does not stand at the lines."""
        first, last = lines
        said = self._lines[first - 1 : last] if 1 <= first <= last <= len(self._lines) else ()
        quote = _folded(quote)
        if not quote or not said:
            return None
        # Nearly every quote is a piece of one line as it stands there.
        return Evidence(lines, quote) if quote in said[0] or quote in _folded_lines(said) else None

    def _made(self, pointer: str, child: str) -> _Container:
        """A new container at a pointer, and those above it that are missing: a list for a child in digits."""
        parent, _, key = pointer.rpartition("/")
        above = self._containers.get(parent)
        container: _Container = [] if child.isdigit() else {}
        _set(self._made(parent, key) if above is None else above, key, container)
        self._containers[pointer] = container
        return container


@lru_cache(maxsize=1 << 12)
def _pattern_before(pointer: str) -> str:
    """What the pointers of all that is in a container begin with, "*" for list items."""
    return f"{_INDEX.sub('/*', pointer)}/"


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
