"""The fields that rules look for, as data: `fields.toml`, read once and typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from extract.vocabulary import vocabulary_of

Kind = Literal["text", "code", "count", "date", "age", "flag", "nct"]


@dataclass(frozen=True, slots=True)
class Field:
    """A place in the study and what kind of value stands there. In `pointer`, "*" is every item of a list."""

    pointer: str
    kind: Kind


@cache
def fields() -> Mapping[str, Field]:
    """Every field with an outcome, by its name."""
    rows = tomllib.loads(Path(__file__).with_name("fields.toml").read_text(encoding="utf-8"))
    return {name: _field(row["pointer"], row.get("kind")) for name, row in rows.items()}


@cache
def field_at(pointer: str) -> Field:
    """The field at a pointer with "*" for list items; one without an outcome is a code or text."""
    known = {field.pointer: field for field in fields().values()}
    return known.get(pointer) or _field(pointer, None)


def _field(pointer: str, kind: Kind | None) -> Field:
    return Field(pointer, kind or ("code" if vocabulary_of(pointer) else "text"))
