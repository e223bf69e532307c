"""Lengths of time in words and figures, in days: "two months ago", "3 weeks before randomization", "last year"."""

from __future__ import annotations

import re
from typing import NamedTuple

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}
_UNIT = r"(minute|min|hour|hr|day|week|wk|month|mo|year|yr)s?\b"
_SHORT = {"min": "minute", "hr": "hour", "wk": "week", "mo": "month", "yr": "year"}
_WORDS = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
} | {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "half a": 0.5, "past": 1, "last": 1}
_COUNT = r"(\d+(?:[.,]\d+)?|a couple of|couple of|half a|" + "|".join(w for w in _WORDS if " " not in w) + ")"
_SPAN = re.compile(rf"\b{_COUNT}[\s-]+{_UNIT}", re.IGNORECASE)
_AFTER_AGO = re.compile(r"\s*(?:ago|back|earlier|before|prior|previously|since)\b", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|past|previous)\s+(day|week|month|year)\b", re.IGNORECASE)
_NEAR = {"yesterday": 1.0, "today": 0.0, "this morning": 0.0, "this week": 4.0, "this month": 15.0, "recently": 14.0}
_LASTING = re.compile(r"\b(?:for|since|over|during|lasting|in the past|within|the last|the past)\s*$", re.IGNORECASE)


class Span(NamedTuple):
    """A length of time in a text. `ago` tells how long past something is; otherwise it tells how long it lasts."""

    days: float
    ago: bool
    start: int
    end: int


def spans(text: str) -> list[Span]:
    """Every length of time in the text, in order."""
    found = []
    for m in _SPAN.finditer(text):
        if m[1].lower() in ("past", "last"):
            continue
        unit = _SHORT.get(m[2].lower(), m[2].lower())
        after = text[m.end() :]
        ago = bool(_AFTER_AGO.match(after))
        if after.lower().lstrip("- ").startswith(("old", "of age", "pregnant")):
            continue
        found.append(Span(_number(m[1]) * _DAYS[unit], ago, m.start(), m.end()))
    for m in _LAST.finditer(text):
        if not any(s.start <= m.start() < s.end for s in found):
            # Somewhere in the last year or month: at most that long ago, most likely half of it.
            found.append(Span(_DAYS[m[1].lower()], True, m.start(), m.end()))
    for word, days in _NEAR.items():
        at = text.lower().find(word)
        if at >= 0:
            found.append(Span(days, True, at, at + len(word)))
    return sorted(found, key=lambda s: s.start)


def _number(text: str) -> float:
    lowered = text.lower()
    return _WORDS[lowered] if lowered in _WORDS else float(lowered.replace(",", "."))
