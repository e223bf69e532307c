"""The fields that extraction is scored on, and their values in a CT.gov v2 study."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from extract.evidence import pointer

Kind = Literal["code", "name", "enum", "date", "age", "number", "boolean", "text"]


class Field(BaseModel):
    """A row of fields.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    at: tuple[str, ...]
    kind: Kind
    unordered: bool = False

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return "[]" in self.at

    @cached_property
    def outcome(self) -> str:
        """The key of its outcome in an extraction: its pointer, with * for any item of a list."""
        return pointer("protocolSection", *("*" if step == "[]" else step for step in self.at))

    def value(self, study: Mapping[str, Any]) -> Any:
        """The field's value in a study; None where it is absent, for a list the items that are there."""
        found = _values(study.get("protocolSection"), self.at)
        if self.is_list:
            return found or None
        return found[0] if found else None


def _values(node: Any, at: tuple[str, ...]) -> list[Any]:
    if node is None or node == "":
        return []
    if not at:
        return [node]
    if at[0] == "[]":
        return [value for item in (node if isinstance(node, list) else []) for value in _values(item, at[1:])]
    return _values(node.get(at[0]), at[1:]) if isinstance(node, dict) else []


@cache
def fields() -> dict[str, Field]:
    """Every field by its name, in the order of the table."""
    table = tomllib.loads(files("evaluation").joinpath("fields.toml").read_text("utf-8"))
    return {name: Field(name=name, **row) for name, row in table.items()}
