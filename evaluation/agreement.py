"""How far two people's labels of the same trials agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from evaluation.compare import normalised, same, shared
from evaluation.fields import Field, fields
from evaluation.gold import GoldTrial
from extract.source import LineRange
from trialcite.errors import UsageError


@dataclass(frozen=True, slots=True)
class Agreed:
    """One figure; None where nothing could be compared, or where chance alone explains everything."""

    group: str
    name: str
    n: int
    value: float | None


def agreement(first: Mapping[str, GoldTrial], second: Mapping[str, GoldTrial]) -> list[Agreed]:
    """Figures over all fields, then those of each enumerated field, then the fields' own agreement.

    Raises UsageError where the two have no trial in common."""
    trials = sorted(first.keys() & second.keys())
    if not trials:
        raise UsageError("the two have no trial in common")
    pairs = [
        (field, first[t], second[t])
        for t in trials
        for field in fields().values()
        if field.name in first[t].values and field.name in second[t].values
    ]
    stated = [(_value(f, a) is not None, _value(f, b) is not None) for f, a, b in pairs]
    found = [Agreed("ALL", "stated, kappa", len(stated), kappa(stated)), _values("ALL", pairs), _lines(pairs)]
    for field in fields().values():
        own = [p for p in pairs if p[0] is field]
        if field.kind == "enum" and not field.is_list:
            chosen = [(str(_value(f, a)), str(_value(f, b))) for f, a, b in own]
            found.append(Agreed(field.name, "kappa", len(own), kappa(chosen)))
        found.append(_values(field.name, own))
    return [f for f in found if f.n]


def kappa(pairs: list[tuple[Hashable, Hashable]] | list[tuple[bool, bool]] | list[tuple[str, str]]) -> float | None:
    """Cohen's kappa: agreement beyond what the two's own shares would give by chance.

    None without items, or where both use one and the same category throughout."""
    n = len(pairs)
    if not n:
        return None
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[c] * right[c] for c in left) / n**2
    if chance == 1:
        return None
    return (sum(a == b for a, b in pairs) / n - chance) / (1 - chance)


_Pair = tuple[Field, GoldTrial, GoldTrial]


def _value(field: Field, gold: GoldTrial) -> object:
    return normalised(gold.values[field.name])


def _values(group: str, pairs: list[_Pair]) -> Agreed:
    """F1 of the values: it is the same whoever is taken for the gold."""
    common = total = 0
    for field, a, b in pairs:
        left, right = _value(field, a), _value(field, b)
        if isinstance(left, list) or isinstance(right, list):
            lists = [v if isinstance(v, list) else [] for v in (left, right)]
            common += 2 * shared(field.kind, *lists)
            total += sum(map(len, lists))
        else:
            common += 2 * (left is not None and same(field, left, right))
            total += (left is not None) + (right is not None)
    return Agreed(group, "values, F1", total, common / total if total else None)


def _lines(pairs: list[_Pair]) -> Agreed:
    common = total = 0
    for field, a, b in pairs:
        left, right = _numbers(a.lines.get(field.name, [])), _numbers(b.lines.get(field.name, []))
        if left and right:
            common += 2 * len(left & right)
            total += len(left) + len(right)
    return Agreed("ALL", "lines, F1", total, common / total if total else None)


def _numbers(ranges: list[LineRange]) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}
