"""Hints: from the words of a query alone, in which place of a record its answer probably stands.

"is it blinded?" is about the masking, "could a smoker join?" about the exclusion criteria. Two simple classifiers, both
fitted to the phrasings of `asked.toml`, are multiplied: a softmax regression on the query's vector, which knows what
words mean but is drawn to the subject of the trial, and naive Bayes on its words, which ignores what it has never
seen. The regression's weights belong to one embedder: those for MiniLM are in `hints.npz`, made by
`benchmarks/retrieval_fit.py`. With another embedder the words decide alone.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from index.places import places
from index.terms import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORDS_WEIGHT = 0.3
"""Naive Bayes is overconfident, because words are not independent: beside the regression it counts this much."""

_SMOOTHING = 0.3
_SLOT = re.compile(r"\{(\w)\}")


class Asked(NamedTuple):
    """The phrasings by the id of the place they are about, and what their {slots} may hold."""

    phrasings: Mapping[str, list[str]]
    slots: Mapping[str, list[str]]


@cache
def asked() -> Asked:
    """The table of phrasings."""
    table = tomllib.loads(files("index").joinpath("asked.toml").read_text(encoding="utf-8"))
    return Asked(table["asked"], table["slots"])


def hints(query: str, vector: NDArray[np.float32] | None, weights: NDArray[np.float32] | None) -> dict[str, float]:
    """The probability of each place, by id. `weights` are the regression's (see `shipped`), if there are any."""
    logs = _by_words(query)
    if vector is not None and weights is not None:
        by_meaning = (vector @ weights[:-1] + weights[-1]).tolist()
        logs = [_WORDS_WEIGHT * a + b for a, b in zip(logs, by_meaning, strict=True)]
    highest = max(logs)
    powers = [math.exp(x - highest) for x in logs]
    total = sum(powers)
    return {place.id: p / total for place, p in zip(places(), powers, strict=True)}


@cache
def shipped(fingerprint: str) -> NDArray[np.float32] | None:
    """The regression's weights for an embedder, (dimension + 1, places), the last row the bias; None for an unknown."""
    import numpy as np

    with files("index").joinpath("hints.npz").open("rb") as file:
        stored = np.load(file)
        known = str(stored["embedder"]) == fingerprint and stored["places"].tolist() == [p.id for p in places()]
        return stored["weights"].astype(np.float32) if known else None


def _by_words(query: str) -> list[float]:
    """Logarithm of the likelihood of the query's known words in each place, without a prior."""
    counts, vocabulary = _counts()
    words = [w for w in terms(query) if w in vocabulary]
    logs = []
    for place in places():
        mine = counts[place.id]
        total = mine.total() + _SMOOTHING * len(vocabulary)
        logs.append(sum(math.log((mine[w] + _SMOOTHING) / total) for w in words))
    return logs


@cache
def _counts() -> tuple[dict[str, Counter[str]], frozenset[str]]:
    counts = {
        place.id: Counter(w for phrasing in asked().phrasings[place.id] for w in terms(_SLOT.sub(" ", phrasing)))
        for place in places()
    }
    return counts, frozenset(w for words in counts.values() for w in words)
