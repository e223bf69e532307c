"""How certain a figure is: a seeded bootstrap over trials, and paired comparison of two systems.

Every figure is a ratio of sums (or the mean of several), with a numerator and a denominator for each trial. Items of
one trial resemble each other, so whole trials are drawn, never single items: an interval that took 48,000 values of
1,400 records for independent would be far too narrow.

- Intervals are BCa (bias-corrected and accelerated; Efron 1987), which follow the skew of shares near 0 and 1, with
  Hesterberg's (2015) correction for few trials, without which they are a little too narrow.
- A share of exactly 0 or 1 gives every draw the same value. Its interval is the exact binomial one over trials then
  (Clopper and Pearson), so that 20 right out of 20 is not taken for certainty.
- Two systems are drawn on the same trials. The p value is that of the paired randomisation test: how often a
  difference as large comes about when each trial's two results are swapped at random.
- Holm's method corrects the p values of all fields together.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
DRAWS = 2_000
_TAIL = (1 - LEVEL) / 2
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Numerators and denominators, shape (ratios, trials). The figure is the mean of the ratios that have items."""

    numerators: Floats
    denominators: Floats

    @property
    def trials(self) -> int:
        """In how many trials there are items."""
        return int((self.denominators.sum(axis=0) > 0).sum())

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sums)
            and np.array_equal(self.numerators, other.numerators)
            and np.array_equal(self.denominators, other.denominators)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays may change

    def value(self) -> float:
        """The figure; NaN where there are no items."""
        return float(_mean_ratio(self.numerators.sum(axis=1), self.denominators.sum(axis=1)))

    def drawn(self, weights: Floats) -> Floats:
        """The figure for each row of `weights` (draws, trials)."""
        return _mean_ratio(*_products(weights, self.numerators, self.denominators))

    def without_each(self) -> Floats:
        """The figure without each trial in turn (the jackknife)."""
        totals = self.numerators.sum(axis=1, keepdims=True), self.denominators.sum(axis=1, keepdims=True)
        return _mean_ratio(totals[0] - self.numerators, totals[1] - self.denominators)


def _mean_ratio(numerators: Floats, denominators: Floats) -> Floats:
    """Mean over the first axis of the ratios with a positive denominator; NaN where none has one."""
    has_items = denominators > 0
    ratios = np.divide(numerators, denominators, out=np.zeros_like(numerators, dtype=float), where=has_items)
    count = has_items.sum(axis=0)
    mean = np.divide(ratios.sum(axis=0), count, out=np.full(np.shape(count), np.nan), where=count > 0)
    return np.asarray(mean, dtype=float)


