"""Intervals and p values against scipy, by simulation, and to the byte."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.statistics import Sums, _reach, difference, holm, interval, p_value, sample_note, swaps, weights


def shares(right: list[float], of: list[float]) -> Sums:
    return Sums(np.array([right], dtype=float), np.array([of], dtype=float))


def clustered(generator: np.random.Generator, trials: int) -> Sums:
    """Trials of 1 to 9 items; each trial has its own share of right ones, 0.8 in the mean over items."""
    sizes = generator.integers(1, 10, trials)
    right = generator.binomial(sizes, generator.beta(8, 2, trials))
    return shares(list(right), list(sizes))


@pytest.mark.parametrize("trials", [30, 100])
def test_the_95_percent_interval_covers_the_truth_in_93_to_97_percent_of_1000_corpora(trials: int) -> None:
    generator = np.random.default_rng(11)
    drawn = weights(trials, draws=1000, seed=1)
    held = 0
    for _ in range(1000):
        found = interval(clustered(generator, trials), drawn)
        assert found is not None
        held += found.low <= 0.8 <= found.high
    assert 930 <= held <= 970


def test_the_interval_of_a_difference_covers_it_as_often() -> None:
    generator = np.random.default_rng(11)
    drawn = weights(100, draws=1000, seed=1)
    held = 0
    for _ in range(1000):
        sizes, share = generator.integers(1, 10, 100), generator.beta(8, 2, 100)
        first, second = (shares(list(generator.binomial(sizes, share * s)), list(sizes)) for s in (1, 0.9))
        found = difference(first, second, drawn)
        assert found is not None
        held += found.low <= 0.08 <= found.high
    assert 930 <= held <= 970


def test_an_interval_over_items_would_be_too_narrow_where_items_of_a_trial_resemble_each_other() -> None:
    sums = shares([9, 9, 0, 9, 9, 9, 0, 9] * 5, [9] * 40)
    found = interval(sums, weights(40))
    assert found is not None
    of_items = 2 * 1.96 * np.sqrt(0.75 * 0.25 / 360)
    assert found.high - found.low > 2 * of_items


def test_bounds_are_those_of_scipy() -> None:
    generator = np.random.default_rng(3)
    sums = clustered(generator, 120)
    data = (sums.numerators[0], sums.denominators[0])
    reference = stats.bootstrap(
        data,
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        method="BCa",
        n_resamples=4000,
        rng=np.random.default_rng(5),
    ).confidence_interval
    found = interval(sums, weights(120, draws=4000))
    assert found is not None
    assert found.low == pytest.approx(reference.low, abs=0.004)
    assert found.high == pytest.approx(reference.high, abs=0.004)
    assert found.high - found.low == pytest.approx(1.02 * (reference.high - reference.low), rel=0.02)


@pytest.mark.parametrize("trials", [7, 12, 30, 200])
def test_the_reach_is_that_of_t(trials: int) -> None:
    spread = np.sqrt(trials / (trials - 1))
    assert _reach(trials) / spread == pytest.approx(stats.t.ppf(0.975, trials - 1), abs=0.02)


@pytest.mark.parametrize("trials", [1, 5, 20, 300])
def test_all_right_is_no_certainty(trials: int) -> None:
    found = interval(shares([2] * trials, [2] * trials), weights(trials, draws=100))
    exact = stats.binomtest(trials, trials).proportion_ci(method="exact")
    assert found is not None
    assert found.low == pytest.approx(exact.low)
    assert found.high == 1


def test_of_one_trial_nothing_follows() -> None:
    one = shares([3, 0], [4, 0])
    found, ahead = interval(one, weights(2)), difference(one, shares([2, 0], [4, 0]), weights(2))
    assert found is not None
    assert ahead is not None
    assert (found.low, found.high, ahead.low, ahead.high) == (0, 1, -1, 1)


def test_a_figure_without_items_has_no_interval() -> None:
    assert interval(shares([0, 0], [0, 0]), weights(2, draws=10)) is None


def test_a_paired_difference_is_surer_than_two_figures_apart() -> None:
    generator = np.random.default_rng(2)
    second = clustered(generator, 200)
    gain = (generator.random(200) < 0.3) & (second.numerators[0] < second.denominators[0])
    first = Sums(second.numerators + gain, second.denominators)
    drawn = weights(200)
    both, alone = difference(first, second, drawn), interval(first, drawn)
    assert both is not None
    assert alone is not None
    assert both.low > 0
    assert both.high - both.low < alone.high - alone.low


def test_the_p_value_is_that_of_scipy() -> None:
    generator = np.random.default_rng(7)
    sizes = np.full(60, 4)
    first, second = (generator.binomial(sizes, share) for share in (0.8, 0.74))
    reference = stats.permutation_test(
        (first, second),
        lambda a, b, axis: (a.sum(axis=axis) - b.sum(axis=axis)) / 240,
        permutation_type="samples",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).pvalue
    p = p_value(shares(list(first), list(sizes)), shares(list(second), list(sizes)), swaps(60, draws=20_000))
    assert p == pytest.approx(reference, abs=0.015)


def test_p_values_of_equal_systems_are_as_often_below_a_tenth_as_they_should() -> None:
    generator = np.random.default_rng(9)
    swapped = swaps(50, draws=400)
    low = 0
    for _ in range(400):
        sizes = np.full(50, 5)
        a, b = (shares(list(generator.binomial(sizes, 0.7)), list(sizes)) for _ in range(2))
        low += p_value(a, b, swapped) <= 0.1
    assert 0.05 <= low / 400 <= 0.15


def test_a_system_is_no_better_than_itself() -> None:
    sums = clustered(np.random.default_rng(1), 30)
    assert difference(sums, sums, weights(30)) is not None
    assert p_value(sums, sums, swaps(30)) == 1


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_few_trials_are_said_and_how_many_would_do() -> None:
    few = shares([1, 0, 1], [1, 1, 1])
    many = shares([1, 0] * 50, [1] * 100)
    for sums, said in ((few, "3 trials"), (many, "about")):
        found = interval(sums, weights(sums.trials))
        assert found is not None
        assert said in (sample_note(sums, found) or "")


def test_the_same_seed_draws_the_same_trials() -> None:
    assert (weights(40, seed=4) == weights(40, seed=4)).all()
    assert not (weights(40, seed=4) == weights(40, seed=5)).all()
