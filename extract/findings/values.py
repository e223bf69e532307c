"""Values that cannot be, and lists of criteria whose numbers miss or repeat one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.criteria import units
from extract.criteria.constraints import Bound, Constraint
from extract.criteria.markers import marker
from extract.criteria.measures import matcher, table
from extract.extraction import Criterion, Finding
from extract.findings.people import years
from extract.findings.record import Record
from extract.source import LineRange

_CRITERIA = "eligibilityModule/eligibilityCriteria"
_AGES = ("eligibilityModule/minimumAge", "eligibilityModule/maximumAge")
_OLDEST = 150
_SHOWN_UNITS = 4


def check(record: Record) -> Iterator[Finding]:
    """All checks of this module."""
    yield from _ages(record)
    for criterion in record.extraction.criteria:
        for constraint in criterion.constraints:
            yield from _bounds(record, criterion, constraint)
    yield from _list_numbers(record)


def _ages(record: Record) -> Iterator[Finding]:
    low, high = (years(record.value(path)) for path in _AGES)
    if low is not None and high is not None and low > high:
        message = f"the minimum age {record.value(_AGES[0])} is above the maximum age {record.value(_AGES[1])}"
        evidence = [e for path in _AGES for e in record.proof(path)]
        yield record.finding("ages-disorder", "error", message, *evidence)
    for path, age in zip(_AGES, (low, high), strict=True):
        if age is not None and age > _OLDEST:
            message = f"an age of {record.value(path)} is no age"
            yield record.finding("implausible-value", "warning", message, *record.proof(path))


def _bounds(record: Record, criterion: Criterion, constraint: Constraint) -> Iterator[Finding]:
    for bound in (constraint.lower, constraint.upper):
        if bound and (unit := _slip(constraint, bound)):
            name, written = criterion.id.replace("-", " criterion "), f"{bound.value:g} {constraint.unit}"
            message = f"{name}: {constraint.label} of {written} is not plausible, in {unit} it would be"
            place = record.at(criterion.lines, constraint.quote)
            yield record.finding("implausible-value", "warning", message, place)
            return


def _slip(constraint: Constraint, bound: Bound) -> str | None:
    """The units that make a value plausible that is not in its own: a slip of the unit, the one that is certain."""
    measure = table().get(constraint.variable or "")
    if measure is None or measure.kind != "measurement" or constraint.relative_to or not constraint.ucum:
        return None
    if bound.value <= 0 or units.plausible(bound.value, constraint.ucum, measure) is not False:
        return None
    as_written = f"{bound.value:g}" in constraint.quote
    named = any(found.id == measure.id for _, _, found in matcher().finditer(constraint.label))
    if not as_written or not named:
        return None
    return " or ".join(u for u in measure.units[:_SHOWN_UNITS] if units.plausible(bound.value, u, measure)) or None


def _list_numbers(record: Record) -> Iterator[Finding]:
    """A number that a list leaves out or says twice, told where the list goes on regularly around it."""
    for first, last in record.lines(_CRITERIA):
        numbered: list[tuple[int, str, int]] = []
        for number, line in enumerate(record.reading.source.lines[first - 1 : last], start=first):
            bare = line.lstrip()
            if not bare[:1].isdecimal():
                continue
            indent = len(line) - len(bare)
            found = marker(line, indent)
            if found and not found.weak and (readings := [n for s, n in found.readings if s.startswith("1") and n]):
                numbered.append((number, f"{indent} {found.readings[0][0]}", readings[0]))
        yield from _breaks(record, numbered)


def _breaks(record: Record, numbered: list[tuple[int, str, int]]) -> Iterator[Finding]:
    for k in range(1, len(numbered) - 1):
        (_, style, before), (line, same, number), (_, after, following) = numbered[k - 1 : k + 2]
        if not style == same == after or following != number + 1 or before < 1:
            continue
        if number == before + 2 and not _says(record, before + 1, (numbered[k - 1][0], line)):
            message = f"the list of criteria goes from {before} to {number}"
            yield record.finding("list-number-missing", "info", message, record.at((line, line)))
        elif number == before > 1 and k > 1 and numbered[k - 2][2] == before - 1:
            message = f"the list of criteria has two items numbered {number}"
            evidence = [record.at((n, n)) for n, _, _ in numbered[k - 1 : k + 1]]
            yield record.finding("list-number-repeated", "info", message, *evidence)


def _says(record: Record, number: int, lines: LineRange) -> bool:
    return re.search(rf"\b{number}\b", record.reading.source.span(*lines)) is not None
