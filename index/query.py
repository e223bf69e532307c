"""A query as the concepts it asks for: its terms, widened by other names of the same thing.

Names come from `variants.toml` and from the record itself, which abbreviates ("time in range (TIR)"; the method is
that of Schwartz & Hearst 2003, Pac Symp Biocomput 451-462).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from index.terms import terms

Run = tuple[str, ...]
"""Terms that stand together, as those of a name."""

_SHORT = re.compile(r"\(([A-Za-z][A-Za-z0-9&/+\-]{1,9})\)")
_MOST_WORDS = 12


class Concept(NamedTuple):
    """Runs of terms that mean the same; the first is what the query says."""

    runs: tuple[Run, ...]


def concepts(query: str, abbreviations: Mapping[str, str] | None = None) -> list[Concept]:
    """What a query asks for, each once. `abbreviations` are those of the record (see `abbreviations_in`)."""
    own = _by_first_term([tuple(names) for names in (abbreviations or {}).items()])
    found: dict[Concept, None] = {}
    words = terms(query)
    at = 0
    while at < len(words):
        run, others = _longest(words, at, own, _named())
        found[Concept((run, *(o for o in others if o != run)))] = None
        at += len(run)
    return list(found)


def abbreviations_in(texts: Iterable[str]) -> dict[str, str]:
    """What a record abbreviates: the short form and the words before its parentheses that it stands for."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _SHORT.finditer(text):
            short = match[1]
            if short not in found and (long := _long_form(short, text[max(0, match.start() - 200) : match.start()])):
                found[short] = long
    return found


def _long_form(short: str, before: str) -> str | None:
    """The shortest run of words at the end of `before` that has the letters of `short` in order."""
    words = before.split()[-min(_MOST_WORDS, len(short) * 2, len(short) + 5) :]
    text = " ".join(words)
    at = len(text)
    for position in range(len(short) - 1, -1, -1):
        letter = short[position].lower()
        if not letter.isalnum():
            continue
        at = text.lower().rfind(letter, 0, at)
        while position == 0 and at > 0 and text[at - 1].isalnum():
            at = text.lower().rfind(letter, 0, at)
        if at < 0:
            return None
    long = text[at:]
    return long if len(long) > len(short) and short.lower() not in long.lower().split() else None


_Names = Mapping[str, list[tuple[Run, tuple[Run, ...]]]]
"""By first term: a name, and all names of the same thing."""


def _longest(words: list[str], at: int, *tables: _Names) -> tuple[Run, tuple[Run, ...]]:
    """The longest name that stands there, with its other names; else the term alone."""
    best: Run = (words[at],)
    others: tuple[Run, ...] = ()
    for table in tables:
        for name, same in table.get(words[at], ()):
            if tuple(words[at : at + len(name)]) == name and (len(name) > len(best) or not others):
                best, others = name, same
    return best, others


@cache
def _named() -> _Names:
    table = tomllib.loads(files("index").joinpath("variants.toml").read_text(encoding="utf-8"))
    return _by_first_term([tuple(row) for row in table["same"]])


def _by_first_term(rows: Iterable[tuple[str, ...]]) -> _Names:
    found: dict[str, list[tuple[Run, tuple[Run, ...]]]] = {}
    for row in rows:
        same = tuple(dict.fromkeys(run for name in row if (run := tuple(terms(name)))))
        for run in same:
            found.setdefault(run[0], []).append((run, same))
    return found
