"""How the rows of a pool are ranked for a query.

    score = cosine of the vectors + words + around + place + group

`words` is the share of the query's words (BM25). `around` is the same for the lines before and after: an answer often
takes several lines, and a line near others that fit is likelier to be one of them. `place` and `group` are the
probabilities that such a question is answered in the row's place of the record, or in one like it. The weights were
fitted to questions of our own; docs/retrieval.md tells how, and what each part is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.hit import Unit
from index.places import places
from index.pool import Pool, Row
from index.query import Concept

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Weights(NamedTuple):
    """What each part counts, against a cosine's 1."""

    words: float = 0.5
    around: float = 0.45
    place: float = 0.5
    group: float = 0.3
    prose: float = 0.2
    """How much of the probability of other places goes to free prose, which may tell of anything."""
    document: float = 1.0
    """How much a document's best row counts for its other rows, in a library."""


WEIGHTS = Weights()

_PROSE = "summary"
_TOLD_IN_PROSE = (
    "arms",
    "interventions",
    "outcomes",
    "results",
    "design",
    "masking",
    "model",
    "eligibility",
    "inclusion",
)


def match(
    query: Sequence[Concept], vector: NDArray[np.float32] | None, pool: Pool, weights: Weights = WEIGHTS
) -> NDArray[np.float64]:
    """How well each row's words and meaning fit the query. Without vectors words decide alone."""
    fit = weights.words * pool.lexical(query)
    if vector is not None and pool.vectors is not None:
        fit += pool.vectors @ vector
    return fit


def scores(
    matches: NDArray[np.float64], hints: Mapping[str, float], pool: Pool, weights: Weights = WEIGHTS
) -> NDArray[np.float64]:
    """The rows' scores, higher is better, from their matches and from where the answer is expected."""
    import numpy as np

    own, group = _expected(hints, weights)
    expected = [
        weights.place * own.get(r.chunk.place, 0.0) + weights.group * group.get(r.chunk.place, 0.0) for r in pool.rows
    ]
    total: NDArray[np.float64] = matches + weights.around * pool.around(matches) + np.array(expected)
    return total


def _expected(hints: Mapping[str, float], weights: Weights) -> tuple[dict[str | None, float], dict[str | None, float]]:
    """By place: its probability, and that of its group."""
    by_group: dict[str, float] = {}
    for place in places():
        by_group[place.group] = by_group.get(place.group, 0.0) + hints[place.id]
    own: dict[str | None, float] = {place.id: hints[place.id] for place in places()}
    group: dict[str | None, float] = {place.id: by_group[place.group] for place in places()}
    own[_PROSE] = group[_PROSE] = hints[_PROSE] + weights.prose * sum(hints[p] for p in _TOLD_IN_PROSE)
    return own, group


def best(pool: Pool, values: NDArray[np.float64], *, unit: Unit, k: int) -> list[tuple[Row, float]]:
    """The `k` best chunks or lines, best first, each place and each repeated text once."""
    candidates = [i for i, r in enumerate(pool.rows) if (r.span.whole if unit == "chunk" else r.span.single)]
    candidates.sort(key=lambda i: (-values[i], pool.rows[i].document, pool.rows[i].span.start))
    seen: set[tuple[int, int] | tuple[int, str]] = set()
    chosen: list[tuple[Row, float]] = []
    for i in candidates:
        if len(chosen) == k:
            break
        r = pool.rows[i]
        at, says = (r.document, r.span.lines[0] if unit == "line" else r.span.start), (r.document, r.text)
        if at not in seen and says not in seen:
            seen |= {at, says}
            chosen.append((r, float(values[i])))
    return chosen
