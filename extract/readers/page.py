"""The page reader: the text of a trial's page on a registry's site.

The layout (`page_layout.toml`) is a header and sections; `page_sections` tells a heading from a text that reads like
one. Copying a page damages it: blank lines are lost, helper sentences are missing, lines are indented, a label stands
on one line with its value, navigation stands around. None of that changes what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import chain
from operator import attrgetter

from extract.readers import page_records
from extract.readers.page_arms import Arm, arms
from extract.readers.page_fields import Fields, criteria_end, fields_of
from extract.readers.page_layout import SectionSpec, layout
from extract.readers.page_lines import Line, Text, block_text, lines_of
from extract.readers.page_passages import of_arms, of_criteria, of_fields, of_lines, of_paragraphs, of_records, of_rest
from extract.readers.page_records import Record, Records
from extract.readers.page_sections import Section, sections_of
from extract.readers.page_sites import sites
from extract.reading import Passage, Reading
from extract.source import Source

# Arms are told apart by the interventions, sites by the countries.
_READ_FIRST = ("Interventions", "Countries")
_SNIFFED = 1 << 16

Promise = Callable[[], Iterator[Passage]]
"""The passages of a part of a page. (No generator, which takes long to put away where nobody asks.)"""


class PageReading(Reading):
    """A page, read: what the rules need. Its passages are made when they are first asked for.

    `fields` maps a field of the layout ("overallStatus", "briefSummary", "eligibilityCriteria") to its words, `records`
    a section's name ("sponsors", "sites") to its records.
    """

    fields: Mapping[str, Text]
    arms: Sequence[Arm]
    records: Mapping[str, Sequence[Record]]
    _passages: Iterable[Promise]

    def __init__(self, source: Source, page: _Page, line_places: Sequence[str]) -> None:
        # The dataclass is frozen, and its own __init__ would want the passages now.
        self.__dict__.update(source=source, places={}, line_places=line_places)
        self.__dict__.update(fields=page.fields, arms=page.arms, records=page.records, _passages=page.passages)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(sorted(chain.from_iterable(made() for made in self._passages), key=attrgetter("lines")))


def recognises(text: str) -> bool:
    """Whether a text is such a page: it has a helper sentence of the site, or three labels that are its own."""
    start = text[:_SNIFFED]
    if any(section.helper in start for section in layout().sections):
        return True
    return len(set(_signature().findall(start))) >= 3


@cache
def _signature() -> re.Pattern[str]:
    return re.compile(rf"(?m)^[ \t\u00a0]*({'|'.join(map(re.escape, layout().signature))})\b")


def read(source: Source, line_places: Sequence[str] = ()) -> PageReading:
    """Read a page. Every line but furniture ends in a passage; what fits nowhere keeps the heading it stands under."""
    page = _Page()
    sections = sections_of(lines_of(source))
    page.header(sections.header)
    for section in sorted(sections.known, key=lambda s: s.heading not in _READ_FIRST):
        page.section(section)
    page.passages += [partial(of_paragraphs, section.heading, section.body) for section in sections.unknown]
    return PageReading(source, page, line_places)


class _Page:
    """A page in the making."""

    def __init__(self) -> None:
        self.fields: dict[str, Text] = {}
        self.arms: tuple[Arm, ...] = ()
        self.records: dict[str, Sequence[Record]] = {}
        self.passages: list[Promise] = []

    def header(self, lines: Sequence[Line]) -> None:
        """The title stands right above the trial's number or, without one, above the first label."""
        spec = layout().header
        numbered = next(iter(spec.fields))
        at = next((k for k, line in enumerate(lines) if line.mark == numbered), None)
        if at is None:
            at = next((k for k, line in enumerate(lines) if line.mark in spec.fields), len(lines))
        if at and lines[at - 1].mark not in spec.fields:
            self.fields["briefTitle"] = lines[at - 1]
            self.passages.append(partial(of_lines, spec.heading, lines[at - 1 : at], "Title"))
        found = fields_of(lines[at:], spec)
        found.rest[:0] = lines[: max(0, at - 1)]
        self._fields(spec.heading, found)

    def section(self, section: Section) -> None:
        """Read a section by the shape the layout gives it."""
        heading, spec, body = section
        assert spec is not None
        if not body:
            return
        if spec.shape == "fields":
            self._fields(heading, fields_of(body, spec))
        elif spec.shape == "criteria":
            end = criteria_end(body, spec.fields)
            if end:
                self.fields["eligibilityCriteria"] = block_text(body[:end])
            self.passages.append(partial(of_criteria, heading, body[:end]))
            self._fields(heading, fields_of(body[end:], spec))
        elif spec.shape == "text":
            self.fields[spec.name] = block_text(body)
            self.passages.append(partial(of_paragraphs, heading, body))
        elif spec.shape == "line":
            self.fields[spec.name] = body[0]
            self.passages += [partial(of_lines, heading, body[:1]), partial(of_rest, heading, body[1:])]
        elif spec.shape == "arms":
            self.arms, rest = arms(body, self.records.get("interventions", ()))
            self.passages.append(partial(of_arms, heading, self.arms, rest))
        elif spec.shape == "sites":
            countries = self.fields.get("countries")
            self._records(heading, spec, sites(body, countries.text if countries else ""))
        else:
            self._records(heading, spec, _RECORDS[spec.shape](body))

    def _fields(self, heading: str, found: Fields) -> None:
        self.fields |= found.values
        self.passages.append(partial(of_fields, heading, found))

    def _records(self, heading: str, spec: SectionSpec, found: Records) -> None:
        self.records[spec.name] = found.records
        self.passages.append(partial(of_records, heading, found, "name" if spec.shape == "interventions" else None))


_RECORDS: Mapping[str, Callable[[Sequence[Line]], Records]] = {
    "interventions": page_records.interventions,
    "sponsors": page_records.sponsors,
    "party": page_records.responsible_party,
    "officials": page_records.officials,
    "contacts": page_records.contacts,
    "identifiers": page_records.identifiers,
    "trials": page_records.related_trials,
}
