"""A JSON value as a tree: an object's keys are its children, a list is children of one name."""

from __future__ import annotations

from typing import Any

from extract.evidence import pointer
from extract.readers.nodes import Node
from extract.readers.reading_text_values import said


def node_of(value: Any, *, name: str = "record", place: str = "") -> Node:
    """The tree of a JSON value. Its depth is that of the value, which the reader of JSON bounds."""
    node = Node(name, place or "/")
    if isinstance(value, dict):
        for key, below in value.items():
            node.children += _children(str(key), below, place + pointer(str(key)))
    else:
        node.text = said(value) or ""
    return node


def _children(key: str, value: Any, place: str) -> list[Node]:
    if not isinstance(value, list):
        return [node_of(value, name=key, place=place)]
    return [child for i, item in enumerate(value) for child in _children(key, item, f"{place}/{i}")]
