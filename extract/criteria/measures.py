"""The table of measures: what criteria put bounds on, under every name it goes by.

One row of `measures.csv` is one measure. A cell with several entries separates them by ";"; an alias may be a template
("(total|) protein", see extract.criteria.phrases.expand).

    id            snake_case, the `variable` of a constraint
    label         preferred name
    kind          measurement | score | age | count | duration
    loinc         LOINC code where one is certain, else empty
    ucum          default unit (UCUM); empty for a measure without unit
    units         further admitted units (UCUM), the commonest first
    lower, upper  plausible bounds in the default unit: outside them a value is a slip, however ill the patient
    molar_mass    g/mol, where mass and substance concentrations are both in use
    charge        equivalents a mole, where mEq are in use
    by_unit       the measure that is meant when the value has another kind of unit ("%=fev1_percent_predicted")
    grades        grades of an ordinal score, in order
    aliases       names in any case
    exact         abbreviations taken only as they are written here

`lookalikes.csv` lists phrases that hold an alias and are something else ("calcium channel blocker"); `tails.csv` the
words that go on a name without changing it ("level", "score").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple, cast, get_args

from extract.criteria.phrases import NORMAL, Phrases, Token, expand
from extract.criteria.tables import entries, rows
from extract.criteria.ucum import same_kind

Kind = Literal["measurement", "score", "age", "count", "duration"]
_TOKEN = re.compile(r"[a-z]+(?:'s(?![a-z]))?|\d+(?:[.,]\d+)*|[^\s\-'_\u00ad]")


class Plausible(NamedTuple):
    """Bounds in the measure's default unit, both included; None is no bound."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False)
class Measure:
    """One row of the table, which holds it once: two are the same only if they are one object."""

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
    by_unit: tuple[tuple[str, str], ...]
    grades: tuple[str, ...]
    aliases: tuple[str, ...]
    exact: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.id)


class Matcher:
    """Finds the measures that a text names.

    A name takes in what goes on it: tails ("creatinine level") and its own abbreviation in parentheses
    ("Karnofsky performance status (KPS) score").
    """

    def __init__(
        self, measures: Mapping[str, Measure], lookalikes: Iterable[str], tails: Mapping[str, Iterable[str]]
    ) -> None:
        self._tails = {kind: frozenset(map(NORMAL.__getitem__, words)) for kind, words in tails.items()}
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
        tokens, end = self._phrases.tokens(text), 0
        for at in range(len(tokens)):
            found = self._phrases.longest(text, tokens, at) if at >= end else None
            if found is None:
                continue
            count, measure = found
            end = at + count
            if measure:
                end = self._rest_of_name(text, tokens, end, measure)
                yield tokens[at].start, tokens[end - 1].end, measure

    def _rest_of_name(self, text: str, tokens: list[Token], at: int, measure: Measure) -> int:
        tails = self._tails.get(measure.kind, frozenset())
        while at < len(tokens):
            if tokens[at].word in tails:
                at += 1
                continue
            inner = self._phrases.longest(text, tokens, at + 1) if tokens[at].word in "([" else None
            closing = at + 1 + inner[0] if inner and inner[1] == measure else len(tokens)
            if closing >= len(tokens) or tokens[closing].word not in ")]":
                break
            at = closing + 1
        return at


@cache
def table() -> Mapping[str, Measure]:
    """Every measure by its id, in the order of the table."""
    return MappingProxyType({row["id"]: _measure(row) for row in rows("measures.csv")})


@cache
def matcher() -> Matcher:
    """The matcher over the whole table, made once."""
    lookalikes = (phrase for row in rows("lookalikes.csv") for phrase in expand(row["phrase"]))
    return Matcher(table(), lookalikes, {row["kind"]: entries(row["words"]) for row in rows("tails.csv")})


def in_unit(measure: Measure, ucum: str) -> Measure:
    """The measure that is meant when its value has this unit: FEV1 in % is FEV1 in % predicted."""
    for unit, other in measure.by_unit:
        if same_kind(unit, ucum):
            return table()[other]
    return measure


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
        by_unit=tuple((pair[0], pair[2]) for pair in (e.rpartition("=") for e in entries(row["by_unit"]))),
        grades=entries(row["grades"]),
        aliases=tuple(a for template in entries(row["aliases"]) for a in expand(template)),
        exact=entries(row["exact"]),
    )


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
