"""The reading text of a registry record: the record as a person would read it, one thought a line.

A JSON record has no lines that a person could be shown, so citations of it name lines of this text. It is a function
of the record alone. Its layout is data (reading_text.toml); what the layout does not mention is said all the same,
under "Other Fields", so that every leaf of a record stands somewhere. A leaf is a scalar that is neither null nor
blank text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from extract.evidence import pointer
from extract.readers import reading_text_layout as form
from extract.readers.reading_text_tables import Denominators, denominators, table_rows
from extract.readers.reading_text_values import (
    BEFORE_ITEMS,
    BETWEEN,
    BETWEEN_GROUPS,
    Node,
    at,
    group_titles,
    key_in_words,
    lines_of,
    objects,
    one_line,
    said,
    scalar_count,
)
from extract.reading import Passage
from extract.source import LineRange

OTHER = "Other Fields"


@dataclass(frozen=True)
class ReadingText:
    """The text, its passages (section, lines, label), and the lines of every leaf by JSON pointer."""

    text: str
    spans: list[tuple[str, LineRange, str | None]]
    places: Mapping[str, LineRange]

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(Passage(*span) for span in self.spans)


def reading_text(record: Node) -> ReadingText:
    """Say a record. Takes time and space linear in its size."""
    page = _Page()
    teller = _Teller(page)
    for section in form.layout():
        node = at(record, section.at)
        if type(node) is dict:
            teller.section(section, node)
    if len(page.places) < scalar_count(record):
        teller.others(record)
    return ReadingText("\n".join(page.lines), page.spans, page.places)


class _Page:
    """Lines as they are written, the passages they form, and where each leaf was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spans: list[tuple[str, LineRange, str | None]] = []
        self.places: dict[str, LineRange] = {}
        self._section = ""
        self._gap: list[str] = []
        self._first = 0

    def section(self, heading: str) -> None:
        """Begin a section; its heading is written with its first line, so that none stands alone."""
        self._section = heading
        self._gap = ["", heading] if self.lines else [heading]

    def space(self) -> None:
        """Leave a line blank before the next, except below a heading."""
        self._gap = self._gap or [""]

    def write(self, text: str) -> int:
        """Add a line to the passage at hand and return its number."""
        lines = self.lines
        if self._gap:
            lines += self._gap
            self._gap = []
        lines.append(text)
        if not self._first:
            self._first = len(lines)
        return len(lines)

    def furniture(self, text: str) -> int:
        """Add a line that belongs to no passage unless one is at hand, and return its number."""
        first = self._first
        number = self.write(text)
        self._first = first
        return number

    def end(self, label: str | None) -> None:
        """End the passage at hand, if there is one."""
        if self._first:
            self.spans.append((self._section, (self._first, len(self.lines)), label))
            self._first = 0


