"""What answering modules hand back: a status, the answer's text, and its claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from qa.answer import Citation, Claim, Status
from qa.asked import Asked
from qa.fields import Field
from qa.record import Record


@dataclass
class Draft:
    """An answer before verification. `trials` are those it is about."""

    status: Status
    text: str
    claims: list[Claim] = field(default_factory=list)
    trials: list[str] = field(default_factory=list)


class FieldQuestion(NamedTuple):
    """One field asked of one record: what every form of field answers (qa/answers/fields.py)."""

    record: Record
    field: Field
    asked: Asked


def citations(record: Record, pointers: Iterable[str], *, label: str | None = None) -> list[Citation]:
    """The citations of several values, each place once, in the order given."""
    found: dict[tuple[tuple[int, int], str], Citation] = {}
    for pointer in pointers:
        citation = record.cite(pointer, label=label)
        if citation:
            found.setdefault((citation.lines, citation.quote), citation)
    return list(found.values())
