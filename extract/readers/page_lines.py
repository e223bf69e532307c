"""The lines of a page that say something, and the words taken from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from extract.evidence import fold
from extract.readers.page_layout import OPENING, layout
from extract.source import LineRange, Source

_UNFOLDED = ("  ", "\xa0", "\t")
"""White space by which a line is known not to be folded."""


class Text:
    """Words and the lines they stand on.

    Never changed, but no named tuple nor dataclass: a page has hundreds, and those take longer to make.
    """

    __slots__ = ("lines", "text")

    def __init__(self, lines: LineRange, text: str) -> None:
        self.lines = lines
        self.text = text


class Line(Text):
    """A line that is not blank, its white space folded; `indent` counts the characters before its first word.
    `opens`: nothing, or a blank line, stands above it. `mark`: the label or marker of the layout that opens it, with
    the `value` behind it on the same line."""

    __slots__ = ("indent", "mark", "opens", "value")

    def __init__(self, number: int, text: str, opens: bool, indent: int, mark: str | None, value: str) -> None:
        self.lines = (number, number)
        self.text = text
        self.opens = opens
        self.indent = indent
        self.mark = mark
        self.value = value


class Lines(NamedTuple):
    """Every line of a page that is not blank, and by their places those that open like something the layout knows."""

    lines: list[Line]
    known: list[int]


def lines_of(source: Source) -> Lines:
    """The lines of a page. NBSP and tabs count as white space."""
    openings, labelled = layout().openings, layout().label_openings
    marks, markers = layout().marks, layout().marker_words
    unfolded = [space for space in _UNFOLDED if space in source.text]
    lines: list[Line] = []
    known: list[int] = []
    opens = True
    for number, raw in enumerate(source.lines, 1):
        text = raw.strip()
        if not text:
            opens = True
            continue
        indent = 0 if text is raw else raw.index(text[0])
        for space in unfolded:
            if space in text:
                text = fold(text)
        mark, value = None, ""
        opening = text[:OPENING]
        if opening in openings:
            known.append(len(lines))
            if opening in labelled:
                mark, value = _mark_of(text, marks, markers)
        lines.append(Line(number, text, opens, indent, mark, value))
        opens = False
    return Lines(lines, known)


def _mark_of(text: str, marks: frozenset[str], markers: frozenset[str]) -> tuple[str | None, str]:
    """(label or marker that opens the line, value behind it or ""); (None, "") for any other line."""
    mark, _, value = text.partition(":")
    if mark in marks:
        return mark, value.removeprefix(" ")
    mark, _, value = text.rpartition(" ")
    return (mark, value) if mark in markers and len(value.split()) == 1 else (None, "")


def range_of(lines: Sequence[Line]) -> LineRange:
    """From the first of some lines to the last."""
    return lines[0].lines[0], lines[-1].lines[1]


def value_text(line: Line) -> Text:
    """The value that stands behind the label on its own line."""
    return Text(line.lines, line.value)


def block_text(lines: Sequence[Line]) -> Text:
    """The words of consecutive lines as they stand: paragraphs a blank line apart, indented lines indented."""
    more = (("\n\n" if line.opens else "\n") + " " * line.indent + line.text for line in lines[1:])
    return Text(range_of(lines), lines[0].text + "".join(more))
