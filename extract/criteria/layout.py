"""The lines of an eligibility text as pieces: headings, marked items, plain paragraphs, furniture.

The pieces of a line tile it: every character belongs to one of them, so that nothing is lost and nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from extract.criteria.headings import Heading, headings
from extract.criteria.markers import Marker, inline, marker

_TAB = 4
_FURNITURE = ("<!-- -->", "<!---->", "&nbsp;")

Role = Literal["heading", "item", "text", "furniture"]


class Piece(NamedTuple):
    """A run of one line.

    line, start, end: where it stands; the words begin at `words` (after the marker). indent: in columns.
    fresh: a blank line, a heading or the beginning stands before it.
    """

    role: Role
    line: int
    start: int
    words: int
    end: int
    text: str
    indent: int = 0
    fresh: bool = False
    marker: Marker | None = None
    heading: Heading | None = None


def pieces(lines: Sequence[str], first: int) -> list[Piece]:
    """All pieces of `lines`, whose first is numbered `first`. Blank lines give none."""
    starts = [len(line) - len(line.lstrip()) for line in lines]
    marks = _settled([marker(*at) if at[1] < len(at[0]) else None for at in zip(lines, starts, strict=True)])
    found: list[Piece] = []
    fresh = True
    for k, line in enumerate(lines):
        if starts[k] == len(line):
            fresh = True
            continue
        mark = marks[k]
        following = next((m for m in marks[k + 1 : k + 4] if m), None) if mark else None
        found += _line(line, first + k, starts[k], mark, following, fresh)
        fresh = found[-1].role == "heading"
    return found


def _settled(marks: Sequence[Marker | None]) -> list[Marker | None]:
    """Weak markers stay where their neighbour in the count is near them in the list, and are dropped elsewhere."""
    settled = list(marks)
    marked = [(k, m) for k, m in enumerate(marks) if m]
    for at, (k, m) in enumerate(marked):
        if m.weak and not any(_next_to(m, other) for _, other in marked[max(0, at - 12) : at + 13]):
            settled[k] = None
    return settled


def _next_to(a: Marker, b: Marker) -> bool:
    for style, n in a.readings:
        for other, k in b.readings:
            if style == other and n is not None and k is not None and abs(n - k) == 1:
                return True
    # "2.1 Kidney" may be the only child of "2."
    return a.prefix is not None and any(k == a.prefix and style.count("1") == 1 for style, k in b.readings)


def _line(
    line: str, number: int, start: int, mark: Marker | None, following: Marker | None, fresh: bool
) -> list[Piece]:
    bare = line.strip()
    end = start + len(bare)
    indent = start + (_TAB - 1) * line.count("\t", 0, start)
    words = mark.end if mark else start
    if bare in _FURNITURE or (mark and words >= end):
        return [Piece("furniture", number, 0, start, len(line), bare, indent, fresh)]
    heads = headings(line[words:end], marked=mark is not None)
    if not heads:
        return _runs(line, number, 0, start, end, mark, following, indent, fresh)
    found: list[Piece] = []
    at = 0
    for k, head in enumerate(heads):
        if head.start > 0 and line[at : words + head.start].strip():
            found += _runs(
                line, number, at, max(at, start), words + head.start, mark if k == 0 else None, following, indent, fresh
            )
            at = words + head.start
        stop = words + head.end
        found.append(Piece("heading", number, at, at, stop, line[at:stop].strip(), indent, True, None, head))
        at = stop
    if line[at:end].strip(" -–—"):
        begin = at + len(line[at:]) - len(line[at:].lstrip())
        found += _runs(line, number, at, begin, end, marker(line, begin), following, indent, True)
    return found


def _runs(
    line: str,
    number: int,
    start: int,
    begin: int,
    end: int,
    mark: Marker | None,
    following: Marker | None,
    indent: int,
    fresh: bool,
) -> list[Piece]:
    """One item, or several when the line goes on counting ("1. Age over 18 2. BMI below 30")."""
    if mark is None or (mark.weak and begin != 0):
        text = line[begin:end].rstrip()
        return [Piece("text", number, start, begin, end, text, indent, fresh)]
    found, at = [], start
    words, current = mark.end, mark
    for where, nxt in [] if following and _next_to(following, mark) else inline(line[:end], mark.end, mark):
        found.append(Piece("item", number, at, words, where, line[words:where].rstrip(), indent, fresh, current))
        at, words, current = where, nxt.end, nxt
    found.append(Piece("item", number, at, words, end, line[words:end].rstrip(), indent, fresh, current))
    return found
