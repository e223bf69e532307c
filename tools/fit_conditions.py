"""Fit the weights of extract/rules/conditions.toml on registry records, and say how well they carry over to others.

    python tools/fit_conditions.py STUDIES.jsonl.gz > weights.toml

STUDIES holds CT.gov v2 studies, one a line. The weights maximise the likelihood of the registered conditions among all
ways to cut their line (a semi-Markov conditional random field, AdaGrad, a Gaussian prior); the accuracy printed first
is that of five-fold cross-validation. Put the [weights] table in place of the one in conditions.toml.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from extract.evidence import fold
from extract.rules.conditions import MOST_CUTS_IN_A_NAME, Lattice, Record

Weights = np.ndarray
EPOCHS, BATCH, STEP, PRIOR, FOLDS, SEED = 25, 32, 0.3, 1.5, 5, 5
LEAST = 0.05
"""Weights nearer to zero are left out."""


@dataclass
class Example:
    """A line of conditions: the features of each name that could be cut from it, and the names that are right."""

    ends: int
    names: dict[tuple[int, int], Weights]
    right: list[tuple[int, int]] | None


def examples(path: str, ids: dict[str, int]) -> Iterator[Example]:
    """Every study's line of conditions; `ids` collects the features."""
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            section = json.loads(row)["protocolSection"]
            conditions = [fold(c) for c in section.get("conditionsModule", {}).get("conditions", [])]
            if not conditions:
                continue
            description = section.get("descriptionModule", {})
            texts = [description.get("briefSummary"), description.get("detailedDescription")]
            texts.append(section.get("eligibilityModule", {}).get("eligibilityCriteria"))
            record = Record(section["identificationModule"]["briefTitle"], "\n".join(t for t in texts if t))
            yield example(Lattice(" ".join(conditions), record), conditions, ids)


def example(lattice: Lattice, conditions: Sequence[str], ids: dict[str, int]) -> Example:
    """The example of one line."""
    ends = len(lattice.cuts)
    names = {
        (a, b): np.array([ids.setdefault(f, len(ids)) for f in lattice.features(a, b)])
        for a in range(ends - 1)
        for b in range(a + 1, min(ends, a + 1 + MOST_CUTS_IN_A_NAME))
    }
    at, word = [0], 0
    for condition in conditions:
        word += len(condition.split(" "))
        at.append(lattice.cuts.index(word) if word in lattice.cuts else -1)
    right = list(pairwise(at))
    return Example(ends, names, right if all(name in names for name in right) else None)


def best(x: Example, w: Weights) -> list[tuple[int, int]]:
    """The likeliest way to cut the line."""
    score, before = [0.0] + [-math.inf] * (x.ends - 1), [0] * x.ends
    for (a, b), features in sorted(x.names.items()):
        if (s := score[a] + w[features].sum()) > score[b]:
            score[b], before[b] = s, a
    path = [x.ends - 1]
    while path[-1]:
        path.append(before[path[-1]])
    return list(pairwise(reversed(path)))


def add_gradient(x: Example, w: Weights, gradient: Weights) -> None:
    """Add the gradient of the log-likelihood of the right names: their features less those expected."""
    score = {name: float(w[features].sum()) for name, features in x.names.items()}
    ahead, behind = [-math.inf] * x.ends, [-math.inf] * x.ends
    ahead[0] = behind[-1] = 0.0
    for a, b in sorted(score, key=lambda name: name[1]):
        ahead[b] = np.logaddexp(ahead[b], ahead[a] + score[a, b])
    for a, b in sorted(score, reverse=True):
        behind[a] = np.logaddexp(behind[a], behind[b] + score[a, b])
    for (a, b), features in x.names.items():
        np.subtract.at(gradient, features, math.exp(ahead[a] + score[a, b] + behind[b] - ahead[-1]))
    for name in x.right or ():
        np.add.at(gradient, x.names[name], 1.0)


def fit(data: Sequence[Example], features: int) -> Weights:
    """The weights of the features."""
    w, squares, order = np.zeros(features), np.full(features, 1e-3), random.Random(SEED)
    usable = [x for x in data if x.right and len(x.names) > 1]
    for _ in range(EPOCHS):
        order.shuffle(usable)
        for start in range(0, len(usable), BATCH):
            batch = usable[start : start + BATCH]
            gradient = -PRIOR * w * len(batch) / len(usable)
            for x in batch:
                add_gradient(x, w, gradient)
            squares += gradient**2
            w += STEP * gradient / np.sqrt(squares)
    return w


def main(path: str) -> None:
    """Cross-validate, fit on all, print."""
    ids: dict[str, int] = {}
    data = list(examples(path, ids))
    random.Random(SEED).shuffle(data)
    right = 0
    for fold_at in range(FOLDS):
        held = data[fold_at::FOLDS]
        w = fit([x for k, x in enumerate(data) if k % FOLDS != fold_at], len(ids))
        right += sum(best(x, w) == x.right for x in held)
    print(f"# {len(data)} records, {right / len(data):.3f} of them exactly right under five-fold cross-validation.")
    print("[weights]")
    w = fit(data, len(ids))
    for feature in sorted(ids):
        if abs(w[ids[feature]]) >= LEAST:
            print(f'"{feature}" = {w[ids[feature]]:.2f}')


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(f"usage: python {sys.argv[0]} STUDIES.jsonl.gz")
    main(sys.argv[1])
