"""The registry fields a question can ask for: the table of fields.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from qa.record import Record, Value


class Field(NamedTuple):
    """One row of fields.toml. `paths` are full JSON pointers."""

    id: str
    name: str
    form: str
    paths: tuple[str, ...]
    cues: tuple[str, ...]
    phrasings: tuple[str, ...]

    def values(self, record: Record) -> list[Value]:
        """Its values in a record, path by path."""
        return [value for path in self.paths for value in record.values(path)]


@cache
def fields() -> Mapping[str, Field]:
    """Every field by its id."""
    table = tomllib.loads(files("qa").joinpath("fields.toml").read_text(encoding="utf-8"))
    return {
        row["id"]: Field(
            row["id"],
            row["name"],
            row["form"],
            tuple(_full(path) for path in row["paths"]),
            tuple(row["cues"]),
            tuple(row["phrasings"]),
        )
        for row in table["field"]
    }


def _full(path: str) -> str:
    return path[1:] if path.startswith("//") else f"/protocolSection{path}"
