"""Where in a trial record a chunk stands: the registry's fields and sections, whatever a layout calls them.

The table is `places.toml`. A place belongs to a group of places that questions do not tell apart ("dose" is found with
the arms as well as with the interventions).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_NOT_LETTERS = re.compile(r"[\d:*#.\s]+")
_LONGEST_NAME = 60


class Place(NamedTuple):
    """One row of the table."""

    id: str
    group: str
    names: tuple[str, ...]


@cache
def places() -> tuple[Place, ...]:
    """All places, in the order of the table."""
    table = tomllib.loads(files("index").joinpath("places.toml").read_text(encoding="utf-8"))
    return tuple(Place(row["id"], row.get("group", row["id"]), tuple(row["names"])) for row in table["place"])


def place_of(section: str, label: str | None, text: str) -> str | None:
    """The id of the place of a text: by its label, else by the field name it opens with, else by its section."""
    names = _by_name()
    opening, colon, _ = text[:_LONGEST_NAME].partition(":")
    candidates = ((label or "").partition(",")[0], opening if colon else "", section)
    return next((names[key] for name in candidates if (key := _key(name)) in names), None)


@cache
def _by_name() -> dict[str, str]:
    return {_key(name): place.id for place in places() for name in place.names}


def _key(name: str) -> str:
    return _NOT_LETTERS.sub(" ", name.lower()).strip().removesuffix("s")
