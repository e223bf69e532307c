"""What a question resembles: the phrasings of fields.toml and topics.toml that come nearest, by words and by meaning.

By words: how much of the phrasing the question says, and of the question the phrasing, each word weighing what it
tells phrasings apart (its inverse frequency among them). By meaning: the cosine of their embeddings, where an embedder
is at hand. Words alone decide without one.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
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

MEANING = 0.6
"""The share of meaning in the sum, with words; fitted on our own questions (benchmarks/answers.py)."""


@dataclass(frozen=True)
class Topic:
    """One row of topics.toml: something questions are about that no field answers."""

    id: str
    kind: str
    phrasings: tuple[str, ...]
    wants: str | None = None


@dataclass(frozen=True)
class Bank:
    """Every phrasing, whose it is (a field's or a topic's id), its terms, and the weight of a term."""

    texts: tuple[str, ...]
    owners: tuple[str, ...]
    terms: tuple[Mapping[str, float], ...]
    weights: Mapping[str, float]


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its id."""
    table = tomllib.loads(files("qa").joinpath("topics.toml").read_text(encoding="utf-8"))
    return {
        row["id"]: Topic(row["id"], row["kind"], tuple(row["phrasings"]), row.get("wants")) for row in table["topic"]
    }


@cache
def bank() -> Bank:
    """The phrasings of all fields and topics."""
    rows = [(text, f.id) for f in fields().values() for text in f.phrasings]
    rows += [(text, t.id) for t in topics().values() for text in t.phrasings]
    bags = [_terms(text) for text, _ in rows]
    frequency = Counter(term for bag in bags for term in bag)
    weights = {term: math.log((len(rows) + 1) / count) for term, count in frequency.items()}
    weighted = tuple({term: weights[term] for term in bag} for bag in bags)
    return Bank(tuple(text for text, _ in rows), tuple(owner for _, owner in rows), weighted, weights)


def likeness(question: str, subject: frozenset[str], vectors: Vectors | None = None) -> dict[str, float]:
    """How much the question resembles the nearest phrasing of each field and topic, 0 to 1.

    `subject` are the terms by which the question speaks of the record at hand ("in this lung cancer study"): no field
    is told by them, so they don't count against a phrasing that lacks them.
    """
    known = bank()
    terms = _terms(question) - subject
    unknown = math.log(len(known.texts) + 1)
    total = sum(known.weights.get(t, unknown * _UNKNOWN) for t in terms) or 1.0
    scores: dict[str, float] = {}
    cosines = vectors.cosines(question) if vectors else None
    for i, bag in enumerate(known.terms):
        shared = sum(w for t, w in bag.items() if t in terms)
        words = math.sqrt((shared / (sum(bag.values()) or 1.0)) * (shared / total)) if shared else 0.0
        score = words if cosines is None else (1 - MEANING) * words + MEANING * max(0.0, float(cosines[i]))
        owner = known.owners[i]
        scores[owner] = max(scores.get(owner, 0.0), score)
    return scores


_UNKNOWN = 0.7
"""What a question's word that no phrasing has weighs against a match, of the weight of a word that one has."""


def _terms(text: str) -> frozenset[str]:
    concepts = {c for item in items(text) for c in item.concepts}
    return frozenset(stem for stem, _, _ in stems_of(text) if stem not in ("x", "y")) | concepts


class Vectors:
    """The phrasings' embeddings beside the embedder that embeds the question."""

    def __init__(self, embedder: Embedder, matrix: NDArray[np.float32]) -> None:
        self._embedder = embedder
        self._matrix = matrix

    @classmethod
    def of(cls, embedder: Embedder) -> Vectors:
        """The embeddings from the user's cache, or made (which takes a second) and put there."""
        import numpy as np

        texts = [_masked(text) for text in bank().texts]
        cached = _cache(embedder.fingerprint, texts)
        with suppress(OSError, ValueError, EOFError):
            matrix = np.load(cached)
            if matrix.shape == (len(texts), embedder.dimension):
                return cls(embedder, matrix)
        matrix = embedder.embed(texts)
        with suppress(OSError):
            cached.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=cached.parent, delete=False) as file:
                np.save(file, matrix)
            Path(file.name).replace(cached)
        return cls(embedder, matrix)

    def cosines(self, question: str) -> Sequence[float]:
        """The cosine of the question with each phrasing, in the bank's order."""
        similarities: list[float] = (self._matrix @ self._embedder.embed([question])[0]).tolist()
        return similarities


def _cache(fingerprint: str, texts: Sequence[str]) -> Path:
    """Where these texts' embeddings by that embedder are kept."""
    from platformdirs import user_cache_path

    key = sha256("\n".join([fingerprint, *texts]).encode()).hexdigest()[:16]
    return user_cache_path("trialcite") / f"phrasings-{key}.npy"


def _masked(text: str) -> str:
    return text.replace(" X", " it").replace(" Y", " that")
