"""Fields of a page: a label and its value, on a line each or on one; and the criteria text that fields end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extract.readers.page_layout import SectionSpec
from extract.readers.page_lines import Line, Text, value_text


class Fields:
    """Values by field name, their labels, and the lines that belong to none."""

    __slots__ = ("labels", "rest", "values")

    def __init__(self) -> None:
        self.values: dict[str, Text] = {}
        self.labels: dict[str, str] = {}
        self.rest: list[Line] = []


def fields_of(body: Sequence[Line], spec: SectionSpec) -> Fields:
    """The fields of a section. A label that another label follows has no value; of equal labels the first counts."""
    found = Fields()
    at = 0
    while at < len(body):
        line = body[at]
        name = spec.fields.get(line.mark or "")
        if name is None:
            found.rest.append(line)
            at += 1
            continue
        used = _value_lines(body, at)
        if used == 2 or line.value:
            value = body[at + 1] if used == 2 else value_text(line)
            found.values.setdefault(name, value)
            found.labels.setdefault(name, line.mark or "")
        at += used
        if line.mark == spec.unlabelled_after and at < len(body) and body[at].mark is None:
            found.values.setdefault(spec.unlabelled or "", body[at])
            at += 1
    return found


def _value_lines(body: Sequence[Line], at: int) -> int:
    """How many lines the field at `at` takes: 2 where its value stands below the label."""
    below = body[at + 1] if at + 1 < len(body) else None
    return 2 if not body[at].value and below is not None and below.mark is None else 1


def criteria_end(body: Sequence[Line], labels: Mapping[str, str]) -> int:
    """Where in the eligibility section the criteria text ends and the fields begin.

    The criteria may hold such words themselves, so the fields are the last unbroken run of labels, each later in the
    layout's order than the one above it.
    """
    order = {label: k for k, label in enumerate(labels)}
    marked = [at for at, line in enumerate(body) if line.mark in order]
    if not marked:
        return len(body)
    start = marked[-1]
    for at in reversed(marked[:-1]):
        in_order = order[body[at].mark or ""] < order[body[start].mark or ""]
        if not in_order or at + _value_lines(body, at) != start:
            break
        start = at
    return start
