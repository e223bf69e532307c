"""A study in the making, in which every value has its lines.

The study is a plain dict in the shape of CT.gov v2 (camelCase). A value is put with the lines that prove it and
the words there; a value whose words don't stand at its lines is turned away. So every leaf of the study has evidence,
and no evidence is about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from extract.evidence import Evidence, fold
from extract.extraction import Outcome
from extract.memo import Memo
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
        self._plain = source.spaced_plainly
        self._ascii = source.text.isascii()

    def put(self, pointer: str, value: Value, lines: LineRange, quote: str) -> bool:
        """Put a value with its evidence, a new one or another in its place. False if the quote isn't at the lines."""
        parent, _, key = pointer.rpartition("/")
        return self._put(parent, key, _FIELDS[parent][key], value, lines, quote)

    def read(self, pointer: str, lines: LineRange, words: str) -> None:
        """Put what the words mean for the field at the pointer; words that mean no such value leave it unreadable."""
        parent, _, key = pointer.rpartition("/")
        self._read(parent, key, _FIELDS[parent][key], lines, words)

    def read_parts(self, pointer: str, parts: Mapping[str, Text | None]) -> None:
        """Put what the words mean for fields of the object at the pointer, by their keys; None says nothing."""
        fields_here = _FIELDS[pointer]
        for key, words in parts.items():
            if words is not None:
                self._read(pointer, key, fields_here[key], words.lines, words.text)

    def unreadable(self, pointer: str) -> None:
        """Note that the source says something about the field that could not be read."""
        self._stated.setdefault(self.field(pointer).pointer, "unreadable")

    def next_item(self, pointer: str) -> str:
        """The pointer of the item that comes next in a list. A record of which nothing is put takes no place in it."""
        return f"{pointer}/{len(self._containers.get(pointer, ()))}"

    def field(self, pointer: str) -> Field:
        """What kind of value stands at the pointer."""
        parent, _, key = pointer.rpartition("/")
        return _FIELDS[parent][key]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """How every field of the table came out."""
        return {f.pointer: self._stated.get(f.pointer, "not_stated") for f in fields().values()}

    def _read(self, parent: str, key: str, field: Field, lines: LineRange, words: str) -> None:
        value = value_of(field, words)
        if value is None:
            self._stated.setdefault(field.pointer, "unreadable")
        else:
            self._put(parent, key, field, value, lines, words)

    def _put(self, parent: str, key: str, field: Field, value: Value, lines: LineRange, words: str) -> bool:
        quote = self._quote(lines, words)
        if not quote:
            self._stated.setdefault(field.pointer, "rejected")
            return False
        container = self._containers.get(parent)
        _set(self._made(parent, key) if container is None else container, key, value)
        self._stated[field.pointer] = "extracted"
        self.evidence[f"{parent}/{key}"] = [Evidence(lines, quote)]
        return True

    def _quote(self, lines: LineRange, words: str) -> str | None:
        """The words with their white space folded; None where they don't stand at the lines."""
        first, last = lines
        if not 1 <= first <= last <= len(self._lines):
            return None
        # Nearly all words are a piece of one line as it stands there.
        if words in self._lines[first - 1] and self._is_folded(words):
            return words.strip()
        said, quote = _joined(self._lines[first - 1 : last]), _joined(words.split("\n"))
        if quote == said:  # as the words of a whole text are
            return self._folded(quote)
        said, quote = self._folded(said), self._folded(quote)
        if quote not in said:
            quote = fold(words)  # they may have white space that the source has not
        return quote if quote in said else None

    def _folded(self, text: str) -> str:
        """What `fold` gives of words of the source, without taking apart those that are folded, which most are."""
        return text if self._is_folded(text) else fold(text)

    def _is_folded(self, text: str) -> bool:
        """Whether words of the source's lines have no white space but single spaces."""
        return "  " not in text and ((self._plain and (self._ascii or text.isascii())) or text.isprintable())

    def _made(self, pointer: str, child: str) -> _Container:
        """A new container at a pointer, and those above it that are missing: a list for a child in digits."""
        container: _Container = [] if child.isdigit() else {}
        parent, _, key = pointer.rpartition("/")
        above = self._containers.get(parent)
        _set(self._made(parent, key) if above is None else above, key, container)
        self._containers[pointer] = container
        return container


def _fields_in(parent: str) -> Memo[str, Field]:
    return _fields_below(_INDEX.sub("/*", parent))


@cache
def _fields_below(pattern: str) -> Memo[str, Field]:
    def field_of(key: str) -> Field:
        return field_at(f"{pattern}/{'*' if key.isdigit() else key}")

    return Memo(field_of, 1 << 10)


_FIELDS: Final = Memo(_fields_in, 1 << 12)
"""By the pointer of a container and a key in it: what kind of value stands there."""


def _joined(lines: Iterable[str]) -> str:
    """The words of some lines, a space between."""
    return " ".join([bare for line in lines if (bare := line.strip())])


def _set(container: _Container, key: str, value: object) -> None:
    """Set an item. List items come in order; a missing one is an error."""
    if isinstance(container, dict):
        container[key] = value
    elif (index := int(key)) == len(container):
        container.append(value)
    else:
        container[index] = value
