"""Figures of a ranking: recall, reciprocal rank, discounted gain, and precision at each level of recall."""

from __future__ import annotations

import math

LEVELS = tuple(i / 10 for i in range(11))


def recall_at(relevant: list[bool], k: int, expected: int) -> float:
    """Relevant items among the first k, of as many as there can be."""
    return sum(relevant[:k]) / min(k, expected)


def reciprocal_rank(relevant: list[bool]) -> float:
    """1 over the rank of the first relevant item; 0 where there is none."""
    return next((1 / rank for rank, hit in enumerate(relevant, start=1) if hit), 0.0)


def discounted_gain(relevant: list[bool], k: int, expected: int) -> float:
    """nDCG of the first k."""
    gain = sum(1 / math.log2(rank + 1) for rank, hit in enumerate(relevant[:k], start=1) if hit)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(k, expected) + 1))


def precision_by_recall(relevant: list[bool], expected: int) -> list[float]:
    """Interpolated precision at recall 0, 0.1 … 1: the best one at that recall or above."""
    found, points = 0, []
    for rank, hit in enumerate(relevant, start=1):
        found += hit
        points.append((found / expected, found / rank))
    return [max((p for r, p in points if r >= level - 1e-9), default=0.0) for level in LEVELS]


def calibration(scored: list[tuple[float, bool]], bins: int = 10) -> list[tuple[float, float]]:
    """(mean score, share right) of equally many items each, by rising score; fewer bins where items are few."""
    ordered = sorted(scored)
    size = max(20, math.ceil(len(ordered) / bins))
    parts = [ordered[i : i + size] for i in range(0, len(ordered), size)]
    return [(round(sum(s for s, _ in p) / len(p), 6), round(sum(hit for _, hit in p) / len(p), 6)) for p in parts]


def abstention(scored: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    """(share answered, share of those right) when the least sure are left unanswered, from sure to all."""
    return [(round(n / len(scored), 6), round(right / n, 6)) for n, right in _from_sure(scored)]


def precision_recall(scored: list[tuple[float, bool]], expected: int) -> list[tuple[float, float]]:
    """(recall, precision) when the least sure are left out, from sure to all; `expected` are to be found."""
    return [(round(right / expected, 6), round(right / n, 6)) for n, right in _from_sure(scored)]


def _from_sure(scored: list[tuple[float, bool]], points: int = 50) -> list[tuple[int, int]]:
    """(how many of the surest, how many of them right), at about so many steps and at all of them.

    Items of one score come together: no order among them is the score's."""
    ordered = sorted(scored, key=lambda item: -item[0])
    steps, right, due = [], 0, 0.0
    for count, (score, hit) in enumerate(ordered, start=1):
        right += hit
        last = count == len(ordered)
        if last or (count >= due and ordered[count][0] != score):
            steps.append((count, right))
            due = count + len(ordered) / points
    return steps
