"""What a task hands on: sums by trial, curves and misses of one system; and how they become a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from evaluation.report import ALL, Comparison, Curve, Input, Measure, Miss, Report, System, Task
from evaluation.statistics import (
    DRAWS,
    Floats,
    Sums,
    as_sums,
    difference,
    holm,
    interval,
    p_value,
    sample_note,
    swaps,
    weights,
)

Key = tuple[str, str]
"""Group (a field, a kind of question) and name (accuracy, precision …) of a measure."""

MACRO, MICRO = "macro ", "micro "


@dataclass
class Tallies:
    """Numerator and denominator of every measure, by trial."""

    ratios: dict[Key, dict[str, tuple[float, float]]] = field(default_factory=lambda: defaultdict(dict))
    items: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, group: str, name: str, trial: str, got: float, of: float = 1, *, items: int = 1) -> None:
        """Count `got` of `of` for so many more items of a measure."""
        ratio = self.ratios[group, name]
        numerator, denominator = ratio.get(trial, (0.0, 0.0))
        ratio[trial] = (numerator + got, denominator + of)
        self.items[group, name] += items

    def add_found(self, group: str, trial: str, *, right: float, predicted: int, expected: int) -> None:
        """Count for precision, recall and F1: how many are right, were predicted, are in the gold."""
        if predicted:
            self.add(group, "precision", trial, right, predicted, items=predicted)
        if expected:
            self.add(group, "recall", trial, right, expected, items=expected)
        if predicted or expected:
            self.add(group, "F1", trial, 2 * right, predicted + expected, items=max(predicted, expected))


@dataclass
class Scored:
    """One system's results. `macro` are names whose mean over all groups is reported, `micro` those whose pool is;
    `headline` is the measure that `expected.toml` and readers look at first."""

    tallies: Tallies
    system: System
    headline: Key
    macro: tuple[str, ...] = ()
    micro: tuple[str, ...] = ()
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)

    def measured(self) -> list[Key]:
        """All measures: the overall ones first, then in the order they were first counted."""
        overall = [(ALL, MACRO + name) for name in self.macro] + [(ALL, MICRO + name) for name in self.micro]
        return list(dict.fromkeys([*overall, *sorted(self.tallies.ratios, key=lambda key: key[0] != ALL)]))

    def parts(self, key: Key) -> list[Key]:
        """The counted measures that a measure is made of: one, or those of all groups."""
        if key in self.tallies.ratios:
            return [key]
        name = key[1].removeprefix(MACRO).removeprefix(MICRO)
        return [k for k in self.tallies.ratios if k[1] == name]

    def sums(self, key: Key, trials: list[str]) -> Sums:
        """The measure's sums, each trial a column."""
        parts = self.parts(key)
        if key[0] == ALL and key[1].startswith(MICRO):
            every = as_sums([self.tallies.ratios[k] for k in parts], trials)
            return Sums(every.numerators.sum(axis=0)[None], every.denominators.sum(axis=0)[None])
        return as_sums([self.tallies.ratios[k] for k in parts], trials)

    def count(self, key: Key) -> int:
        """Over how many items the measure is."""
        return sum(self.tallies.items[k] for k in self.parts(key))

    def trials(self) -> set[str]:
        """Every trial that anything was counted in."""
        return {trial for ratio in self.tallies.ratios.values() for trial in ratio}


Pair = tuple[Scored, Scored]


def build(
    task: Task,
    systems: list[Scored],
    paired: Pair | None = None,
    *,
    inputs: Iterable[Input],
    seed: int = 0,
    draws: int = DRAWS,
) -> Report:
    """The report on the first system. `paired` are it and another one, both scored on what both have predicted.

    Same arguments, same report."""
    scored = systems[0]
    trials = sorted(scored.trials())
    drawn = weights(len(trials), draws=draws, seed=seed) if trials else None
    measures = [] if drawn is None else [_measure(scored, key, trials, drawn) for key in scored.measured()]
    if paired is not None:
        _compare(measures, paired, seed=seed, draws=draws)
    return Report(
        task=task,
        seed=seed,
        draws=draws,
        headline=scored.headline,
        inputs=list(inputs),
        systems=[s.system for s in systems],
        measures=measures,
        confusion={s.system.name: s.confusion for s in systems if s.confusion},
        curves=[curve for s in systems for curve in s.curves],
        misses=[miss for s in systems for miss in s.misses],
    )


def _measure(scored: Scored, key: Key, trials: list[str], drawn: Floats) -> Measure:
    sums = scored.sums(key, trials)
    found = interval(sums, drawn)
    measure = Measure(group=key[0], name=key[1], n=scored.count(key), trials=sums.trials, value=None)
    if found is not None:
        measure.value, measure.low, measure.high = (round(x, 6) for x in (found.value, found.low, found.high))
        measure.note = sample_note(sums, found)
    return measure


def _compare(measures: list[Measure], paired: Pair, *, seed: int, draws: int) -> None:
    """Give every measure that both systems have its comparison; p values are corrected over the groups of a name."""
    trials = sorted(paired[0].trials() | paired[1].trials())
    if not trials:
        return
    drawn = weights(len(trials), draws=draws, seed=seed)
    swapped = swaps(len(trials), draws=draws, seed=seed)
    by_name: dict[str, list[Comparison]] = defaultdict(list)
    for measure in measures:
        key = (measure.group, measure.name)
        if not all(system.parts(key) for system in paired):
            continue
        first, second = (system.sums(key, trials) for system in paired)
        found, own = difference(first, second, drawn), interval(second, drawn)
        if found is None or own is None:
            continue
        bounds = {"other": own.value, "other_low": own.low, "other_high": own.high}
        bounds |= {"difference": found.value, "low": found.low, "high": found.high}
        bounds["p"] = bounds["p_adjusted"] = p_value(first, second, swapped)
        measure.against = Comparison(**{name: round(value, 6) for name, value in bounds.items()})
        by_name[measure.name].append(measure.against)
    for comparisons in by_name.values():
        for comparison, adjusted in zip(comparisons, holm([c.p for c in comparisons]), strict=True):
            comparison.p_adjusted = round(adjusted, 6)