class _Teller:
    """Says objects on a page, by the layout."""

    def __init__(self, page: _Page) -> None:
        self._page = page
        self._shared: Denominators = {}
        self._groups: Mapping[str, str] = {}

    def section(self, section: form.Section, node: Node) -> None:
        """Say one section; a line by itself is a passage."""
        self._page.section(section.heading)
        self._shared = denominators(node)
        self._groups = group_titles(objects(node, section.groups)) if section.groups else {}
        self._say(section.say, node, section.pointer, None, apart=True)

    def others(self, record: Node) -> None:
        """Say every leaf that was not said yet, labelled by its keys; the leaves of one object form a passage."""
        self._page.section(OTHER)
        parent = None
        for place, path, words in list(_unsaid(record, "", (), self._page.places)):
            if path[:-1] != parent:
                self._page.end(None)
                parent = path[:-1]
            self._text(_label(path), words, place, apart=False)
        self._page.end(None)

    def _say(self, entries: Iterable[form.Entry], node: Node, base: str, label: str | None, *, apart: bool) -> None:
        """Say the entries about the object at `base`, each apart or all in one passage, which `label` names."""
        keys = node.keys()
        for entry in entries:
            if keys.isdisjoint(entry.keys):
                continue
            if isinstance(entry, form.Line):
                self._line(entry, node, base, apart=apart)
            elif isinstance(entry, form.Row):
                self._row(entry, node, base)
            elif isinstance(entry, form.Each):
                self._each(entry, node, base, label)
            else:
                self._table(entry, node, base, label)
            if apart:
                self._page.end(None)

    def _each(self, each: form.Each, node: Node, base: str, label: str | None) -> None:
        items = objects(node, each.items)
        if items and not each.inline:
            self._page.end(label)
        for i, item in enumerate(items):
            if each.spaced:
                self._page.space()
            if each.groups:
                self._groups = group_titles(objects(item, each.groups))
            name = one_line(said(item.get(each.label)) or "") if each.label else label
            self._say(each.say, item, f"{base}{each.pointer}/{i}", name, apart=False)
            if not each.inline:
                self._page.end(name)

    def _table(self, table: form.Table, node: Node, base: str, label: str | None) -> None:
        self._page.end(label)
        for row in table_rows(node, self._shared, table.kind, self._groups):
            for line in row:
                number = self._page.write(one_line(line.text))
                for below in line.pointers:
                    self._page.places.setdefault(base + below, (number, number))
            self._page.end(label)

    def _line(self, line: form.Line, node: Node, base: str, *, apart: bool) -> None:
        slot = line.bare
        if slot:
            value = at(node.get(slot.key), slot.below) if slot.below else node.get(slot.key)
            if value is None:
                return
            if type(value) is str:
                if said(value):
                    words = slot.words.get(value, value) if slot.words else value
                    self._text(line.label, words, base + slot.pointer, apart=apart)
                return
        text, places = self._render(line, node, base)
        if places:
            self._place(places, self._page.write(line.label + text))

    def _row(self, row: form.Row, node: Node, base: str) -> None:
        text, places = self._render(row.head, node, base)
        text = row.head.label + text if text else row.head.label.removesuffix(": ")
        before_items = BEFORE_ITEMS if places else ": "
        items = []
        for i, item in enumerate(objects(node, row.items)):
            words, said_there = self._render(row.item, item, f"{base}{row.pointer}/{i}")
            if said_there:
                items.append(words)
                places += said_there
        if items:
            text = f"{text}{before_items}{BETWEEN.join(items)}" if text else BETWEEN.join(items)
        if row.tail:
            tail, said_there = self._render(row.tail, node, base)
            places += said_there
            text += f" [{tail}]" if tail else ""
        if places:
            self._place(places, self._page.write(text))

    def _text(self, label: str, value: str, place: str, *, apart: bool) -> None:
        """Say a text: on one line with its label, or below its label in the lines it has."""
        page = self._page
        lines = lines_of(value) if "\n" in value or "\r" in value else [value]
        if len(lines) == 1:
            number = page.write(label + lines[0])
            page.places[place] = (number, number)
            return
        if label:
            (page.furniture if apart else page.write)(label.rstrip())
        first = last = 0
        for line in lines:
            last = page.write(line) if line and not line.isspace() else page.furniture(line)
            first = first or last
            if apart:
                page.end(label.rstrip(": ") or None)
        page.places[place] = (first, last)
        if apart:
            page.space()

    def _render(self, line: form.Line, node: Node, base: str) -> tuple[str, list[str]]:
        """The words of a line without its label, and the pointers of what they say."""
        text = ""
        places: list[str] = []
        for phrase in line.phrases:
            for wording in phrase.wordings:
                if wording.key is None or wording.key in node:
                    slot = wording.plain
                    if slot is not None and type(words := node[slot.key]) is str:  # as most phrases are
                        if not words or words.isspace():
                            continue
                        places.append(base + slot.pointer)
                        words = wording.format % words
                    else:
                        words = self._words(wording, node, base, places)
                    if words is not None:
                        text = f"{text}{phrase.joint}{words}" if text else words
                        break
        return one_line(text), places

    def _words(self, wording: form.Wording, node: Node, base: str, places: list[str]) -> str | None:
        """The wording filled, the pointers of what fills it added to `places`; None when a slot has no value."""
        before = len(places)
        words: list[str] = []
        for key, below, here, enumerated, is_group in wording.slots:
            value = at(node.get(key), below) if below else node.get(key)
            names = self._groups if is_group else enumerated
            if type(value) is list:
                word = self._list(value, names, base + here, places, is_group=is_group)
            else:
                word = said(value)
                places.append(base + here)
                if names and word:
                    word = names.get(word, word)
            if word is None:
                del places[before:]
                return None
            words.append(word)
        return wording.format % tuple(words)

    def _list(
        self, values: list[Any], names: Mapping[str, str] | None, here: str, places: list[str], *, is_group: bool
    ) -> str | None:
        """The scalars of a list; None when it has none, or holds anything else."""
        if any(type(v) is dict or type(v) is list for v in values):
            return None
        words = []
        for i, value in enumerate(values):
            word = said(value)
            if word is not None:
                words.append(names.get(word, word) if names else word)
                places.append(f"{here}/{i}")
        return (BETWEEN_GROUPS if is_group else BETWEEN).join(words) or None

    def _place(self, places: list[str], number: int) -> None:
        self._page.places.update(dict.fromkeys(places, (number, number)))


def _unsaid(
    node: Any, base: str, path: tuple[str | int, ...], places: Mapping[str, LineRange]
) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """(pointer, path, words) of each leaf below `base` that has no place yet.

    The recursion is bounded by the depth that a record may have (json_records.MAX_DEPTH).
    """
    items: Iterable[tuple[Any, Any]] = node.items() if type(node) is dict else enumerate(node)
    for key, value in items:
        place = f"{base}/{key}" if type(key) is int or key.isidentifier() else base + pointer(key)
        if type(value) is dict or type(value) is list:
            yield from _unsaid(value, place, (*path, key), places)
        elif place not in places and (words := said(value)) is not None:
            yield place, (*path, key), words


def _label(path: tuple[str | int, ...]) -> str:
    """A label made of keys: ("a", "bcD", 0, "e") is "A, bc d 1, e: "."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            words.append(f"{words.pop() if words else ''} {step + 1}".strip())
        else:
            words.append(key_in_words(step))
    text = ", ".join(w for w in words if w)
    return f"{text[:1].upper()}{text[1:]}: "
