"""Eligibility text into criteria: one for each item of its lists and each paragraph outside of a list.

    split(source, (145, 177)) -> [Criterion("inclusion-1", …), …]

How lines become criteria:

| in the text                                        | becomes                                                     |
|----------------------------------------------------|-------------------------------------------------------------|
| "Inclusion Criteria:", "Patients are excluded if:" | the kind of what follows; "for cohort B" its `group`        |
| "For caregivers:", "COHORT 2"                      | the `group` of what follows                                 |
| an item with a marker                              | a criterion; in a list within the list, with a `parent`     |
| a line below an item, or an indented note          | more of that item                                           |
| an indented paragraph below an item ending in ":"  | a sub-item                                                  |
| a paragraph, or a line of an unmarked list         | a criterion                                                 |

Before any heading the kind is inclusion, unless the words themselves exclude ("… are not eligible"). Every word of the
text is in a heading, in a marker or in one criterion; a criterion's lines are those its own words stand on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from extract.criteria.headings import Kind, group, is_connective, lead
from extract.criteria.layout import Piece, pieces
from extract.criteria.parser import parse
from extract.criteria.topics import topics
from extract.evidence import fold
from extract.extraction import Criterion
from extract.source import LineRange, Source

_NOTE = re.compile(r"\W*(?:notes?|n\.?b\.?|exceptions?|remarks?|example|e\.g\.|i\.e\.)\b", re.IGNORECASE)
_EXCLUDES = re.compile(r"\b(?:excluded|ineligible|not (?:be )?eligible)\b", re.IGNORECASE)
_LOOKAHEAD = 60
_DEEPEST = 6
"""Levels of lists within lists; what is deeper in the text joins the deepest."""

_WRAP_WIDTH = 60


def split(source: Source, lines: LineRange) -> list[Criterion]:
    """The criteria of the eligibility text at `lines`, in its order, each with the lines its words stand on.

    What a criterion says (`parse`) and is about (`topics`) is read from its own words.
    """
    first, last = lines
    return [i.criterion() for i in _Splitter(pieces(source.lines[first - 1 : last], first)).items()]


class _Item:
    """A criterion in the making. `reading` is how its marker was understood: (style, ordinal)."""

    __slots__ = ("children", "group", "id", "indent", "kind", "parent", "parts", "reading")

    def __init__(
        self,
        name: str,
        kind: Kind,
        group: str | None,
        reading: tuple[str, int | None] | None,
        parent: _Item | None,
        piece: Piece,
    ) -> None:
        self.id = name
        self.kind = kind
        self.group = group
        self.indent = piece.indent
        self.reading = reading
        self.parent = parent
        self.parts = [piece]
        self.children = 0

    def opens_list(self) -> bool:
        return self.parts[-1].text.endswith((":", "："))

    def criterion(self) -> Criterion:
        text = fold(" ".join([p.text for p in self.parts]))
        return Criterion(
            id=self.id,
            kind=self.kind,
            text=text,
            lines=(self.parts[0].line, self.parts[-1].line),
            parent=self.parent.id if self.parent else None,
            group=self.group,
            constraints=parse(text),
            topics=topics(text),
        )


@dataclass
class _Splitter:
    """Walks over the pieces with a stack of open items, outermost first."""

    all: Sequence[Piece]
    kind: Kind = "inclusion"
    said: bool = False
    outer_group: str | None = None
    group: str | None = None
    group_indent: int = 0
    stack: list[_Item] = field(default_factory=list)
    shelved: list[_Item] = field(default_factory=list)
    done: list[_Item] = field(default_factory=list)
    counts: dict[Kind, int] = field(default_factory=lambda: {"inclusion": 0, "exclusion": 0})

    def items(self) -> list[_Item]:
        for k, piece in enumerate(self.all):
            if piece.role == "heading":
                self._open(piece)
            elif piece.role == "item":
                self._item(k, piece)
            elif piece.role == "text":
                self._text(k, piece)
        return self.done

    def _open(self, piece: Piece) -> None:
        assert piece.heading
        self.kind, self.said = piece.heading.kind or self.kind, True
        self.group, self.group_indent = piece.heading.group, 0
        self._leave_lists()

    def _item(self, k: int, piece: Piece) -> None:
        assert piece.marker
        if piece.indent < self.group_indent:
            self.group, self.group_indent = None, 0
        sibling, reading = self._sibling(piece)
        if sibling is None and reading[1] != 1 and self.shelved:
            # "3." after a paragraph that interrupted "1.", "2."
            inner, self.stack = self.stack, self.shelved
            sibling, reading = self._sibling(piece)
            self.stack = self.stack if sibling is not None and reading[1] is not None else inner
            sibling = sibling if self.stack is self.shelved else None
        if sibling is not None:
            self._close(sibling)
            self._add(piece, reading)
            return
        while self.stack and piece.indent < self.stack[-1].indent:
            self.stack.pop()
        if self.stack and piece.indent == self.stack[-1].indent and not self._nested(k, self.stack[-1], piece):
            self.stack.pop()
        self._add(piece, reading)

    def _sibling(self, piece: Piece) -> tuple[_Item | None, tuple[str, int | None]]:
        """The open item that this one stands beside, and the reading of its marker that says so."""
        assert piece.marker
        for same_indent in (True, False):
            for item in reversed(self.stack):
                if item.reading is None or same_indent != (item.indent == piece.indent):
                    continue
                for style, n in piece.marker.readings:
                    counts_on = n is not None and item.reading[1] is not None and n == item.reading[1] + 1
                    bullet = n is None and same_indent
                    if style == item.reading[0] and (counts_on or bullet):
                        return item, (style, n)
        return None, piece.marker.readings[0]

    def _nested(self, k: int, above: _Item, piece: Piece) -> bool:
        """Whether an item of another style at the same depth begins a list within the list."""
        if above.reading is None:
            return above.opens_list()
        assert piece.marker
        style, n = above.reading
        if style == piece.marker.readings[0][0]:
            return False
        if above.opens_list() or (piece.marker.prefix is not None and piece.marker.prefix == n):
            return True
        wanted = (style, None if n is None else n + 1)
        for later in self.all[k + 1 : k + _LOOKAHEAD]:
            if later.role == "heading":
                return False
            if later.marker and later.indent <= piece.indent and wanted in later.marker.readings:
                return True
        return False

    def _text(self, k: int, piece: Piece) -> None:
        if is_connective(piece.text) and self.done and self.done[-1].kind == self.kind:
            self.done[-1].parts.append(piece)
        elif (name := group(piece.text)) and piece.fresh and self._heads(k) and not piece.text.endswith(":"):
            self._group(k, name)
        elif self._continues(piece):
            self._continue(piece)
        elif piece.indent == 0 and (kind := lead(piece.text)) and self._heads(k):
            self.kind, self.said, self.group, self.group_indent = kind, True, None, 0
            self._leave_lists()
        elif (name := group(piece.text)) and self._heads(k):
            self._group(k, name)
        else:
            self._paragraph(piece)

    def _heads(self, k: int) -> bool:
        """Whether what follows can stand under a heading: there is something, and it is no sub-item of this line."""
        following = next((p for p in self.all[k + 1 :] if p.role != "furniture"), None)
        return following is not None and following.indent <= self.all[k].indent + 4

    def _group(self, k: int, name: str) -> None:
        following = next(p for p in self.all[k + 1 :] if p.role != "furniture")
        self._shelve()
        if following.role == "heading":
            self.outer_group = name
        else:
            self.group, self.group_indent = name, min(following.indent, self.all[k].indent)

    def _continues(self, piece: Piece) -> bool:
        """Whether unmarked words go on with what stands above them."""
        if not self.stack:
            return False
        above = self.stack[-1]
        if above.reading is None and above.indent >= piece.indent:
            return not piece.fresh and _wrapped(above.parts[-1], piece)
        if not piece.fresh:
            return above.reading is not None and not (
                group(piece.text) and piece.text.endswith(":") and piece.indent == 0
            )
        return piece.indent > self.stack[0].indent or bool(_NOTE.match(piece.text))

    def _continue(self, piece: Piece) -> None:
        if piece.fresh:
            while len(self.stack) > 1 and piece.indent <= self.stack[-1].indent and not _NOTE.match(piece.text):
                self.stack.pop()
        above = self.stack[-1]
        listed = piece.fresh and above.opens_list() and not _NOTE.match(piece.text)
        if above is self.done[-1] and not listed:
            above.parts.append(piece)
            return
        if above.children and not listed and piece.fresh is False:
            self.done[-1].parts.append(piece)
            return
        self._add(piece, None)

    def _paragraph(self, piece: Piece) -> None:
        self._shelve()
        self._add(piece, None)

    def _shelve(self) -> None:
        """Leaves the open lists, but remembers them: their numbers may go on below."""
        if self.stack and self.stack[0].reading:
            self.shelved = self.stack
        self.stack = []

    def _leave_lists(self) -> None:
        self.stack, self.shelved = [], []

    def _close(self, sibling: _Item) -> None:
        while self.stack[-1] is not sibling:
            self.stack.pop()
        self.stack.pop()

    def _add(self, piece: Piece, reading: tuple[str, int | None] | None) -> None:
        del self.stack[_DEEPEST:]
        parent = self.stack[-1] if self.stack else None
        if parent:
            kind = parent.kind
            parent.children += 1
            name = f"{parent.id}.{parent.children}"
        else:
            kind = self.kind if self.said or not _EXCLUDES.search(piece.text) else "exclusion"
            self.counts[kind] += 1
            name = f"{kind}-{self.counts[kind]}"
        named = " / ".join(g for g in (self.outer_group, self.group) if g) or None
        item = _Item(name, kind, named, reading, parent, piece)
        self.done.append(item)
        self.stack.append(item)


def _wrapped(above: Piece, piece: Piece) -> bool:
    """Whether a line is the rest of the sentence above it: that one is unfinished and this one goes on."""
    if above.text.endswith((".", ";", ":", "。", "；")):
        return False
    goes_on = piece.text[:1].islower() or piece.text[:1] in "(,/≥≤<>"
    return goes_on and (
        len(above.text) >= _WRAP_WIDTH or above.text.endswith(",") or bool(_OPEN_END.search(above.text))
    )


_OPEN_END = re.compile(r"\b(?:and|or|of|the|a|an|with|in|to|for|by|than|at|on|from|as)$", re.IGNORECASE)
