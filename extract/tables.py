"""A study as one row of a table. The columns are data: columns.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract.extraction import Extraction

Cell = str | int | bool | None
Type = Literal["text", "integer", "flag"]

_DOCUMENT = ("document", "path", "format", "sha256")
_COUNTS = ("inclusion_criteria", "exclusion_criteria", "findings")


class Column(NamedTuple):
    """A column over the study. `distinct` drops repeats from a list."""

    name: str
    path: tuple[str, ...]
    distinct: bool = False
    type: Type = "text"


@cache
def columns() -> tuple[Column, ...]:
    """The columns that come from the study, in order."""
    table = tomllib.loads(files("extract").joinpath("columns.toml").read_text(encoding="utf-8"))
    return tuple(
        Column(c["name"], tuple(c["path"]), c.get("distinct", False), c.get("type", "text")) for c in table["column"]
    )


def header() -> list[str]:
    """Names of all columns of `row`, in order."""
    return [*_DOCUMENT, *(c.name for c in columns()), *_COUNTS]


def type_of(name: str) -> Type:
    """The type of the cells of a column of `row`."""
    if name in _COUNTS[:2]:
        return "integer"
    return next((c.type for c in columns() if c.name == name), "text")


def row(extraction: Extraction, study: Mapping[str, Any] | None = None) -> dict[str, Cell]:
    """One study as a row; a cell that the record does not state is None.

    `study` is the extraction's as it is written out, if that is at hand.
    """
    document = extraction.document
    study = extraction.study.model_dump(mode="json", by_alias=True, exclude_unset=True) if study is None else study
    kinds = [c.kind for c in extraction.criteria]
    cells: dict[str, Cell] = {
        "document": document.id,
        "path": document.path,
        "format": document.format,
        "sha256": document.sha256,
    }
    cells |= {c.name: _cell(study, c) for c in columns()}
    return cells | {
        "inclusion_criteria": kinds.count("inclusion"),
        "exclusion_criteria": kinds.count("exclusion"),
        "findings": " | ".join(f.code for f in extraction.findings) or None,
    }


def _cell(study: Mapping[str, Any], column: Column) -> Cell:
    values = [v for v in _values(study, column.path) if v is not None]
    if "[]" not in column.path:
        return (int(values[0]) if column.type == "integer" else values[0]) if values else None
    texts = [str(v) for v in values]
    return " | ".join(dict.fromkeys(texts) if column.distinct else texts) or None


def _values(node: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if not path:
        yield node
    elif path[0] == "[]":
        for item in node or ():
            yield from _values(item, path[1:])
    elif isinstance(node, dict) and path[0] in node:
        yield from _values(node[path[0]], path[1:])
