"""What a question is about: a field or a topic, told by the phrasings (qa/phrasing.py).

A linear classifier learned from the phrasings by ridge regression (each class against all others; Hastie, Tibshirani
and Friedman, The Elements of Statistical Learning, 4.2). A text's features are its words and concepts, each weighing
what it tells phrasings apart, beside its embedding; without an embedder, words alone. Learning takes a second and is
kept in the user's cache: the phrasings are the source, the weights are no part of the program.

A question has a few of the words. To look up their weights needs no numpy, whose import would be a sixth of all that a
new process does for such a question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from index.weights import cache, write_whole
from qa.phrasing import bank, terms_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder

MEANING = 0.7
"""The share of meaning beside words; this and the penalties give the best leave-one-out accuracy on the phrasings."""
_PENALTY = {True: 0.3, False: 1.0}
"""Of the regression, with and without meaning."""
_PLAIN, _AHEAD = 0.6, 0.3
"""From this score, and this far ahead of the next, words alone tell: "what phase is it?" needs no embedder, and so a
new process that answers it starts none."""
_FLOAT = 4
"""Bytes of a weight."""
_REMEMBERED = 256
_UNKNOWN = 0.7
"""What a question's word that no phrasing has weighs, of the heaviest that one has."""


class Classifier:
    """Tells how much a question is about each field and topic: about 1 for what it asks, about 0 for the rest."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._by_words = Classifier(None) if embedder else None
        self._meanings: dict[str, NDArray[np.float32]] = {}
        self._columns = {term: i for i, term in enumerate(bank().weights)}

    def likeness(self, question: str, subject: frozenset[str] = frozenset()) -> dict[str, float]:
        """The score of each field and topic by its id.

        `subject` are the terms by which questions speak of the record at hand ("in this lung cancer study"): those
        that no phrasing has don't count.
        """
        if self._by_words is not None:
            scores_by_words = self._by_words.likeness(question, subject)
            first, second = sorted(scores_by_words.values(), reverse=True)[:2]
            if first >= _PLAIN and first - second >= _AHEAD:
                return scores_by_words
        return self._likeness(question, subject)

    def _likeness(self, question: str, subject: frozenset[str]) -> dict[str, float]:
        known, classes = bank().weights, bank().classes
        terms = sorted(t for t in terms_of(question) if t in known or t not in subject)
        size = math.sqrt(sum(known.get(t, _UNKNOWN * bank().heaviest) for t in terms)) or 1.0
        share = math.sqrt(1 - MEANING) if self._embedder else 1.0
        said = [(share * math.sqrt(known[t]) / size, self._weights_of(t)) for t in terms if t in known]
        scores = [math.fsum(weight * row[c] for weight, row in said) for c in range(len(classes))]
        if self._embedder:
            by_meaning = math.sqrt(MEANING) * self._meaning(question) @ self._weights_of_meaning
            scores = [a + b for a, b in zip(scores, by_meaning.tolist(), strict=True)]
        return dict(zip(classes, scores, strict=True))

    def _weights_of(self, term: str) -> memoryview[float]:
        """What a term of the phrasings says for each class."""
        start = self._columns[term] * len(bank().classes)
        return self._learned[start : start + len(bank().classes)]

    @cached_property
    def _weights_of_meaning(self) -> NDArray[np.float32]:
        """The weights (dimension of the embedding, class)."""
        import numpy as np

        weights = np.asarray(self._learned, np.float32).reshape(-1, len(bank().classes))
        return weights[len(self._columns) :]

    def prepare(self, questions: Sequence[str]) -> None:
        """Embed several questions, or parts of one, at once: their likeness is asked for next."""
        new = [q for q in dict.fromkeys(questions) if q not in self._meanings]
        if self._embedder is not None and new:
            self._meanings |= dict(zip(new, self._embedder.embed(new), strict=True))
            for old in list(self._meanings)[:-_REMEMBERED]:
                del self._meanings[old]

    def _meaning(self, question: str) -> NDArray[np.float32]:
        self.prepare([question])
        return self._meanings[question]

    @cached_property
    def _learned(self) -> memoryview[float]:
        """The weights (feature, class) row by row, from the user's cache or learned and put there."""
        cached = self._cache()
        features = len(self._columns) + (self._embedder.dimension if self._embedder else 0)
        with suppress(OSError):
            weights = cached.read_bytes()
            if len(weights) == features * len(bank().classes) * _FLOAT:
                return memoryview(weights).cast("f")
        weights = self._learn().tobytes()
        with suppress(OSError):
            write_whole(cached, weights)
        return memoryview(weights).cast("f")

    def _learn(self) -> NDArray[np.float32]:
        import numpy as np

        known = bank()
        words = np.zeros((len(known.texts), len(known.weights)), np.float32)
        for row, bag in enumerate(known.terms):
            for term in bag:
                words[row, self._columns[term]] = math.sqrt(known.weights[term])
        words /= np.linalg.norm(words, axis=1, keepdims=True)
        features = words
        if self._embedder is not None:
            meanings = self._embedder.embed([_masked(text) for text in known.texts])
            features = np.hstack([math.sqrt(1 - MEANING) * words, math.sqrt(MEANING) * meanings])
        targets = np.array([[owner == c for c in known.classes] for owner in known.owners], np.float64)
        gram = features @ features.T + _PENALTY[self._embedder is not None] * np.eye(len(features))
        weights: NDArray[np.float32] = (features.T @ np.linalg.solve(gram, targets)).astype(np.float32)
        return weights

    def _cache(self) -> Path:
        """Where what is learned from these phrasings with this embedder is kept."""
        known = bank()
        source = [self._embedder.fingerprint if self._embedder else "words", str(MEANING), str(_PENALTY)]
        source += [
            f"{owner}: {text}: {sorted(bag)}"
            for owner, text, bag in zip(known.owners, known.texts, known.terms, strict=True)
        ]
        return cache() / f"phrasings-{sha256(chr(10).join(source).encode()).hexdigest()[:16]}.float32"


def _masked(text: str) -> str:
    return text.replace(" X", " it").replace(" Y", " that")
