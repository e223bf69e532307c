"""What a search returns."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extract.source import LineRange

Unit = Literal["chunk", "line"]


class Hit(NamedTuple):
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
