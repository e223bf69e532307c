"""A study as one row of a table. The columns are data: columns.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract.extraction import Extraction

Cell = str | int | bool | None
Type = Literal["text", "integer", "flag"]

_DOCUMENT = ("document", "path", "format", "sha256")
_COUNTS = ("inclusion_criteria", "exclusion_criteria", "findings")


class Column(NamedTuple):
    """A column over the study. `each` is where the cell is in every item of the list at `path`; None where that is the
    cell. `distinct` drops repeats from a list."""

    name: str
    path: tuple[str, ...]
    each: tuple[str, ...] | None
    distinct: bool
    type: Type


@cache
def columns() -> tuple[Column, ...]:
    """The columns that come from the study, in order."""
    table = tomllib.loads(files("extract").joinpath("columns.toml").read_text(encoding="utf-8"))
    return tuple(
        Column(c["name"], *path_of(c["path"]), c.get("distinct", False), c.get("type", "text")) for c in table["column"]
    )


def path_of(steps: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """A path as the tables write it: the keys to a value, or to a list and then on in every item of it ("[]")."""
    if "[]" not in steps:
        return tuple(steps), None
    here = steps.index("[]")
    return tuple(steps[:here]), tuple(steps[here + 1 :])


def header() -> list[str]:
    """Names of all columns of `row`, in order."""
    return [*_DOCUMENT, *(c.name for c in columns()), *_COUNTS]


def type_of(name: str) -> Type:
    """The type of the cells of a column of `row`."""
    if name in _COUNTS[:2]:
        return "integer"
    return next((c.type for c in columns() if c.name == name), "text")


def row(extraction: Extraction) -> dict[str, Cell]:
    """One study as a row; a cell that the record does not state is None."""
    document, study = extraction.document, extraction.study.root
    kinds = [c.kind for c in extraction.criteria]
    return {
        "document": document.id,
        "path": document.path,
        "format": document.format,
        "sha256": document.sha256,
        **{c.name: _cell(study, c) for c in columns()},
        "inclusion_criteria": kinds.count("inclusion"),
        "exclusion_criteria": kinds.count("exclusion"),
        "findings": " | ".join(f.code for f in extraction.findings) or None,
    }


def at(node: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path of keys below an object; None when nothing does."""
    for key in path:
        node = node.get(key) if node else None
    return node


def _cell(study: Mapping[str, Any], column: Column) -> Cell:
    value = at(study, column.path)
    if column.each is None:
        return int(value) if column.type == "integer" and value is not None else value
    texts = [str(v) for item in value or () if (v := at(item, column.each)) is not None]
    return " | ".join(dict.fromkeys(texts) if column.distinct else texts) or None
