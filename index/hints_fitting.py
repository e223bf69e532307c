"""Fitting the hints' softmax regression to the phrasings, for one embedder."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from index.hints import asked
from index.places import places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder

_FILLED_EACH = 6
"""How often a phrasing is filled, with other words each time: so the subject of a query learns not to matter."""

_SLOT = re.compile(r"\{(\w)\}")
_STEPS, _RATE, _DECAY = 400, 0.05, 1e-5


def fit(embedder: Embedder) -> NDArray[np.float32]:
    """The weights, (dimension + 1, places), the last row the bias. The same every time."""
    import numpy as np

    texts, labels = examples()
    vectors = embedder.embed(texts)
    inputs = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)]).astype(np.float64)
    target = np.eye(len(places()))[labels]
    # A place with many phrasings is not asked about that much more often: each counts as the root of their number.
    share = 1 / np.sqrt(target.sum(0))[labels]
    return _softmax_regression(inputs, target, share / share.sum()).astype(np.float32)


def examples() -> tuple[list[str], list[int]]:
    """Phrasings with their slots filled, and the number of the place that each is about."""
    rng = random.Random(0)  # noqa: S311 - reproducible, and no secret
    texts: list[str] = []
    labels: list[int] = []
    for number, place in enumerate(places()):
        for phrasing in asked().phrasings[place.id]:
            filled = dict.fromkeys(_fill(phrasing, rng) for _ in range(_FILLED_EACH))
            texts += filled
            labels += [number] * len(filled)
    return texts, labels


def _fill(phrasing: str, rng: random.Random) -> str:
    """Slots may hold slots, one level deep."""
    for _ in range(2):
        phrasing = _SLOT.sub(lambda m: rng.choice(asked().slots[m[1]]), phrasing)
    return phrasing


def _softmax_regression(
    inputs: NDArray[np.float64], target: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Minimum of the weighted cross-entropy with a little weight decay, by Adam (Kingma & Ba 2015, arXiv:1412.6980)."""
    import numpy as np

    weights = np.zeros((inputs.shape[1], target.shape[1]))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        scores = inputs @ weights
        scores = np.exp(scores - scores.max(1, keepdims=True))
        gradient = inputs.T @ ((scores / scores.sum(1, keepdims=True) - target) * share[:, None])
        gradient[:-1] += _DECAY * weights[:-1]
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights
