"""Values of a record in words, and where they are: the small change of the reading text."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

Node = dict[str, Any]
"""A JSON object."""

BETWEEN = "; "
BETWEEN_GROUPS = " versus "
BEFORE_ITEMS = " – "

_LINE_END = re.compile(r"\r\n|\r|\n")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def at(node: object, path: tuple[str, ...]) -> Any:
    """What stands at a path below an object; None when nothing does."""
    for key in path:
        if type(node) is not dict:
            return None
        node = node.get(key)
    return node


def objects(node: object, path: tuple[str, ...]) -> list[Node]:
    """The list of objects at a path. Empty when there is none, or when it holds anything but objects."""
    items = at(node, path)
    if type(items) is list and not [i for i in items if type(i) is not dict]:
        return items
    return []


def said(value: object) -> str | None:
    """A scalar in words; None for null, for blank text, and for what is no scalar."""
    if type(value) is str:
        return value if value and not value.isspace() else None
    if value is True or value is False:
        return "Yes" if value else "No"
    return str(value) if type(value) is int or type(value) is float else None


def one_line(text: str) -> str:
    """The text without line ends: each is a space."""
    return _LINE_END.sub(" ", text) if "\n" in text or "\r" in text else text


def lines_of(text: str) -> list[str]:
    """The text's own lines, without blank lines around them; they end where a source's lines end."""
    own = text.strip("\r\n")
    return _LINE_END.split(own) if "\r" in own else own.split("\n")


@lru_cache(maxsize=1024)
def key_in_words(key: str) -> str:
    """A key that no label is known for: "patientRegistry" is "patient registry"."""
    return one_line(_HUMP.sub(" ", key).replace("_", " ").strip().lower())


def group_titles(groups: list[Node]) -> dict[str, str]:
    """The name of each group by its id. Groups of one title are told apart by their ids."""
    titles = {g["id"]: said(g.get("title")) or g["id"] for g in groups if type(g.get("id")) is str}
    uses = Counter(titles.values())
    return {i: one_line(t if uses[t] == 1 else f"{t} [{i}]") for i, t in titles.items()}
