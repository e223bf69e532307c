"""When values count as the same, by the kind of their field; and which records stand for each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from evaluation.align import best_pairs
from evaluation.compare import likeness, normalised, same
from evaluation.fields import fields


@pytest.mark.parametrize(
    ("field", "gold", "predicted", "strict", "alike"),
    [
        ("startDate", "2021-09", "2021-09", True, 1),
        ("startDate", "2021-09", "2021-09-14", False, 1),
        ("startDate", "2021-09-14", "2021-09", False, 0),
        ("minimumAge", "18 Years", "18 years", False, 1),
        ("minimumAge", "2 Years", "24 Months", False, 1),
        ("minimumAge", "18 Years", "18 Months", False, 0),
        ("minimumAge", "N/A", "18 Years", False, 0),
        ("overallStatus", "NOT_YET_RECRUITING", "Not yet recruiting", False, 1),
        ("overallStatus", "RECRUITING", "COMPLETED", False, 0),
        ("enrollment", 60, 60.0, True, 1),
        ("enrollment", 60, "60", False, 1),
        ("enrollment", 60, 61, False, 0),
        ("enrollment", 60, "sixty", False, 0),
        ("healthyVolunteers", False, False, True, 1),
        ("healthyVolunteers", False, True, False, 0),
        ("briefTitle", "A  trial\nof X", "A trial of X", True, 1),
        ("briefTitle", "A trial of X", "a trial of X.", False, 1),
        ("briefSummary", "one two three four", "one two", False, 2 / 3),
        ("eligibilityCriteria", "Inclusion Criteria:\n\n* Adults", "Inclusion Criteria\n* Adults", True, 1),
        ("interventionNames", ["Drug: Aspirin"], ["Aspirin"], True, 1),
        ("countries", ["Spain", "France"], ["France", "Spain"], True, 1),
        ("conditions", ["Spain", "France"], ["France", "Spain"], False, 1),
        ("conditions", ["Asthma", "COPD"], ["Asthma"], False, 2 / 3),
        ("conditions", ["Asthma", "Asthma"], ["Asthma"], False, 2 / 3),
        ("leadSponsor", "*", "?", False, 0),
        ("leadSponsor", "X", None, False, 0),
    ],
)
def test_values_are_compared_by_kind(field: str, gold: Any, predicted: Any, strict: bool, alike: float) -> None:
    a, b = normalised(gold), normalised(predicted)
    assert same(fields()[field], a, b) is strict
    assert likeness(fields()[field], a, b) == pytest.approx(alike)


def test_an_empty_text_or_list_is_no_value() -> None:
    assert normalised(" \u00a0\n") is None
    assert normalised([]) is None


@pytest.mark.parametrize("seed", range(40))
def test_pairs_are_those_of_scipy(seed: int) -> None:
    generator = np.random.default_rng(seed)
    alike = generator.random(tuple(generator.integers(0, 9, 2))).round(1 + seed % 3)
    pairs = best_pairs(alike)
    best = alike[linear_sum_assignment(alike, maximize=True)].sum()
    assert sum(alike[pair] for pair in pairs) == pytest.approx(best)
    assert len(pairs) == min(alike.shape)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
