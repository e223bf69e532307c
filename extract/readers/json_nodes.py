"""A JSON value as a tree: an object's keys are its children, a list is children of one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from extract.evidence import pointer
from extract.readers.nodes import MAX_NODES, Node
from extract.readers.reading_text_values import key_in_words, said
from trialcite.errors import MalformedRecord

Rename = Callable[[str], str]


def node_of(value: Any, *, short_name: Rename | None = None) -> Node:
    """The tree of a JSON value. Its depth is that of the value, which the reader of JSON bounds.

    `short_name` gives the names of nodes for keys that are longer than they need be. Raises MalformedRecord for a value
    of more places than a record has.
    """
    if _count(value) > MAX_NODES:
        raise MalformedRecord(f"a record of more than {MAX_NODES:,} values")
    return _node("record", value, "", short_name)


def _count(value: Any) -> int:
    count, pending = 0, [value]
    while pending and count <= MAX_NODES:
        inner = pending.pop()
        count += 1
        if isinstance(inner, dict | list):
            pending += inner.values() if isinstance(inner, dict) else inner
    return count


def _node(key: str, value: Any, place: str, short_name: Rename | None) -> Node:
    name = short_name(key) if short_name else key
    node = Node(name, place or "/", label=None if name == key else key_in_words(key))
    if isinstance(value, dict):
        for below, inner in value.items():
            node.children += _children(str(below), inner, place + pointer(str(below)), short_name)
    else:
        node.text = said(value) or ""
    return node


def _children(key: str, value: Any, place: str, short_name: Rename | None) -> list[Node]:
    if not isinstance(value, list):
        return [_node(key, value, place, short_name)]
    return [child for i, item in enumerate(value) for child in _children(key, item, f"{place}/{i}", short_name)]
