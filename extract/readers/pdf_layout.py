"""The layout of a protocol: what is text, what repeats on every page, and where its sections begin.

pages of lines ──▶ without running heads, page numbers and the table of contents
               ──▶ numbered headings set apart by blank lines: those that the contents list or, without contents,
                   those that read like one
               ──▶ a line that only goes on with the one above joined to it
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extract.evidence import fold
from extract.reading import Passage, Reading
from extract.source import Source

FRONT_PAGES = 10
"""Cover letters, the title page and its signatures stand on the first pages."""

_EDGE = 6
"""Lines at the top and the bottom of a page that may repeat on others."""

_REPEATS = 0.3
_FULL_LINE = 50
"""Characters from which on a line may have been wrapped."""

_LONGEST_PARAGRAPH = 2_000
_CONTENTS = re.compile(r"(?P<words>.*?\S)\s*(?:\.{3,}|(?:\. ){3,}|…{2,}|_{4,})[\s.…]*(?P<page>\d{0,4})\s*")
_PAGE_NUMBER = re.compile(r"(?:page )?\d{1,4}(?: (?:of|/) ?\d{1,4})?|\d{1,4}/.{0,40}", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?P<words>[^\W\d_].*)")
_LONGEST_HEADING = 90
_LONGEST_ENTRY = 400
_MOST_WORDS = 12
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading: its line in the reading text, its number ((4, 1) for 4.1, (5,) for 5.0), its words."""

    line: int
    number: tuple[int, ...]
    words: str


@dataclass(frozen=True)
class Protocol(Reading):
    """A protocol, read. `front` are the line ranges of its first pages, `headings` its numbered headings."""

    headings: tuple[Heading, ...] = ()
    front: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    page: int
    number: int


def protocol_of(pages: Sequence[Sequence[str]], *, path: str, format: str, sha256: str) -> Protocol:  # noqa: A002 - as in Source
    """The reading of a document given as the lines of its pages."""
    kept, contents = _cleaned(pages)
    said: list[str] = []
    places: list[str] = []
    headings: list[Heading] = []
    front: dict[int, tuple[int, int]] = {}
    above = ""
    for line in kept:
        number_and_words = _heading(line.text, contents)
        above, before = line.text, above
        if said and not number_and_words and _goes_on(said[-1], before, line.text):
            said[-1] = f"{said[-1]} {line.text}"
            front |= {page: (first, len(said)) for page, (first, _) in front.items() if page == line.page}
            continue
        if number_and_words and said and said[-1]:
            said.append("")
            places.append(places[-1])
        said.append(line.text)
        places.append(f"page {line.page}, line {line.number}")
        if line.page <= FRONT_PAGES:
            front[line.page] = (front.get(line.page, (len(said), 0))[0], len(said))
        if number_and_words:
            headings.append(Heading(len(said), *number_and_words))
            said.append("")
            places.append(places[-1])
    source = Source(path, format, sha256, "\n".join(said))
    passages = tuple(_passages(source, headings))
    return Protocol(source, passages, line_places=tuple(places), headings=tuple(headings), front=tuple(front.values()))


def _cleaned(pages: Sequence[Sequence[str]]) -> tuple[list[_Line], dict[tuple[int, ...], str]]:
    """The lines that are text, and the numbered entries of the table of contents."""
    repeated = _repeated(pages)
    kept: list[_Line] = []
    contents: dict[tuple[int, ...], str] = {}
    for page, lines in enumerate(pages, start=1):
        for number, text in enumerate(lines, start=1):
            at_edge = number <= _EDGE or number > len(lines) - _EDGE
            words = fold(text)
            entry = _CONTENTS.fullmatch(words) if len(words) <= _LONGEST_ENTRY else None
            if entry:
                if m := _NUMBERED.fullmatch(entry["words"]):
                    contents.setdefault(_number(m["number"]), _bare(m["words"]))
            elif words and not (at_edge and (_pattern(words) in repeated or _PAGE_NUMBER.fullmatch(words))):
                kept.append(_Line(words, page, number))
    return kept, contents


def _goes_on(said: str, above: str, text: str) -> bool:
    """Whether a line only goes on with a sentence that the line above, which is full, began."""
    is_full = len(above) >= _FULL_LINE and above[-1] not in ".:;"
    return is_full and text[0].islower() and len(text.split()[0]) > 1 and len(said) <= _LONGEST_PARAGRAPH


def _repeated(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """The lines at the edges of pages that many pages share, figures aside."""
    counts: Counter[str] = Counter()
    for lines in pages:
        edges = [*lines[:_EDGE], *lines[_EDGE:][-_EDGE:]]
        counts.update({_pattern(fold(line)) for line in edges if line.strip()})
    least = max(3, round(_REPEATS * len(pages)))
    return frozenset(pattern for pattern, count in counts.items() if count >= least)


def _pattern(words: str) -> str:
    return _DIGITS.sub("#", words)


def _heading(text: str, contents: dict[tuple[int, ...], str]) -> tuple[tuple[int, ...], str] | None:
    """A heading's number and words, if the line is one."""
    m = _NUMBERED.fullmatch(text)
    if m is None or len(text) > _LONGEST_HEADING:
        return None
    number, words = _number(m["number"]), m["words"]
    if contents:
        listed = contents.get(number)
        return (number, words) if listed and (listed.startswith(_bare(words)) or _bare(words) == listed) else None
    reads_like_one = words[0].isupper() and words[-1] not in ".;,:" and len(words.split()) <= _MOST_WORDS
    return (number, words) if reads_like_one else None


def _number(text: str) -> tuple[int, ...]:
    """(5,) for "5.0" and "5", (4, 1) for "4.1"."""
    steps = [int(step) for step in text.split(".")]
    return tuple(steps[:-1] if len(steps) == 2 and steps[1] == 0 else steps)


def _bare(words: str) -> str:
    return "".join(c for c in words.casefold() if c.isalnum())


def _passages(source: Source, headings: Sequence[Heading]) -> Iterator[Passage]:
    """The lines by sections; a section's paragraphs cannot be told apart, so its lines go by pieces."""
    starts = [(1, "Front Matter"), *((h.line + 1, h.words) for h in headings)]
    for (first, section), (after, _) in zip(starts, [*starts[1:], (len(source) + 2, "")], strict=True):
        yield from _pieces(source, section, first, after - 2)


_LONGEST_PIECE = 6
_ENDS = re.compile(r"[.;:]$")


def _pieces(source: Source, section: str, first: int, last: int) -> Iterator[Passage]:
    """Runs of lines that end with a sentence, some lines each."""
    start: int | None = None
    for number in range(first, last + 1):
        line = source.line(number)
        if not line:
            continue
        start = start or number
        length = number - start + 1
        if (length >= _LONGEST_PIECE // 2 and _ENDS.search(line)) or length >= _LONGEST_PIECE or number == last:
            yield Passage(section, (start, number))
            start = None
    if start is not None:
        yield Passage(section, (start, last))
