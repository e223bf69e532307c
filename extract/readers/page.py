"""The page reader: the text of a trial's page on a registry's site.

The layout (`page_layout.toml`) is a header and sections; `page_sections` tells a heading from a text that reads like
one. Copying a page damages it: blank lines are lost, helper sentences are missing, lines are indented, a label stands
on one line with its value, navigation stands around. None of that changes what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter

from extract.readers import page_records
from extract.readers.page_arms import Arm, arms
from extract.readers.page_fields import Fields, criteria_end, fields_of
from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, Text, block_text, lines_of, range_of
from extract.readers.page_records import Record, Records
from extract.readers.page_sections import Section, reads_like_a_heading, sections_of
from extract.readers.page_sites import sites
from extract.reading import Passage, Reading
from extract.source import Source

# Arms are told apart by the interventions, sites by the countries.
_READ_FIRST = ("Interventions", "Countries")
_SNIFFED = 1 << 16
_CRITERIA_HEADING = re.compile(r"\W{0,4}(?:[\w-]+ ){0,3}(?:inclusion|exclusion) criteria ?:?", re.IGNORECASE)


@dataclass(frozen=True)
class PageReading(Reading):
    """A page, read: what the rules need.

    `fields` maps a field of the layout ("overallStatus", "briefSummary", "eligibilityCriteria") to its words, `records`
    a section's name ("sponsors", "sites") to its records.
    """

    fields: Mapping[str, Text] = field(default_factory=dict)
    arms: Sequence[Arm] = ()
    records: Mapping[str, Sequence[Record]] = field(default_factory=dict)


def recognises(text: str) -> bool:
    """Whether a text is such a page: it has a helper sentence of the site, or three labels that are its own."""
    start = text[:_SNIFFED]
    if any(section.helper in start for section in layout().sections):
        return True
    return len(set(_signature().findall(start))) >= 3


@cache
def _signature() -> re.Pattern[str]:
    return re.compile(rf"(?m)^[ \t\u00a0]*({'|'.join(map(re.escape, layout().signature))})\b")


def read(source: Source) -> PageReading:
    """Read a page. Every line but furniture ends in a passage; what fits nowhere keeps the heading it stands under."""
    page = _Page()
    sections = sections_of(lines_of(source))
    page.header(sections.header)
    for section in sorted(sections.known, key=lambda s: s.heading not in _READ_FIRST):
        page.section(section)
    for section in sections.unknown:
        page.paragraphs(section.heading, section.body)
    return page.reading(source)


class _Page:
    """A page in the making."""

    def __init__(self) -> None:
        self.fields: dict[str, Text] = {}
        self.arms: tuple[Arm, ...] = ()
        self.records: dict[str, Sequence[Record]] = {}
        self.passages: list[Passage] = []

    def reading(self, source: Source) -> PageReading:
        passages = tuple(sorted(self.passages, key=attrgetter("lines")))
        return PageReading(source, passages, fields=self.fields, arms=self.arms, records=self.records)

    def header(self, lines: Sequence[Line]) -> None:
        """The title stands right above the trial's number or, without one, above the first label."""
        spec = layout().header
        numbered = next(iter(spec.fields))
        at = next((k for k, line in enumerate(lines) if line.mark == numbered), None)
        if at is None:
            at = next((k for k, line in enumerate(lines) if line.mark in spec.fields), len(lines))
        if at and lines[at - 1].mark not in spec.fields:
            self.fields["briefTitle"] = lines[at - 1]
            self._passage(spec.heading, lines[at - 1 : at], "Title")
        found = fields_of(lines[at:], spec)
        self._fields(spec.heading, found)
        self.rest(spec.heading, [*lines[: max(0, at - 1)], *found.rest])

    def section(self, section: Section) -> None:
        """Read a section by the shape the layout gives it."""
        spec, body = section.spec, section.body
        assert spec is not None
        if not body:
            return
        if spec.shape == "fields":
            found = fields_of(body, spec)
            self._fields(section.heading, found)
            self.rest(section.heading, found.rest)
        elif spec.shape == "criteria":
            self._eligibility(section)
        elif spec.shape == "text":
            self.fields[spec.name] = block_text(body)
            self.paragraphs(section.heading, body)
        elif spec.shape == "line":
            self.fields[spec.name] = body[0]
            self._passage(section.heading, body[:1])
            self.rest(section.heading, body[1:])
        elif spec.shape == "arms":
            self.arms, rest = arms(body, self.records.get("interventions", ()))
            self.passages += [Passage(section.heading, arm.lines, arm.label.text) for arm in self.arms]
            self.rest(section.heading, rest)
        elif spec.shape == "sites":
            countries = self.fields.get("countries")
            self._records(section, sites(body, countries.text if countries else ""))
        else:
            self._records(section, _RECORDS[spec.shape](body))

    def _records(self, section: Section, found: Records) -> None:
        assert section.spec is not None
        self.records[section.spec.name] = found.records
        for record in found.records:
            name = record.parts.get("name") if section.spec.shape == "interventions" else None
            self._passage(section.heading, record.body, name.text if name else None)
        self.rest(section.heading, found.rest)

    def _eligibility(self, section: Section) -> None:
        assert section.spec is not None
        end = criteria_end(section.body, section.spec.fields)
        criteria = section.body[:end]
        if criteria:
            self.fields["eligibilityCriteria"] = block_text(criteria)
        heading: str | None = None
        for line in criteria:
            if _CRITERIA_HEADING.fullmatch(line.text):
                heading = line.text
            else:
                self._passage(section.heading, [line], heading)
        found = fields_of(section.body[end:], section.spec)
        self._fields(section.heading, found)
        self.rest(section.heading, found.rest)

    def _fields(self, heading: str, found: Fields) -> None:
        for name, value in found.values.items():
            self.fields[name] = value
            self.passages.append(Passage(heading, value.lines, found.labels.get(name)))

    def rest(self, heading: str, lines: Sequence[Line]) -> None:
        """Lines that belong to nothing known, by the runs they stand in; a title above such a run is its heading."""
        for run in _runs(lines, lambda above, line: line.lines[0] > above.lines[0] + 2):
            if len(run) > 1 and reads_like_a_heading(run[0]):
                self.paragraphs(run[0].text, run[1:])
            else:
                self.paragraphs(heading, run)

    def paragraphs(self, heading: str, lines: Sequence[Line]) -> None:
        """A passage for each paragraph; where blank lines are lost each line is one."""
        apart = any(line.opens for line in lines[1:])
        for run in _runs(lines, lambda _, line: line.opens or not apart):
            if not _is_navigation(run):
                self._passage(heading, run)

    def _passage(self, heading: str, lines: Sequence[Line], label: str | None = None) -> None:
        self.passages.append(Passage(heading, range_of(lines), label))


_RECORDS: Mapping[str, Callable[[Sequence[Line]], Records]] = {
    "interventions": page_records.interventions,
    "sponsors": page_records.sponsors,
    "party": page_records.responsible_party,
    "officials": page_records.officials,
    "contacts": page_records.contacts,
    "identifiers": page_records.identifiers,
    "trials": page_records.related_trials,
}


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
