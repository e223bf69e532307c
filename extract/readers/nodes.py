"""A structured record of any container as one tree: XML elements, JSON objects and the cells of a CSV row alike.

A list of JSON is repeated children of one name, an XML attribute a child named "@type". So one mapping engine reads
them all, and every node still knows its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 64
"""Elements or objects inside each other. The deepest known record (CTIS) is at 14."""


@dataclass(slots=True, eq=False)
class Node:
    """A named place of a record: its own words as they stand, and what is below it.

    `locator` is its place in the file: an XPath, a JSON pointer, a row and a column.
    """

    name: str
    locator: str
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def find(self, path: str) -> Iterator[Node]:
        """Every node at a path of names ("arm_group/description"); "." is the node itself."""
        found = [self]
        for step in path.split("/") if path != "." else ():
            found = [child for node in found for child in node.children if child.name == step]
        yield from found

    def first(self, path: str) -> Node | None:
        """The first node at the path that has words."""
        return next((node for node in self.find(path) if node.has_words), None)

    @property
    def has_words(self) -> bool:
        """Whether it says anything itself."""
        return bool(self.text) and not self.text.isspace()


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node below that has words, in the record's order, each with the names on the way to it."""
    for child in node.children:
        here = (*path, child.name)
        if child.has_words:
            yield here, child
        yield from leaves(child, here)