def _products(factors: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """`factors` (draws, trials) times both (ratios, trials), each (ratios, draws): one pass over the large matrix."""
    product = (factors @ np.vstack([first, second]).T).T
    return product[: len(first)], product[len(first) :]


def weights(trials: int, *, draws: int = DRAWS, seed: int = 0) -> Floats:
    """How often each trial is in each draw with replacement, shape (draws, trials)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    share = np.full(trials, 1 / trials)
    return generator.multinomial(trials, share, size=draws).astype(float)


def interval(sums: Sums, drawn_trials: Floats) -> Interval | None:
    """The figure with its interval, or None where there are no items."""
    value = sums.value()
    if np.isnan(value):
        return None
    if value in (0.0, 1.0):
        reach = 1 - _TAIL ** (1 / sums.trials)
        return Interval(value, max(0.0, value - reach), min(1.0, value + reach))
    draws = sums.drawn(drawn_trials)
    if sums.trials == 1:
        return Interval(value, 0.0, 1.0)
    return Interval(value, *_bca(value, draws[~np.isnan(draws)], sums.without_each(), sums.trials))


def difference(first: Sums, second: Sums, drawn_trials: Floats) -> Interval | None:
    """First less second on the same trials, with its interval; None where either has no items."""
    value = first.value() - second.value()
    if np.isnan(value):
        return None
    if first == second:
        return Interval(0.0, 0.0, 0.0)
    draws = first.drawn(drawn_trials) - second.drawn(drawn_trials)
    left_out = first.without_each() - second.without_each()
    trials = min(first.trials, second.trials)
    if trials == 1:
        return Interval(value, -1.0, 1.0)
    return Interval(value, *_bca(value, draws[~np.isnan(draws)], left_out, trials))


def _reach(trials: int) -> float:
    """How many standard errors the interval reaches: the t quantile, and not the normal one, over few trials.

    Draws with replacement also spread a little less than the figure itself does, by (n - 1) / n. The quantile is its
    expansion in 1 / (n - 1) (Fisher and Cornish 1960): within 0.02 from seven trials on.
    """
    z, freedom = _NORMAL.inv_cdf(1 - _TAIL), trials - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return float(t * np.sqrt(trials / freedom))


def _bca(value: float, draws: Floats, left_out: Floats, trials: int) -> tuple[float, float]:
    """Bounds of the BCa interval, from the draws and the jackknife values."""
    if draws.size == 0 or np.ptp(draws) == 0:
        return value, value
    below = ((draws < value).mean() + (draws <= value).mean()) / 2
    edge = 1 / (2 * draws.size)
    bias = _NORMAL.inv_cdf(float(np.clip(below, edge, 1 - edge)))
    left_out = left_out[~np.isnan(left_out)]
    deviations = left_out.mean() - left_out
    spread = (deviations**2).sum() ** 1.5
    acceleration = (deviations**3).sum() / (6 * spread) if spread > 0 else 0.0

    def corrected(reach: float) -> float:
        z = bias + reach
        return _NORMAL.cdf(bias + z / (1 - acceleration * z))

    reach = _reach(trials)
    low, high = np.quantile(draws, [corrected(-reach), corrected(reach)])
    return float(low), float(high)


def swaps(trials: int, *, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Whether each trial's two results change places (1) in each draw, shape (draws, trials)."""
    generator = np.random.Generator(np.random.PCG64(seed + 1))  # another stream than the bootstrap's
    return generator.integers(0, 2, size=(draws, trials)).astype(float)


def p_value(first: Sums, second: Sums, swapped_trials: Floats) -> float:
    """Two-sided p of the paired randomisation test; never below 1 / (draws + 1)."""
    if first == second:
        return 1.0

    gained, added = _products(
        swapped_trials, second.numerators - first.numerators, second.denominators - first.denominators
    )

    def figure(system: Sums, sign: int) -> Floats:
        numerators = system.numerators.sum(axis=1, keepdims=True) + sign * gained
        return _mean_ratio(numerators, system.denominators.sum(axis=1, keepdims=True) + sign * added)

    differences = figure(first, 1) - figure(second, -1)
    observed = abs(first.value() - second.value())
    as_large = (np.abs(differences) >= observed - 1e-12).sum()
    return float((as_large + 1) / (len(swapped_trials) + 1))


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjusted p values, in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted: list[float] = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


ENOUGH_TRIALS = 30
"""Below this the bootstrap itself is rough: its intervals cover less than they say."""


def sample_note(sums: Sums, found: Interval, *, wanted: float = 0.02) -> str | None:
    """What to say of a figure on too few trials; None where the interval is at most `wanted` to either side."""
    half = (found.high - found.low) / 2
    if sums.trials < ENOUGH_TRIALS:
        return f"{sums.trials} trials: too few for a sure interval"
    if half > 2 * wanted:
        needed = int(np.ceil(sums.trials * (half / wanted) ** 2))
        return f"for ±{wanted:.0%} about {needed:,} trials are needed"
    return None


def as_sums(pairs: list[dict[str, tuple[float, float]]], trials: list[str]) -> Sums:
    """Sums of several ratios from their (numerator, denominator) by trial."""
    table: NDArray[Any] = np.array([[ratio.get(t, (0.0, 0.0)) for t in trials] for ratio in pairs], dtype=float)
    return Sums(table[:, :, 0], table[:, :, 1])
