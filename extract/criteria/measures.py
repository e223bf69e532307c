"""The table of measures: what criteria put bounds on, under every name it goes by.

One row of `measures.csv` is one measure. A cell with several entries separates them by ";"; an alias may be a template
("(total|) protein", see extract.criteria.phrases.expand).

    id            snake_case, the `variable` of a constraint
    label         preferred name
    kind          measurement | score | age | count | duration
    loinc         LOINC code where one is certain, else empty
    ucum          default unit (UCUM); empty for a measure without unit
    units         further admitted units (UCUM)
    lower, upper  plausible bounds in the default unit: outside them a value is a slip, however ill the patient
    molar_mass    g/mol, where mass and substance concentrations are both in use
    charge        equivalents a mole, where mEq are in use
    grades        grades of an ordinal score, in order
    aliases       names in any case
    exact         abbreviations taken only as they are written here

`lookalikes.csv` lists phrases that hold an alias and are something else ("type 2 diabetes").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple, cast, get_args

from extract.criteria.phrases import Phrases, expand
from extract.criteria.tables import entries, rows

Kind = Literal["measurement", "score", "age", "count", "duration"]
_TOKEN = re.compile(r"[^\W\d_α-ω]+(?:'s(?![^\W_]))?|\d+(?:[.,]\d+)*|[^\s\-'_\u00ad]")


class Plausible(NamedTuple):
    """Bounds in the measure's default unit, both included; None is no bound."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Measure:
    """One row of the table."""

    id: str
    label: str
    kind: Kind
    loinc: str | None
    ucum: str | None
    units: tuple[str, ...]
    """Every admitted UCUM unit, the default first."""
    plausible: Plausible
    molar_mass: float | None
    charge: int | None
    grades: tuple[str, ...]
    aliases: tuple[str, ...]
    exact: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.id)


class Matcher:
    """Finds the measures that a text names."""

    def __init__(self, measures: Mapping[str, Measure], lookalikes: tuple[str, ...]) -> None:
        self._phrases: Phrases[Measure | Literal[False]] = Phrases(_TOKEN)
        for measure in measures.values():
            for alias in (measure.label, *measure.aliases):
                self._phrases.add(alias, measure)
            for alias in measure.exact:
                self._phrases.add(alias, measure, exact=True)
        for phrase in lookalikes:
            self._phrases.add(phrase, False)

    def finditer(self, text: str) -> Iterator[tuple[int, int, Measure]]:
        """(start, end, measure) of every name in the text, left to right, the longest at each place."""
        if not self._phrases.may_start(text):
            return
        tokens, at = self._phrases.tokens(text), 0
        while at < len(tokens):
            found = self._phrases.longest(text, tokens, at)
            if found is None:
                at += 1
                continue
            count, measure = found
            if measure:
                yield tokens[at].start, tokens[at + count - 1].end, measure
            at += count


@cache
def table() -> Mapping[str, Measure]:
    """Every measure by its id, in the order of the table."""
    return MappingProxyType({row["id"]: _measure(row) for row in rows("measures.csv")})


@cache
def matcher() -> Matcher:
    """The matcher over the whole table, made once."""
    phrases = (p for row in rows("lookalikes.csv") for p in expand(row["phrase"]))
    return Matcher(table(), tuple(phrases))


def _measure(row: Mapping[str, str]) -> Measure:
    if row["kind"] not in get_args(Kind):
        raise ValueError(f"{row['id']}: no kind {row['kind']!r}")
    default = row["ucum"] or None
    return Measure(
        id=row["id"],
        label=row["label"],
        kind=cast("Kind", row["kind"]),
        loinc=row["loinc"] or None,
        ucum=default,
        units=((default,) if default else ()) + entries(row["units"]),
        plausible=Plausible(_number(row["lower"]), _number(row["upper"])),
        molar_mass=_number(row["molar_mass"]),
        charge=int(row["charge"]) if row["charge"] else None,
        grades=entries(row["grades"]),
        aliases=tuple(a for template in entries(row["aliases"]) for a in expand(template)),
        exact=entries(row["exact"]),
    )


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
