"""The passages of a page: its lines but for furniture, each under the heading it stands below.

An index needs them, an extraction does not: a page only promises its parts'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from extract.readers.page_arms import Arm
from extract.readers.page_fields import Fields
from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, range_of
from extract.readers.page_records import Records
from extract.readers.page_sections import reads_like_a_heading
from extract.reading import Passage

_CRITERIA_HEADING = re.compile(r"\W{0,4}(?:[\w-]+ ){0,3}(?:inclusion|exclusion) criteria ?:?", re.IGNORECASE)


def of_lines(heading: str, lines: Sequence[Line], label: str | None = None) -> Iterator[Passage]:
    """One passage of all the lines, if there are any."""
    if lines:
        yield Passage(heading, range_of(lines), label)


def of_fields(heading: str, found: Fields) -> Iterator[Passage]:
    """A passage for each field."""
    for name, value in found.values.items():
        yield Passage(heading, value.lines, found.labels.get(name))
    yield from of_rest(heading, found.rest)


def of_criteria(heading: str, lines: Sequence[Line]) -> Iterator[Passage]:
    """A passage for each line of the criteria, under the kind they are of."""
    kind: str | None = None
    for line in lines:
        if _CRITERIA_HEADING.fullmatch(line.text):
            kind = line.text
        else:
            yield Passage(heading, line.lines, kind)


def of_arms(heading: str, arms: Sequence[Arm], rest: Sequence[Line]) -> Iterator[Passage]:
    """A passage for each arm, under its label."""
    for arm in arms:
        yield Passage(heading, arm.lines, arm.label.text)
    yield from of_rest(heading, rest)


def of_records(heading: str, found: Records, named: str | None = None) -> Iterator[Passage]:
    """A passage for each record; `named` is the part that labels it."""
    for record in found.records:
        label = record.parts.get(named) if named else None
        yield Passage(heading, range_of(record.body), label.text if label else None)
    yield from of_rest(heading, found.rest)


def of_rest(heading: str, lines: Sequence[Line]) -> Iterator[Passage]:
    """Lines that belong to nothing known, by the runs they stand in; a title above such a run is its heading."""
    for run in _runs(lines, lambda above, line: line.lines[0] > above.lines[0] + 2):
        if len(run) > 1 and reads_like_a_heading(run[0]):
            yield from of_paragraphs(run[0].text, run[1:])
        else:
            yield from of_paragraphs(heading, run)


def of_paragraphs(heading: str, lines: Sequence[Line]) -> Iterator[Passage]:
    """A passage for each paragraph; where blank lines are lost each line is one."""
    apart = any(line.opens for line in lines[1:])
    for run in _runs(lines, lambda _, line: line.opens or not apart):
        if not _is_navigation(run):
            yield Passage(heading, range_of(run))


def _runs(lines: Sequence[Line], parts: Callable[[Line, Line], bool]) -> Iterator[Sequence[Line]]:
    """The lines cut wherever `parts(line above, line)`."""
    start = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or parts(lines[at - 1], lines[at]):
            if start < at:
                yield lines[start:at]
            start = at


def _is_navigation(lines: Sequence[Line]) -> bool:
    return len(lines) == 1 and lines[0].text.startswith(layout().navigation)
