"""The reading text of a registry record: the record as a person would read it, one thought a line.

A JSON record has no lines that a person could be shown, so citations of it name lines of this text. It is a function
of the record alone. Its layout is data (reading_text.toml); what the layout does not mention is said all the same,
under "Other Fields", so that every leaf of a record stands somewhere. A leaf is a scalar that is neither null nor
blank text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from extract.evidence import pointer
from extract.readers import reading_text_layout as form
from extract.readers.json_records import extent
from extract.readers.reading_places import Leaves, Places, ReadingText
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
)
from extract.source import LineRange

OTHER = "Other Fields"


def reading_text(record: Node, scalars: int | None = None) -> ReadingText:
    """Say a record. Takes time and space linear in its size. `scalars` is how many it holds, if that is known."""
    page = _Page()
    teller = _Teller(page)
    for section in form.layout():
        node = at(record, section.at)
        if type(node) is dict:
            teller.section(section, node)
    held = extent(record)[0] if scalars is None else scalars
    # No two entries say the same leaf: if as many were said as there are, none is left.
    if sum([len(pointers) for _, pointers, _ in page.leaves]) < held:
        teller.others(record)
    return ReadingText(page.lines, page.spans, page.places())


class _Page:
    """Lines as they are written, the passages they form, and the leaves they say."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spans: list[tuple[str, LineRange, str | None]] = []
        self.leaves: list[Leaves] = []
        self.texts: dict[str, LineRange] = {}
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

    def say(self, text: str, base: str, pointers: Sequence[str]) -> None:
        """Add a line that says the leaves at these pointers below `base`."""
        number = self.write(text)
        self.leaves.append((base, pointers, (number, number)))

    def place_text(self, base: str, pointer: str, lines: LineRange) -> None:
        """Note which lines say a text that stands by itself."""
        self.leaves.append((base, (pointer,), lines))
        self.texts[base + pointer] = lines

    def furniture(self, text: str) -> int:
        """Add a line that belongs to no passage unless one is at hand, and return its number."""
        first = self._first
        number = self.write(text)
        self._first = first
        return number

    def paragraphs(self, texts: list[str], label: str | None) -> LineRange:
        """Add lines, each a passage by itself unless it is blank, and return the first and the last number."""
        first = self.furniture(texts[0])
        self.lines += texts[1:]
        self.spans += [
            (self._section, (n, n), label) for n, text in enumerate(texts, first) if text and not text.isspace()
        ]
        return first, len(self.lines)

    def end(self, label: str | None) -> None:
        """End the passage at hand, if there is one."""
        if self._first:
            self.spans.append((self._section, (self._first, len(self.lines)), label))
            self._first = 0

    def places(self) -> Places:
        """Where the leaves were said."""
        return Places(self.texts, self.leaves)


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
        for place, path, words in list(_unsaid(record, "", (), self._page.places())):
            if path[:-1] != parent:
                self._page.end(None)
                parent = path[:-1]
            self._text(_label(path), words, "", place, apart=False)
        self._page.end(None)

    def _say(self, entries: Iterable[form.Entry], node: Node, base: str, label: str | None, *, apart: bool) -> None:
        """Say the entries about the object at `base`, each apart or all in one passage, which `label` names."""
        for entry in entries:
            if entry.key is not None and entry.key not in node:
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
        told: set[str] = set()
        for row in table_rows(node, self._shared, table.kind, self._groups):
            for line in row:
                self._page.say(one_line(line.text), base, [p for p in line.pointers if p not in told])
                told.update(line.pointers)
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
                    self._text(line.label, words, base, slot.pointer, apart=apart)
                return
        text, pointers = self._words(line, node)
        if pointers:
            self._page.say(line.label + text, base, pointers)

    def _row(self, row: form.Row, node: Node, base: str) -> None:
        text, pointers = self._words(row.head, node)
        text = row.head.label + text if text else row.head.label.removesuffix(": ")
        before_items = BEFORE_ITEMS if pointers else ": "
        told = [(base, pointers)] if pointers else []
        items = []
        for i, item in enumerate(objects(node, row.items)):
            words, pointers = self._words(row.item, item)
            if pointers:
                items.append(words)
                told.append((f"{base}{row.pointer}/{i}", pointers))
        if items:
            text = f"{text}{before_items}{BETWEEN.join(items)}" if text else BETWEEN.join(items)
        if row.tail:
            tail, pointers = self._words(row.tail, node)
            if pointers:
                told.append((base, pointers))
            text += f" [{tail}]" if tail else ""
        if told:
            number = self._page.write(text)
            self._page.leaves += [(below, pointers, (number, number)) for below, pointers in told]

    def _text(self, label: str, value: str, base: str, pointer: str, *, apart: bool) -> None:
        """Say a text: on one line with its label, or below its label in the lines it has."""
        page = self._page
        lines = lines_of(value) if "\n" in value or "\r" in value else [value]
        if len(lines) == 1:
            number = page.write(label + lines[0])
            place = number, number
        elif apart:
            if label:
                page.furniture(label.rstrip())
            place = page.paragraphs(lines, label.rstrip(": ") or None)
            page.space()
        else:
            if label:
                page.write(label.rstrip())
            numbers = [page.write(line) if line and not line.isspace() else page.furniture(line) for line in lines]
            place = numbers[0], numbers[-1]
        page.place_text(base, pointer, place)

    def _words(self, line: form.Line, node: Node) -> tuple[str, Sequence[str]]:
        """The words of a line without its label, and the pointers of what they say."""
        stated = 0
        words: list[str] = []
        lists: dict[int, list[str]] = {}
        for bit, key, below, here, enumerated, is_group in line.slots:
            value = node.get(key)
            if below:
                value = at(value, below)
            if value is None:
                continue
            names = self._groups if is_group else enumerated
            if type(value) is str and value and not value.isspace():  # as most are
                word: str | None = value
            elif type(value) is list:
                word, lists[bit] = _list(value, names, here, BETWEEN_GROUPS if is_group else BETWEEN)
                names = None
            else:
                word = said(value)
            if word is not None:
                stated += bit
                words.append(names.get(word, word) if names else word)
        template = line.templates[stated]
        if template.order is not None:
            words = [words[k] for k in template.order]
        pointers: Sequence[str] = template.pointers
        if lists:
            pointers = [p for slot in template.slots for p in lists.get(slot.bit, (slot.pointer,))]
        text = template.format % tuple(words)
        return one_line(text) if "\n" in text or "\r" in text else text, pointers


def _list(values: list[Any], names: Mapping[str, str] | None, here: str, between: str) -> tuple[str | None, list[str]]:
    """The scalars of a list and their pointers; None when it has none, or holds anything else."""
    if any(type(v) is dict or type(v) is list for v in values):
        return None, []
    words = []
    pointers = []
    for i, value in enumerate(values):
        word = said(value)
        if word is not None:
            words.append(names.get(word, word) if names else word)
            pointers.append(f"{here}/{i}")
    return between.join(words) or None, pointers


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
