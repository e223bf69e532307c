"""Sections of a page that repeat one small record: interventions, sponsors, people, contacts, identifiers.

Every function takes a section's lines and returns its records, and the lines that belong to none: they are kept, never
glued to a neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, Text, block_text, value_text


class Record:
    """The parts of one record by name, and the lines they were taken from."""

    __slots__ = ("body", "parts")

    def __init__(self, parts: Mapping[str, Text], body: Sequence[Line]) -> None:
        self.parts = parts
        self.body = body


class Records(NamedTuple):
    """The records of a section in order, and its lines that belong to none."""

    records: tuple[Record, ...]
    rest: list[Line]


_PHONE = re.compile(r"(?=(?:[^\d\n]{0,3}\d){5})[+(\d][\d ().+/-]*(?:,? ?(?:ext\.?|x) ?\d+)?", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][A-Z_]+")
_TRIAL = re.compile(r"(NCT\d{8})(?: ([A-Z][A-Z_]+))?(?: ([A-Z0-9_/]+))?")


def interventions(body: Sequence[Line]) -> Records:
    """Name, description of any length, then the marked type."""
    groups, rest = _closed(body, "intervention_type")
    records = []
    for group in groups:
        *words, closing = group
        parts = marked(closing, "type")
        if words:
            parts["name"] = words[0]
        if len(words) > 1:
            parts["description"] = block_text(words[1:])
        records.append(Record(parts, group))
    return Records(tuple(records), rest)


def sponsors(body: Sequence[Line]) -> Records:
    """Name, class, then the marked role."""
    groups, rest = _closed(body, "sponsor_role")
    records = []
    for group in groups:
        *words, closing = group
        parts = marked(closing, "role")
        if len(words) > 1 and _CODE.fullmatch(words[-1].text):
            parts["class"] = words.pop()
        if words:
            parts["name"] = words.pop()
        rest += words
        records.append(Record(parts, group[len(words) :]))
    return Records(tuple(records), rest)


def responsible_party(body: Sequence[Line]) -> Records:
    """The investigator's name and title, either of which may be missing, then the marked responsibility."""
    groups, rest = _closed(body, "responsibility")
    records = []
    for group in groups:
        *words, closing = group
        parts = marked(closing, "type")
        if words:
            parts["name"] = words[0]
        if len(words) > 1:
            parts["title"] = block_text(words[1:])
        records.append(Record(parts, group))
    return Records(tuple(records), rest)


def identifiers(body: Sequence[Line]) -> Records:
    """The identifier, then its marked type and source."""
    marks = layout().markers
    groups, rest = _closed(body, "identifier_source")
    records = []
    for group in groups:
        words = [line for line in group if line.mark is None]
        parts = marked(group[-1], "source")
        for line in group:
            if line.mark == marks["identifier_type"]:
                parts |= marked(line, "type")
        if words:
            parts["id"] = words.pop()
        rest += words
        records.append(Record(parts, group[len(words) :]))
    return Records(tuple(records), rest)


def officials(body: Sequence[Line]) -> Records:
    """The line above the marked role is the name; the one below, unless it is the next name, the affiliation."""
    role = layout().markers["role"]
    at_roles = [at for at, line in enumerate(body) if line.mark == role]
    records, rest = [], list(body[: max(0, at_roles[0] - 1)] if at_roles else body)
    for at, following in zip(at_roles, [*at_roles, len(body) + 1][1:], strict=True):
        parts = marked(body[at], "role")
        first = at
        if at and body[at - 1].mark is None:
            first = at - 1
            parts["name"] = body[first]
        below = body[at + 1 : following - 1]
        if below:
            parts["affiliation"] = below[0]
            rest += below[1:]
        records.append(Record(parts, body[first : at + 1 + bool(below)]))
    return Records(tuple(records), rest)


def contacts(body: Sequence[Line]) -> Records:
    """Name, role, phone and e-mail, in this order, any of them missing; a phone number may stand without its label."""
    marks = layout().markers
    names = {marks["role"]: "role", marks["phone"]: "phone", marks["email"]: "email"}
    order = {"name": 0, "role": 1, "phone": 2, "email": 3}
    records: list[Record] = []
    rest: list[Line] = []
    group: list[Line] = []
    parts: dict[str, Text] = {}
    reached = -1
    for line in body:
        part = names.get(line.mark or "") or ("phone" if _PHONE.fullmatch(line.text) else "name")
        if order[part] <= reached:
            _take_contact(records, rest, parts, group)
            group, parts = [], {}
        reached = order[part]
        group.append(line)
        parts |= marked(line, part) if line.mark in names else {part: line}
    _take_contact(records, rest, parts, group)
    return Records(tuple(records), rest)


def _take_contact(records: list[Record], rest: list[Line], parts: Mapping[str, Text], group: Sequence[Line]) -> None:
    # Words with neither a role nor a way to reach anyone are no contact.
    if set(parts) <= {"name"} and not any(line.mark for line in group):
        rest += group
    else:
        records.append(Record(parts, group))


def related_trials(body: Sequence[Line]) -> Records:
    """A title, and below it one line with the trial's number, status and phases."""
    records: list[Record] = []
    rest: list[Line] = []
    title: Line | None = None
    for line in body:
        m = _TRIAL.fullmatch(line.text)
        if not m:
            rest += [title] if title else []
            title = line
            continue
        parts = {name: Text(line.lines, m[k]) for k, name in enumerate(("nctId", "status", "phases"), 1) if m[k]}
        if title:
            parts["title"] = title
        records.append(Record(parts, [title, line] if title else [line]))
        title = None
    return Records(tuple(records), rest + ([title] if title else []))


def _closed(body: Sequence[Line], marker: str) -> tuple[list[list[Line]], list[Line]]:
    """The lines cut below every line that the marker opens, and those below the last one."""
    mark = layout().markers[marker]
    groups: list[list[Line]] = []
    group: list[Line] = []
    for line in body:
        group.append(line)
        if line.mark == mark:
            groups.append(group)
            group = []
    return groups, group


def marked(line: Line, part: str) -> dict[str, Text]:
    """The value behind a marker as the part of a record. What the site says in place of a value is none."""
    return {part: value_text(line)} if line.value and line.value not in layout().placeholders else {}
