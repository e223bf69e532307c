"""What a search returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.source import LineRange

Unit = Literal["chunk", "line"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that may answer.

    `text` is verbatim text of `lines`; `section` and `label` give it its meaning and are never quoted as its text.
    """

    document: str
    lines: LineRange
    text: str
    score: float
    section: str
    label: str | None
    path: str
    sha256: str
