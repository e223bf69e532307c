"""The reader of any other text: an abstract, a committee's form, a protocol, a record of an unknown registry.

Nothing is known of its layout but what most texts share:

| in the text                                              | becomes                                     |
|----------------------------------------------------------|---------------------------------------------|
| a short line on its own, written like a title            | the section of what follows                 |
| "Sponsor: Harbour Institute", a few words before a colon | a passage with that label                   |
| a list item with its continuation lines                  | a passage                                   |
| the lines of a paragraph                                 | a passage                                   |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extract.criteria.headings import headings
from extract.reading import Passage, Reading
from extract.source import Source

TITLE_PAGE = "Text"
"""The section of what stands above the first heading."""

_LABELLED = re.compile(r"\s*(?P<label>[^\W\d_][\w /'’().-]{0,48}?)\s*[:：]\s+(?P<value>\S.*)")
_ITEM = re.compile(r"\s*(?:[-*•·–—▪●○]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_NUMBER = re.compile(r"\s*(?:\d{1,2}\.)+\s+")
_MOST_WORDS_IN_A_HEADING = 10
_MOST_WORDS_IN_A_LABEL = 6


def read(source: Source) -> Reading:
    """Read a text. Every line with words is in a passage, or is the heading of those below it."""
    passages: list[Passage] = []
    section = TITLE_PAGE
    for first, last in _blocks(source.lines):
        lines = source.lines[first - 1 : last]
        if _is_heading(lines[0], alone=first == last):
            section = lines[0].strip().rstrip(":： ")
            first, lines = first + 1, lines[1:]
        passages += _passages(lines, first, section)
    return Reading(source, tuple(passages))


def labelled(line: str) -> tuple[str, str] | None:
    """("Sponsor", "Harbour Institute") of a line "Sponsor: Harbour Institute"; None for any other."""
    m = _LABELLED.fullmatch(line)
    if m is None or m["label"].count(" ") >= _MOST_WORDS_IN_A_LABEL:
        return None
    return m["label"], m["value"].rstrip()


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line of every run of lines without a blank one, or a heading of criteria, between."""
    first: int | None = None
    for number, line in enumerate((*lines, ""), start=1):
        if first and (not line.strip() or _heads_criteria(line)):
            yield first, number - 1
            first = None
        if line.strip():
            first = first or number


def _is_heading(line: str, *, alone: bool) -> bool:
    """Whether a line heads what follows: a title on its own, or words that only ever head criteria."""
    if _heads_criteria(line):
        return True
    bare = _NUMBER.sub("", line.strip(), count=1)
    titled = bare[:1].isupper() and not bare.endswith((".", ";", ","))
    return alone and titled and not labelled(line) and len(bare.split()) <= _MOST_WORDS_IN_A_HEADING


def _heads_criteria(line: str) -> bool:
    words = line.strip()
    return any((h.start, h.end) == (0, len(words)) for h in headings(words, marked=False))


def _passages(lines: Sequence[str], first: int, section: str) -> Iterator[Passage]:
    """A block's passages: each labelled line, each item, and the runs of plain lines."""
    if not lines:
        return
    starts = [k for k, line in enumerate(lines) if k == 0 or labelled(line) or _ITEM.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        label = labelled(lines[start])
        yield Passage(section, (first + start, first + end - 1), label[0] if label else None)
