"""An extraction as rows of tidy tables. Which tables and columns there are is data: tables.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import count, repeat
from typing import Any, Literal, NamedTuple

from extract import tables as flat
from extract.criteria.constraints import Bound, Constraint
from extract.extraction import Criterion, Extraction, Finding

Type = Literal["text", "integer", "number", "flag"]
Cell = str | int | float | bool | None
Row = tuple[Cell, ...]

_JOINED = " | "


class Column(NamedTuple):
    """A column. `path` steps through an entry of the table's list in the study, to a list of texts if `is_list`."""

    name: str
    type: Type
    about: str
    path: tuple[str, ...] = ()
    is_list: bool = False


class Table(NamedTuple):
    """A table; every one begins with `record` and `document`."""

    name: str
    about: str
    items: tuple[str, ...]
    columns: tuple[Column, ...]


_KEY = (
    Column("record", "integer", "the study's line in studies.jsonl, from 1"),
    Column("document", "text", "the study's id: its registry number, or the file's name"),
)


@cache
def tables() -> tuple[Table, ...]:
    """The tables, in order, each with all of its columns."""
    data = tomllib.loads(files("extract.bulk").joinpath("tables.toml").read_text(encoding="utf-8"))
    return tuple(_table(t) for t in data["table"])


def _table(data: Mapping[str, Any]) -> Table:
    own = tuple(_column(c) for c in data["column"])
    if not own:
        own = tuple(Column(name, flat.type_of(name), "") for name in flat.header()[1:])
    return Table(data["name"], data["about"], tuple(data.get("items", ())), (*_KEY, *own))


def _column(data: Mapping[str, Any]) -> Column:
    path, each = flat.path_of(data.get("path", ()))
    return Column(data["name"], data["type"], data.get("about", ""), path, each is not None)


def rows(record: int, extraction: Extraction) -> Iterator[tuple[str, Iterable[Row]]]:
    """(table, rows) of everything in an extraction, in the order of the tables."""
    key = (record, extraction.document.id)
    yield "studies", [(record, *flat.row(extraction).values())]
    yield "criteria", [(*key, *_criterion(n, c)) for n, c in enumerate(extraction.criteria, start=1)]
    yield (
        "constraints",
        [
            (*key, criterion.id, *_constraint(n, c))
            for criterion in extraction.criteria
            for n, c in enumerate(criterion.constraints, start=1)
        ],
    )
    for table in tables():
        if items := flat.at(extraction.study.root, table.items) if table.items else None:
            cells = (_cells(items, column) for column in table.columns[len(_KEY) + 1 :])
            yield table.name, zip(*map(repeat, key), count(1), *cells, strict=False)
    yield (
        "evidence",
        [
            (*key, pointer, *e.lines, e.quote, e.method, e.locator)
            for pointer, proofs in extraction.evidence.items()
            for e in proofs
        ],
    )
    yield "findings", [(*key, *_finding(n, f)) for n, f in enumerate(extraction.findings, start=1)]


def _criterion(position: int, c: Criterion) -> Row:
    return (position, c.id, c.kind, c.text, *c.lines, c.parent, c.group, _joined(c.topics))


def _constraint(position: int, c: Constraint) -> Row:
    return (
        *(position, c.kind, c.variable, c.label, *_bound(c.lower), *_bound(c.upper), _joined(c.values or ())),
        *(c.unit, c.ucum, c.relative_to, c.direction, c.anchor, c.sex, c.condition),
        *(c.conditional, c.negated, c.excepted, c.connective, c.quote, *c.chars),
    )


def _bound(bound: Bound | None) -> tuple[float | None, bool | None]:
    return (bound.value, bound.inclusive) if bound else (None, None)


def _finding(position: int, f: Finding) -> Row:
    lines = ", ".join(dict.fromkeys(_lines(*e.lines) for e in f.evidence))
    return (position, f.code, f.severity, f.message, lines)


def _joined(words: tuple[str, ...] | list[str]) -> str | None:
    return _JOINED.join(words) or None


def _lines(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _cells(items: list[Any], column: Column) -> list[Cell]:
    """The cells of a column, one for each item."""
    values = items
    for key in column.path:
        values = [node.get(key) if node else None for node in values]
    if column.is_list:
        return [_joined([str(v) for v in value or () if v is not None]) for value in values]
    if column.type == "number":
        return [None if value is None else float(value) for value in values]
    return values
