"""Lines that speak to a model instead of about a trial. They are data all the same, but nothing a model says stands on
them: see hostile.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from extract.evidence import fold
from extract.model.texts import visible
from extract.source import Source

_LONGEST_SCANNED = 20_000
"""A sentence that steers is short. Longer lines are scanned in stretches of this length."""

_SMUGGLED = "smuggled"
_JOINED = 200
_ENDS = (".", "!", "?", ";", "}", "]", ">", '"')


@dataclass(frozen=True, slots=True)
class Sign:
    """One kind of such lines."""

    name: str
    why: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def signs() -> tuple[Sign, ...]:
    """Every kind, in the order of the file."""
    rows = tomllib.loads(Path(__file__).with_name("hostile.toml").read_text(encoding="utf-8"))
    return tuple(
        Sign(name, row["why"], _compiled(row["pattern"]), _compiled(row["unless"]) if "unless" in row else None)
        for name, row in rows.items()
    )


def hostile_lines(source: Source) -> dict[int, Sign]:
    """The lines that speak to a model, and how. A sentence may run on: two lines are also read as one, and a line that
    ends in the middle of a sentence takes the next one with it."""
    found: dict[int, Sign] = {}
    filled = [n for n, line in enumerate(source.lines, start=1) if line.strip()]
    for number, after in zip(filled, [*filled[1:], None], strict=True):
        line = source.line(number)
        sign = sign_of(line)
        if sign is not None:
            found[number] = sign
        if after is None or after > number + 2:
            continue
        if sign is not None and not line.rstrip().endswith(_ENDS):
            found.setdefault(after, sign)
        elif sign is None:
            both = sign_of(f"{line[-_JOINED:]} {source.line(after)[:_JOINED]}")
            if both is not None and sign_of(source.line(after)) is None:
                found[number] = found[after] = both
    return found


def sign_of(text: str) -> Sign | None:
    """What a text that speaks to a model does; None for any other."""
    for start in range(0, max(1, len(text)), _LONGEST_SCANNED):
        stretch = text[start : start + _LONGEST_SCANNED + 200]
        words = fold(visible(stretch))
        for sign in signs():
            read = stretch if sign.name == _SMUGGLED else words
            if sign.pattern.search(read) and not (sign.unless and sign.unless.search(read)):
                return sign
    return None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
