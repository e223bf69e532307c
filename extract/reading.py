"""A reading: what a reader makes of one record, before any rule has looked for values.

Readers know a layout, rules know what the words in it mean. Every format gives the same: numbered lines, and the
passages they fall into. A passage is the smallest run of lines that is understood alone: a paragraph, a label with
its value, an arm, a table. Passages never overlap, stand in order, and leave out only furniture (headings, the
site's helper sentences, navigation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extract.source import LineRange, Source


class Passage(NamedTuple):
    """Lines that belong together. `section` and `label` give them their meaning and are not part of their text.

    `section` is the heading the reader shows ("Eligibility Criteria"); `label` narrows it (an arm, a field).
    """

    section: str
    lines: LineRange
    label: str | None = None


@dataclass(frozen=True)
class Reading:
    """One record, read.

    `member` places it in a file that holds several. `record` is the CT.gov v2 object of a structured source, parsed or
    mapped, else None; `places` then maps the JSON pointer of every leaf of it to the lines of the reading text that say
    it. `name` is the registry's own number for a record that is no NCT record's. `line_places` says of every line of a
    text that is not the file's own (HTML, PDF) where it stands there.
    """

    source: Source
    passages: tuple[Passage, ...]
    record: Mapping[str, Any] | None = None
    member: str | None = None
    places: Mapping[str, LineRange] = field(default_factory=dict)
    name: str | None = None
    line_places: Sequence[str] = ()

    def locator(self, pointer: str) -> str | None:
        """Where in its file a value of a structured source stands."""
        return pointer if self.record is not None else None
