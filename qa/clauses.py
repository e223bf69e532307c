"""A criterion in clauses: what it asks, what it lets off, and what it expressly admits.

"Other cancers within 5 years, except treated basal cell carcinoma; controlled asthma is allowed"
    main      Other cancers within 5 years
    exception except treated basal cell carcinoma
    permission controlled asthma is allowed
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from extract.criteria.vocabulary import lexicon
from qa.facts import table

Role = Literal["main", "exception", "permission"]

_BREAK = re.compile(r"[;()]|(?<=[a-z\d)%])\.\s+(?=[A-Z])|:\s")


class Clause(NamedTuple):
    """`text[start:end]` of a criterion, and the part it plays there."""

    role: Role
    start: int
    end: int


def clauses(text: str) -> list[Clause]:
    """The clauses of a criterion, in order."""
    text = _bare(text)
    found: list[Clause] = []
    bounds = [0, *(m.start() for m in _BREAK.finditer(text)), len(text)]
    listing = False
    for a, b in pairwise(bounds):
        parts = _parts(text, a, b)
        if listing and not text[a:b].startswith("."):  # "with the following exceptions: (a) …; (b) …"
            parts = [Clause("exception", p.start, p.end) for p in parts]
        else:
            listing = False
        found += parts
        listing = listing or (bool(parts) and parts[-1].role == "exception" and text[b : b + 1] == ":")
    return found


def _parts(text: str, a: int, b: int) -> list[Clause]:
    if not text[a:b].strip(" ;().:"):
        return []
    exception = _exceptions().search(text, a, b)
    if exception:
        main = [Clause("main", a, exception.start())] if text[a : exception.start()].strip(" ;().:,") else []
        return [*main, Clause("exception", exception.start(), b)]
    return [Clause("permission" if _permissions().search(text, a, b) else "main", a, b)]


def denied_at(text: str, start: int, clause: Clause) -> bool:
    """Whether the criterion denies what stands at `start` ("no prior …", "inability to …")."""
    return bool(_absence().search(_bare(text), max(clause.start, start - _REACH), start))


_REACH = 48
"""How many characters before a word its denial may stand."""


@lru_cache(maxsize=1 << 10)
def _bare(text: str) -> str:
    """The text with blanks for what looks like a denial and is none ("including but not limited to")."""
    return _neutral().sub(lambda m: " " * len(m[0]), text)


@cache
def _neutral() -> re.Pattern[str]:
    return _words(lexicon()["words"]["word"])


@cache
def _exceptions() -> re.Pattern[str]:
    return _words(table()["exceptions"])


@cache
def _permissions() -> re.Pattern[str]:
    return _words(table()["permissions"])


@cache
def _absence() -> re.Pattern[str]:
    return re.compile(rf"(?:{_alternatives(table()['absence'])})\b[^,;.]*$|\bnon-$", re.IGNORECASE)


def _words(entries: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{_alternatives(entries)})\b", re.IGNORECASE)


def _alternatives(entries: Sequence[str]) -> str:
    return r"\b" + r"|\b".join(re.escape(e).replace(r"\ ", r"\s+") for e in sorted(entries, key=len, reverse=True))
