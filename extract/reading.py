"""A reading: what a reader makes of one record, before any rule has looked for values.

Readers know a layout, rules know what the words in it mean. Every format gives the same: numbered lines, and the
passages they fall into. A passage is the smallest run of lines that is understood alone: a paragraph, a label with
its value, an arm, a table. Passages never overlap, stand in order, and leave out only furniture (headings, the
site's helper sentences, navigation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extract.source import LineRange, Source


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that belong together. `section` and `label` give them their meaning and are not part of their text.

    `section` is the heading the reader shows ("Eligibility Criteria"); `label` narrows it (an arm, a field).
    """

    section: str
    lines: LineRange
    label: str | None = None


@dataclass(frozen=True)
class Reading:
    """One record, read.

    `member` places it in a file that holds several. `record` is the parsed CT.gov v2 object of a structured source,
    else None; `places` then maps the JSON pointer of every leaf of it to the lines of the reading text that say it.
    """

    source: Source
    passages: tuple[Passage, ...]
    record: Mapping[str, Any] | None = None
    member: str | None = None
    places: Mapping[str, LineRange] = field(default_factory=dict)
