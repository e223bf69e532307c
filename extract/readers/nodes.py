"""A structured record of any container as one tree: XML elements, JSON objects and the cells of a CSV row alike.

A list of JSON is repeated children of one name, an XML attribute a child named "@type". So one mapping engine reads
them all, and every node still knows its place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

_STEP = re.compile(r"([^/\[\]]+)(?:\[([^=\]]+)=([^\]]*)\])?")

MAX_DEPTH = 64
"""Elements or objects inside each other. The deepest known record (CTIS) is at 14."""

MAX_NODES = 500_000
"""Places in one record: the largest records, with all their results, have some ten thousands."""


@dataclass(slots=True, eq=False)
class Node:
    """A named place of a record: its own words as they stand, and what is below it.

    `locator` is its place in the file: an XPath, a JSON pointer, a row and a column, a line. `label` is its name as the
    source writes it, where `name` is a shorter one.
    """

    name: str
    locator: str
    text: str = ""
    children: list[Node] = field(default_factory=list)
    label: str | None = None
    parent: Node | None = field(default=None, repr=False)

    def find(self, path: str) -> Iterator[Node]:
        """Every node at a path of names ("arm_group/description"); "." is the node itself, ".." the one it is in.

        A step may hold a condition, as in XPath: "resource[resourceType=Group]" are those that say so.
        """
        found = [self]
        for name, where, words in _steps(path):
            if name == "..":
                found = [node.parent for node in found if node.parent]
                continue
            found = [
                child
                for node in found
                for child in node.children
                if child.name == name and (not where or any(n.text == words for n in child.find(where)))
            ]
        yield from found

    def first(self, path: str) -> Node | None:
        """The first node at the path that has words."""
        return next((node for node in self.find(path) if node.has_words), None)

    @property
    def has_words(self) -> bool:
        """Whether it says anything itself."""
        return bool(self.text) and not self.text.isspace()


@cache
def _steps(path: str) -> tuple[tuple[str, str, str], ...]:
    """Each step's name, and the path and words of its condition, which are empty when there is none."""
    return tuple((m[1], m[2] or "", m[3] or "") for m in _STEP.finditer(path)) if path != "." else ()


def leaves(node: Node, path: tuple[Node, ...] = ()) -> Iterator[tuple[Node, ...]]:
    """Every node below that has words, in the record's order, each behind those on the way to it."""
    for child in node.children:
        here = (*path, child)
        if child.has_words:
            yield here
        yield from leaves(child, here)
