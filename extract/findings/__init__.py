"""A record held against itself: its free text against its fields, and its fields against each other.

| module | holds                                                              | codes, each with "-disagreement"     |
|--------|--------------------------------------------------------------------|--------------------------------------|
| people | age, sex, healthy volunteers: criteria against the fields          | age, sex, healthy-volunteers         |
| design | phase, masking, allocation, arms, enrollment: title and summary    | phase, masking, allocation, arms, …  |
| dates  | dates against each other; status against dates, enrollment, results | status-date, …; also dates-disorder  |
| values | what cannot be: ages, bounds; a list's numbers                     | implausible-value, list-number-…, …  |

A finding must be right: a check speaks only where both sides are plain and cannot both be true. What a text says of a
part of the trial (a cohort, an extension, a group of controls) is no word about the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from extract.extraction import Extraction, Finding
from extract.findings import dates, design, people, values
from extract.findings.record import Record
from extract.reading import Reading

_CHECKS: tuple[Callable[[Record], Iterator[Finding]], ...] = (people.check, design.check, dates.check, values.check)


def find(reading: Reading, extraction: Extraction) -> list[Finding]:
    """Every finding of one record, in the order of its checks."""
    record = Record(reading, extraction)
    return [finding for check in _CHECKS for finding in check(record)]
