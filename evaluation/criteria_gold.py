"""Gold for criteria, in the formats in which it is published.

| format    | a row is                                   | told by    | what it can score                         |
|-----------|--------------------------------------------|------------|-------------------------------------------|
| LCT       | an annotated comparison                    | `operator` | bounds, variables, units                  |
| Chia      | a value that belongs to an entity          | `entity`   | values found, and linked to their entity  |
| sentences | a sentence with all relations it states    | `expected` | bounds, variables, units, whole sentences |

LCT's lines, those without a comparison among them, are in a file beside it: …lines… for …numeric….
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluation.bounds import Bound, between, number
from evaluation.files import Row, read_rows, validated
from trialcite.errors import MalformedRecord

OPTIONAL_KINDS = ("duration", "window", "dose", "count")
"""LCT annotates these by other rules: such a prediction counts where it matches and costs nothing where it doesn't."""


@dataclass(frozen=True, slots=True)
class Owner:
    """What a bound is a bound of."""

    name: str
    types: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass
class GoldLine:
    """One criterion. `ignored` are values the gold annotates without an operator: neither right nor wrong."""

    key: str
    trial: str
    text: str
    bounds: Counter[Bound] = field(default_factory=Counter)
    owners: dict[Bound, Owner] = field(default_factory=dict)
    ignored: set[float | None] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class CriteriaGold:
    """All lines by key. `whole`: a line's relations are all there; `optional`: kinds that cost nothing when wrong."""

    lines: dict[str, GoldLine]
    whole: bool = False
    optional: tuple[str, ...] = ()
    unscored: Counter[str] = field(default_factory=Counter)
    files: list[Path] = field(default_factory=list)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Line(_Strict):
    doc: str
    line: int
    text: str


class _Owned(_Strict):
    type: str = Field(pattern=r"^[\w -]{1,40}$")
    role: str
    name: list[str | None]


class _Comparison(_Strict):
    doc: str
    line: int
    criterion: str
    operator: list[str | None]
    values: list[str | None]
    unit: list[str | None] = []
    temporal_unit: list[str | None] = []
    owner: list[_Owned]


class _Link(_Strict):
    doc: str
    line: int
    criterion: str
    entity: str
    value: str
    has_digit: bool


class _End(_Strict):
    incl: bool
    value: str


class _Relation(_Strict):
    name: str
    unit: str | None = None
    lower: _End | None = None
    upper: _End | None = None
    value: list[str] | None = None


class _Sentence(_Strict):
    id: str
    input: str
    expected: list[_Relation]


def read_criteria_gold(path: Path) -> CriteriaGold:
    """Gold criteria, in any of the formats. Raises MalformedRecord naming the row that is in none."""
    rows = list(read_rows(path))
    first = rows[0][1] if rows else {}
    for sign, reader in _READERS.items():
        if sign in first:
            gold = reader(path, rows)
            gold.files.insert(0, path)
            return gold
    raise MalformedRecord(
        "is no gold for criteria",
        where=str(path),
        hint="rows have operator (LCT), entity (Chia) or expected (sentences)",
    )


def _key(doc: str, line: int) -> str:
    return f"{doc}:{line}"


def _lct(path: Path, rows: list[Row]) -> CriteriaGold:
    beside = path.with_name(path.name.replace("numeric", "lines"))
    gold = CriteriaGold({}, optional=OPTIONAL_KINDS)
    if beside != path and beside.exists():
        gold.files.append(beside)
        for row in read_rows(beside):
            line = validated(_Line, row)
            gold.lines[_key(line.doc, line.line)] = GoldLine(_key(line.doc, line.line), line.doc, line.text)
    for row in rows:
        comparison = validated(_Comparison, row)
        key = _key(comparison.doc, comparison.line)
        line_ = gold.lines.setdefault(key, GoldLine(key, comparison.doc, comparison.criterion))
        if not any(o.role == "Numeric-Filter" for o in comparison.owner):
            gold.unscored["comparisons that filter no number"] += 1
            continue
        found = _lct_bounds(comparison)
        if found is None:
            gold.unscored["comparisons without a plain operator"] += 1
            line_.ignored |= {number(v) for v in comparison.values}
            continue
        names = " ".join(n for o in comparison.owner for n in o.name if n)
        units = tuple(u for u in comparison.unit + comparison.temporal_unit if u)
        for bound in found:
            line_.bounds[bound] += 1
            line_.owners[bound] = Owner(names, tuple(o.type for o in comparison.owner), units)
    return gold


_LOWER, _UPPER = {"GT": False, "GTEQ": True}, {"LT": False, "LTEQ": True}


def _lct_bounds(comparison: _Comparison) -> list[Bound] | None:
    """The bounds, or None where operators and values do not make any."""
    operators = [o for o in comparison.operator if o]
    values = [v for v in map(number, comparison.values) if v is not None]
    if not operators or len(values) < len(comparison.values):
        return None
    if operators[0] == "BETWEEN":
        return between(min(values), max(values)) if len(values) == 2 else None
    if len(operators) != len(values):
        return None
    found: list[Bound] = []
    for operator, value in zip(operators, values, strict=True):
        if operator in _LOWER:
            found.append(Bound("lower", _LOWER[operator], value))
        elif operator in _UPPER:
            found.append(Bound("upper", _UPPER[operator], value))
        elif operator == "EQ":
            found += between(value, value)
        else:
            return None
    return found


def _chia(path: Path, rows: list[Row]) -> CriteriaGold:
    del path
    gold = CriteriaGold({})
    for row in rows:
        link = validated(_Link, row)
        key = _key(link.doc, link.line)
        line = gold.lines.setdefault(key, GoldLine(key, link.doc.split("_")[0], link.criterion))
        if link.has_digit:
            line.links.append((link.entity, link.value))
        else:
            gold.unscored["values without a digit"] += 1
    return gold


def _sentences(path: Path, rows: list[Row]) -> CriteriaGold:
    del path
    gold = CriteriaGold({}, whole=True)
    for row in rows:
        sentence = validated(_Sentence, row)
        if sentence.id in gold.lines:
            raise MalformedRecord(f"{sentence.id} comes twice", where=row[0])
        line = GoldLine(sentence.id, sentence.id, sentence.input)
        for relation in sentence.expected:
            for bound in _relation_bounds(relation):
                line.bounds[bound] += 1
                line.owners[bound] = Owner(relation.name, units=(relation.unit,) if relation.unit else ())
        gold.lines[sentence.id] = line
    return gold


def _relation_bounds(relation: _Relation) -> Iterable[Bound]:
    if relation.value:
        grades = [g for g in map(number, relation.value) if g is not None]
        return between(min(grades), max(grades)) if grades else []
    ends: tuple[tuple[Literal["lower", "upper"], _End | None], ...] = (
        ("lower", relation.lower),
        ("upper", relation.upper),
    )
    return [Bound(side, end.incl, float(end.value)) for side, end in ends if end]


_READERS: dict[str, Callable[[Path, list[Row]], CriteriaGold]] = {
    "operator": _lct,
    "entity": _chia,
    "expected": _sentences,
}


def as_rows(gold: CriteriaGold) -> list[dict[str, Any]]:
    """The lines as rows that `trialcite criteria` takes."""
    return [{"id": line.key, "text": line.text} for line in gold.lines.values()]
