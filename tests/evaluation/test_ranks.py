"""Figures of rankings and curves, by hand."""

from __future__ import annotations

import pytest

from evaluation.ranks import (
    abstention,
    calibration,
    discounted_gain,
    precision_by_recall,
    precision_recall,
    recall_at,
    reciprocal_rank,
)

RANKING = [False, True, False, True]


def test_a_ranking() -> None:
    assert recall_at(RANKING, 2, 3) == 0.5
    assert recall_at(RANKING, 5, 3) == pytest.approx(2 / 3)
    assert reciprocal_rank(RANKING) == 0.5
    assert reciprocal_rank([False]) == 0
    assert discounted_gain([True, True], 10, 2) == 1
    assert precision_by_recall(RANKING, 2) == [0.5] * 11
    assert precision_by_recall([], 2) == [0] * 11


def test_curves_go_from_the_surest_to_all() -> None:
    scored = [(0.9, True), (0.2, False), (0.5, True), (0.4, False)]
    assert abstention(scored) == [(0.25, 1), (0.5, 1), (0.75, round(2 / 3, 6)), (1, 0.5)]
    assert precision_recall(scored, 4)[-1] == (0.5, 0.5)


def test_items_of_one_score_are_taken_together_whatever_their_order() -> None:
    tied = [(0.5, True), (0.5, False), (0.5, True), (0.1, False)]
    assert abstention(tied) == abstention(tied[::-1]) == [(0.75, round(2 / 3, 6)), (1, 0.5)]


def test_a_long_curve_has_few_points() -> None:
    scored = [(i / 10_000, i % 2 == 0) for i in range(10_000)]
    assert len(abstention(scored)) <= 52
    assert len(calibration(scored)) == 10


def test_bins_of_calibration_hold_equally_many() -> None:
    scored = [(0.1, False)] * 100 + [(0.9, True)] * 100
    points = calibration(scored)
    assert points == [(0.1, 0)] * 5 + [(0.9, 1)] * 5
