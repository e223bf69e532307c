"""What a question is about: a field or a topic, told by the phrasings of fields.toml and topics.toml.

A linear classifier learned from the phrasings by ridge regression (each class against all others; Hastie, Tibshirani
and Friedman, The Elements of Statistical Learning, 4.2). A text's features are its words and concepts, each weighing
what it tells phrasings apart, beside its embedding; without an embedder, words alone. Learning takes a second and is
kept in the user's cache: the phrasings are the source, the weights are no part of the program.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from qa.fields import fields
from qa.words import items, stems_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder

MEANING = 0.7
"""The share of meaning beside words; this and the penalties give the best leave-one-out accuracy on the phrasings."""
_PENALTY = {True: 0.3, False: 1.0}
"""Of the regression, with and without meaning."""


@dataclass(frozen=True)
class Topic:
    """One row of topics.toml: something questions are about that no field answers."""

    id: str
    kind: str
    phrasings: tuple[str, ...]
    cues: tuple[str, ...]
    places: Mapping[str, float]


@dataclass(frozen=True)
class Bank:
    """Every phrasing, whose it is (a field's or a topic's id), its terms, and what each term weighs."""

    texts: tuple[str, ...]
    owners: tuple[str, ...]
    terms: tuple[frozenset[str], ...]
    weights: Mapping[str, float]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The ids of all fields and topics."""
        return tuple(dict.fromkeys(self.owners))

    @cached_property
    def vocabulary(self) -> Mapping[str, frozenset[str]]:
        """The terms of each field's and topic's phrasings."""
        own: dict[str, frozenset[str]] = {}
        for owner, bag in zip(self.owners, self.terms, strict=True):
            own[owner] = own.get(owner, frozenset()) | bag
        return own

    @cached_property
    def heaviest(self) -> float:
        """The weight of a term that only one phrasing has."""
        return max(self.weights.values())


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its id."""
    table = tomllib.loads(files("qa").joinpath("topics.toml").read_text(encoding="utf-8"))
    return {
        row["id"]: Topic(
            row["id"], row["kind"], tuple(row["phrasings"]), tuple(row.get("cues", ())), row.get("places", {})
        )
        for row in table["topic"]
    }


@cache
def bank() -> Bank:
    """The phrasings of all fields and topics."""
    rows = [(text, f.id) for f in fields().values() for text in f.phrasings]
    rows += [(text, t.id) for t in topics().values() for text in t.phrasings]
    bags = tuple(_terms(text) for text, _ in rows)
    frequency = Counter(term for bag in bags for term in bag)
    weights = {term: math.log((len(rows) + 1) / count) for term, count in sorted(frequency.items())}
    return Bank(tuple(text for text, _ in rows), tuple(owner for _, owner in rows), bags, weights)


@cache
def phrasing_stems() -> frozenset[str]:
    """The stems of the topics' phrasings: words that say what is asked, seldom what it is about."""
    return frozenset(
        item.stem
        for topic in topics().values()
        for text in topic.phrasings
        for item in items(text)
        if not item.concepts
    )


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
        import numpy as np

        learned = self._learned
        known = bank().weights
        terms = {t for t in _terms(question) if t in known or t not in subject}
        size = math.sqrt(sum(known.get(t, _UNKNOWN * bank().heaviest) for t in terms)) or 1.0
        words = np.zeros(len(known), np.float32)
        for term in terms & known.keys():
            words[self._columns[term]] = math.sqrt(known[term]) / size
        if self._embedder is None:
            scores = words @ learned
        else:
            meaning = self._meaning(question)
            scores = np.concatenate([math.sqrt(1 - MEANING) * words, math.sqrt(MEANING) * meaning]) @ learned
        return dict(zip(bank().classes, scores.tolist(), strict=True))

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
    def _learned(self) -> NDArray[np.float32]:
        """The weights (feature, class), from the user's cache or learned and put there."""
        import numpy as np

        cached = self._cache()
        with suppress(OSError, ValueError, EOFError):
            weights: NDArray[np.float32] = np.load(cached)
            if weights.shape[1] == len(bank().classes):
                return weights
        weights = self._learn()
        with suppress(OSError):
            cached.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=cached.parent, delete=False) as file:
                np.save(file, weights)
            Path(file.name).replace(cached)
        return weights

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
        from platformdirs import user_cache_path

        known = bank()
        source = [self._embedder.fingerprint if self._embedder else "words", str(MEANING), str(_PENALTY)]
        source += [
            f"{owner}: {text}: {sorted(bag)}"
            for owner, text, bag in zip(known.owners, known.texts, known.terms, strict=True)
        ]
        return user_cache_path("trialcite") / f"phrasings-{sha256(chr(10).join(source).encode()).hexdigest()[:16]}.npy"


_PLAIN, _AHEAD = 0.6, 0.3
"""From this score, and this far ahead of the next, words alone tell: "what phase is it?" needs no embedder, and so a
new process that answers it starts none."""
_REMEMBERED = 256
_UNKNOWN = 0.7
"""What a question's word that no phrasing has weighs, of the heaviest that one has."""


def _terms(text: str) -> frozenset[str]:
    concepts = {c for item in items(text) for c in item.concepts}
    return frozenset(stem for stem, _, _ in stems_of(text) if stem not in ("x", "y")) | concepts


def _masked(text: str) -> str:
    return text.replace(" X", " it").replace(" Y", " that")
