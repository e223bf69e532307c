"""Dates against each other, and the status against dates, enrollment and results."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from extract.extraction import Finding
from extract.findings.record import Record
from extract.vocabulary import vocabulary

_STATUS = "statusModule/overallStatus"
_START = "statusModule/startDateStruct/date"
_PRIMARY = "statusModule/primaryCompletionDateStruct/date"
_COMPLETION = "statusModule/completionDateStruct/date"
_UPDATED = "statusModule/lastUpdatePostDateStruct/date"
_ENROLLMENT = "designModule/enrollmentInfo/count"

_ORDER = ((_START, "start"), (_PRIMARY, "primary completion"), (_COMPLETION, "completion"))
_LAG = 31
"""Days that may pass between writing an update and its posting."""
_MONTH = len("2024-05")

_CLAIMS = (
    (_COMPLETION, ("COMPLETED",), False),
    (_COMPLETION, ("RECRUITING", "NOT_YET_RECRUITING"), True),
    (_START, ("COMPLETED", "ACTIVE_NOT_RECRUITING"), False),
    (_START, ("NOT_YET_RECRUITING",), True),
)
"""Dates, and the statuses that are wrong where such a date lies before the last update (True) or after it."""

_UNSTARTED = ("NOT_YET_RECRUITING", "WITHDRAWN")


def check(record: Record) -> Iterator[Finding]:
    """All checks of this module."""
    yield from _order(record)
    yield from _status(record)
    yield from _enrollment(record)


def before(one: str | None, other: str | None, *, by: int = 0) -> bool:
    """Whether an ISO date lies more than `by` days before another, whatever day is meant where it gives the month."""
    if not one or not other:
        return False
    return (_first_day(other) - _last_day(one)).days > by


def _first_day(day: str) -> date:
    return date.fromisoformat(f"{day}-01" if len(day) == _MONTH else day)


def _last_day(day: str) -> date:
    if len(day) != _MONTH:
        return date.fromisoformat(day)
    year, month = map(int, day.split("-"))
    return date(year, month, monthrange(year, month)[1])


def _order(record: Record) -> Iterator[Finding]:
    stated = [(path, name) for path, name in _ORDER if record.value(path)]
    for (earlier, first), (later, second) in pairwise(stated):
        if before(record.value(later), record.value(earlier)):
            message = f"the {second} date {record.value(later)} is before the {first} date {record.value(earlier)}"
            evidence = [*record.proof(earlier), *record.proof(later)]
            yield record.finding("dates-disorder", "error", message, *evidence)


def _status(record: Record) -> Iterator[Finding]:
    """The status was true at the last update: what lies before it has happened by then, and what lies after has not."""
    status, updated = record.value(_STATUS), record.value(_UPDATED)
    if status is None or updated is None:
        return
    for path, expected, is_before in _CLAIMS:
        day = record.value(path) if status in expected else None
        if before(day, updated, by=_LAG) if is_before else before(updated, day, by=_LAG):
            name = "completion" if path == _COMPLETION else "start"
            word = vocabulary("Status").word(status).lower()
            message = f"the status is {word} as of {updated}, the {name} date {day}"
            evidence = [*record.proof(_STATUS), *record.proof(path), *record.proof(_UPDATED)]
            yield record.finding("status-date-disagreement", "warning", message, *evidence)
            return
    if status in _UNSTARTED and record.extraction.study.has_results:
        message = f"results are posted of a trial that is {vocabulary('Status').word(status).lower()}"
        evidence = [*record.proof(_STATUS), *record.proof("/hasResults")]
        yield record.finding("results-status-disagreement", "error", message, *evidence)


def _enrollment(record: Record) -> Iterator[Finding]:
    status, count = record.value(_STATUS), record.value(_ENROLLMENT)
    if count is None or status is None:
        return
    if (status == "COMPLETED" and count == 0) or (status == "WITHDRAWN" and count > 0):
        word = vocabulary("Status").word(status).lower()
        message = f"the trial is {word}, and its enrollment is {count}"
        evidence = [*record.proof(_STATUS), *record.proof(_ENROLLMENT)]
        yield record.finding("enrollment-status-disagreement", "warning", message, *evidence)
