"""An extraction as rows of tidy tables. Which tables and columns there are is data: tables.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract import tables as flat
from extract.criteria.constraints import Bound, Constraint
from extract.extraction import Extraction

Type = Literal["text", "integer", "number", "flag"]
Cell = str | int | float | bool | None
Row = tuple[Cell, ...]
Study = Mapping[str, Any]
"""A study as it is written out: CT.gov v2 names."""

_JOINED = " | "


class Column(NamedTuple):
    """A column. `path` steps through an entry of the table's list in the study."""

    name: str
    type: Type
    about: str
    path: tuple[str, ...]


class Table(NamedTuple):
    """A table; every one begins with `record` and `document`."""

    name: str
    about: str
    items: tuple[str, ...]
    columns: tuple[Column, ...]


_KEY = (
    Column("record", "integer", "the study's line in studies.jsonl, from 1", ()),
    Column("document", "text", "the study's id: its registry number, or the file's name", ()),
)


@cache
def tables() -> tuple[Table, ...]:
    """The tables, in order, each with all of its columns."""
    data = tomllib.loads(files("extract.bulk").joinpath("tables.toml").read_text(encoding="utf-8"))
    return tuple(_table(t) for t in data["table"])


def _table(data: Mapping[str, Any]) -> Table:
    own = tuple(Column(c["name"], c["type"], c.get("about", ""), tuple(c.get("path", ()))) for c in data["column"])
    if not own:
        own = tuple(Column(name, flat.type_of(name), "", ()) for name in flat.header()[1:])
    return Table(data["name"], data["about"], tuple(data.get("items", ())), (*_KEY, *own))


def rows(record: int, extraction: Extraction, study: Study) -> Iterator[tuple[str, Row]]:
    """(table, row) of everything in an extraction, in the order of the tables.

    `study` is the extraction's, as it is written out.
    """
    key = (record, extraction.document.id)
    yield "studies", (record, *flat.row(extraction, study).values())
    for position, criterion in enumerate(extraction.criteria, start=1):
        said = (criterion.id, criterion.kind, criterion.text, *criterion.lines, criterion.parent, criterion.group)
        yield "criteria", (*key, position, *said, _joined(criterion.topics))
        for place, constraint in enumerate(criterion.constraints, start=1):
            yield "constraints", (*key, criterion.id, place, *_constraint(constraint))
    for table in tables():
        if table.items:
            for position, item in enumerate(_list(study, table.items), start=1):
                yield table.name, (*key, position, *(_cell(item, c) for c in table.columns[3:]))
    for pointer, proofs in extraction.evidence.items():
        for e in proofs:
            yield "evidence", (*key, pointer, *e.lines, e.quote, e.method, e.locator)
    for position, finding in enumerate(extraction.findings, start=1):
        lines = ", ".join(dict.fromkeys(_lines(*e.lines) for e in finding.evidence))
        yield "findings", (*key, position, finding.code, finding.severity, finding.message, lines)


def _constraint(c: Constraint) -> Row:
    return (
        *(c.kind, c.variable, c.label, *_bound(c.lower), *_bound(c.upper), _joined(c.values or ()), c.unit, c.ucum),
        *(c.relative_to, c.direction, c.anchor, c.sex, c.condition, c.conditional, c.negated, c.excepted),
        *(c.connective, c.quote, *c.chars),
    )


def _bound(bound: Bound | None) -> tuple[float | None, bool | None]:
    return (bound.value, bound.inclusive) if bound else (None, None)


def _joined(words: tuple[str, ...] | list[str]) -> str | None:
    return _JOINED.join(words) or None


def _lines(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _list(node: Any, path: tuple[str, ...]) -> list[Mapping[str, Any]]:
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node or []


def _cell(item: Any, column: Column) -> Cell:
    for step in column.path:
        if step == "[]":
            return _joined([str(v) for v in item or () if v is not None])
        item = item.get(step) if isinstance(item, dict) else None
    return float(item) if column.type == "number" and item is not None else item
