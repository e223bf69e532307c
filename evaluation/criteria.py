"""The criteria task: constraints against annotated comparisons.

| measure                | of what                                                                |
|------------------------|------------------------------------------------------------------------|
| precision, recall, F1  | bounds: side, value, and whether the value is itself within            |
| variable, unit         | of the right bounds, those with the right measure and unit             |
| sentence               | sentences all of whose bounds are right and that have no others        |
| value, linked          | annotated values found; those found whose constraint names the entity  |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evaluation.bounds import Bound, has_unit, names_it, numbers, of_constraint
from evaluation.criteria_gold import CriteriaGold, GoldLine
from evaluation.files import read_rows, validated
from evaluation.report import ALL, Miss, MissKind, System
from evaluation.scored import Scored, Tallies
from trialcite.errors import MalformedRecord


class PredictedCriterion(BaseModel):
    """A row of `trialcite criteria`. Its key is doc and line where it has both, else its id, else its text."""

    model_config = ConfigDict(extra="ignore")

    doc: str | None = None
    line: int | None = None
    id: str | None = None
    text: str = ""
    constraints: list[dict[str, Any]]

    @property
    def key(self) -> str:
        """What a gold line is found by."""
        return f"{self.doc}:{self.line}" if self.doc is not None and self.line is not None else self.id or self.text


def read_criteria(path: Path) -> dict[str, PredictedCriterion]:
    """Predicted criteria by key; the same criterion may come again, but not with other constraints."""
    found: dict[str, PredictedCriterion] = {}
    for row in read_rows(path):
        criterion = validated(PredictedCriterion, row)
        if found.setdefault(criterion.key, criterion).constraints != criterion.constraints:
            raise MalformedRecord(f"{criterion.key} was given with other constraints before", where=row[0])
    return found


def score(gold: CriteriaGold, predictions: Mapping[str, PredictedCriterion], *, name: str) -> Scored:
    """Score constraints. A line without a prediction is counted as unscored."""
    scorer = _Scorer(name, gold)
    unscored, done = Counter(gold.unscored), 0
    for line in gold.lines.values():
        found = predictions.get(line.key) or predictions.get(line.text)
        if found is None:
            unscored["no prediction for the line"] += 1
            continue
        done += 1
        scorer.score(line, found.constraints)
    return Scored(
        scorer.tallies,
        System(name=name, scored=done, unscored=dict(unscored)),
        headline=(ALL, "F1" if any(line.bounds for line in gold.lines.values()) else "value"),
        misses=scorer.misses,
    )


class _Scorer:
    def __init__(self, name: str, gold: CriteriaGold) -> None:
        self.name, self.gold = name, gold
        self.tallies = Tallies()
        self.misses: list[Miss] = []

    def score(self, line: GoldLine, constraints: list[dict[str, Any]]) -> None:
        """Count one criterion."""
        if line.links:
            self._links(line, constraints)
        elif not any(other.links for other in self.gold.lines.values()):
            self._bounds(line, constraints)

    def _bounds(self, line: GoldLine, constraints: list[dict[str, Any]]) -> None:
        predicted: Counter[Bound] = Counter()
        by_bound: dict[Bound, dict[str, Any]] = {}
        for constraint in constraints:
            for bound in of_constraint(constraint):
                free = constraint.get("kind") in self.gold.optional
                if not free or line.bounds[bound] > predicted[bound]:
                    predicted[bound] += 1
                    by_bound[bound] = constraint
        right = line.bounds & predicted
        missing = line.bounds - predicted
        spurious = {b: n for b, n in (predicted - line.bounds).items() if b.value not in line.ignored}
        hits, extra = right.total(), sum(spurious.values())
        self.tallies.add_found(ALL, line.trial, right=hits, predicted=hits + extra, expected=hits + missing.total())
        for bound in right:
            self._about(line, bound, by_bound[bound])
        for bound, owner in line.owners.items():
            for kind in dict.fromkeys(owner.types):
                self.tallies.add(kind, "recall", line.trial, right[bound] >= line.bounds[bound])
        if self.gold.whole:
            self.tallies.add(ALL, "sentence", line.trial, not missing and not spurious)
        if missing or spurious:
            self._miss(line, line.bounds, predicted, missing=bool(missing), spurious=bool(spurious))

    def _about(self, line: GoldLine, bound: Bound, constraint: Mapping[str, Any]) -> None:
        owner = line.owners[bound]
        self.tallies.add(ALL, "variable", line.trial, names_it(constraint, owner.name, age="Age" in owner.types))
        if owner.units:
            self.tallies.add(ALL, "unit", line.trial, has_unit(constraint, owner.units))

    def _links(self, line: GoldLine, constraints: list[dict[str, Any]]) -> None:
        for entity, value in line.links:
            wanted = set(numbers(value))
            those = [c for c in constraints if wanted & {b.value for b in of_constraint(c)}]
            self.tallies.add(ALL, "value", line.trial, bool(those))
            if those:
                self.tallies.add(ALL, "linked", line.trial, any(names_it(c, entity) for c in those))
            else:
                self._say(line, "missing", f"{entity}: {value}", None)

    def _miss(
        self, line: GoldLine, gold: Counter[Bound], predicted: Counter[Bound], *, missing: bool, spurious: bool
    ) -> None:
        kind: MissKind = "wrong" if missing and spurious else "missing" if missing else "spurious"
        self._say(line, kind, _shown(gold), _shown(predicted))

    def _say(self, line: GoldLine, kind: MissKind, gold: str | None, predicted: str | None) -> None:
        place = int(line.key.rpartition(":")[2]) if line.key.rpartition(":")[2].isdigit() else 0
        self.misses.append(
            Miss(
                system=self.name,
                trial=line.trial,
                group="bounds",
                kind=kind,
                gold=gold,
                predicted=predicted,
                source=[(place, line.text)],
            )
        )


_SIGNS = {("lower", True): "≥", ("lower", False): ">", ("upper", True): "≤", ("upper", False): "<"}


def _shown(bounds: Counter[Bound]) -> str | None:
    ordered = sorted(bounds.elements(), key=lambda b: (b.value, b.side))
    return ", ".join(f"{_SIGNS[b.side, b.inclusive]} {b.value:g}" for b in ordered) or None
