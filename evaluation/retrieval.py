"""The retrieval task: ranked lines against the lines that are evidence.

Gold is either rows `{id, lines, section?, document?}` or the NLI4CT archive as it is published (evaluation/nli4ct.py).
R@5 and R@10 are of as many as can be there; "sparse" are the queries whose gold is at most half of its section, for
where nearly all lines of a section are gold any line of it is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from evaluation.files import CitedLines, GoldLines, read_rows, unique, validated
from evaluation.ranks import LEVELS, calibration, discounted_gain, precision_by_recall, recall_at, reciprocal_rank
from evaluation.report import ALL, Curve, Miss, System
from evaluation.scored import Scored, Tallies
from evaluation.sources import Sources, excerpt, shortened
from extract.evidence import Line

SPARSE = "sparse"
_DEPTH = 10


class GoldQuery(BaseModel):
    """A query with the lines that are evidence. `query` is needed only to run a system."""

    model_config = ConfigDict(extra="ignore")

    id: str
    lines: list[Line] = Field(min_length=1)
    section: GoldLines | None = None
    document: str | None = None
    query: str = ""

    @property
    def sparse(self) -> bool:
        """Whether at most half of the section is gold."""
        return self.section is not None and len(set(self.lines)) <= (self.section[1] - self.section[0] + 1) / 2


class PredictedHit(BaseModel):
    """A hit of `trialcite search`."""

    model_config = ConfigDict(extra="ignore")

    lines: CitedLines
    document: str | None = None
    path: str | None = None
    text: str = ""
    score: float | None = None


class PredictedHits(BaseModel):
    """A row of `trialcite search --batch`: hits, best first."""

    model_config = ConfigDict(extra="ignore")

    id: str
    hits: list[PredictedHit]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Lines in order, each once; with the hit each came from."""

    lines: list[int]
    relevant: list[bool]
    hits: list[PredictedHit]


def read_queries(path: Path) -> dict[str, GoldQuery]:
    """Gold queries by id. Raises MalformedRecord naming the row."""
    return unique(((row[0], validated(GoldQuery, row)) for row in read_rows(path)), lambda q: q.id)


def read_hits(path: Path) -> dict[str, PredictedHits]:
    """Hits by the query's id."""
    return unique(((row[0], validated(PredictedHits, row)) for row in read_rows(path)), lambda h: h.id)


def check(gold: Mapping[str, GoldQuery], sources: Sources) -> None:
    """Hold gold lines against the records that are at hand. Raises GoldRefused naming the query."""
    for query in gold.values():
        if query.document:
            sources.check_line(query.document, max(query.lines), of=f"query {query.id}")


def score(
    gold: Mapping[str, GoldQuery], predictions: Mapping[str, PredictedHits], *, name: str, sources: Sources
) -> Scored:
    """Score rankings. A query without a row is counted as unscored; a row without hits found nothing."""
    tallies, unscored, misses = Tallies(), Counter[str](), []
    judged: list[tuple[float, bool]] = []
    precision = {group: [0.0] * len(LEVELS) for group in (ALL, SPARSE)}
    for query in gold.values():
        found = predictions.get(query.id)
        if found is None:
            unscored["no hits for the query"] += 1
            continue
        ranked = _ranked(query, found)
        trial = query.document or next((h.document for h in found.hits if h.document), query.id)
        expected = len(set(query.lines))
        levels = precision_by_recall(ranked.relevant, expected)
        for group in (ALL, SPARSE) if query.sparse else (ALL,):
            tallies.add(group, "R@5", trial, recall_at(ranked.relevant, 5, expected))
            tallies.add(group, "R@10", trial, recall_at(ranked.relevant, 10, expected))
            tallies.add(group, "MRR", trial, reciprocal_rank(ranked.relevant))
            tallies.add(group, "nDCG@10", trial, discounted_gain(ranked.relevant, 10, expected))
            precision[group] = [a + b for a, b in zip(precision[group], levels, strict=True)]
        judged += [(h.score, r) for h, r in zip(ranked.hits, ranked.relevant, strict=True) if h.score is not None]
        if not any(ranked.relevant[:_DEPTH]):
            misses.append(_miss(name, trial, query, ranked, sources))
    curves = [_precision_curve(name, group, precision[group], tallies.items[group, "MRR"]) for group in precision]
    if judged:
        curves.append(Curve(kind="calibration", system=name, x="score", y="share right", points=calibration(judged)))
    return Scored(
        tallies,
        System(name=name, scored=tallies.items[ALL, "MRR"], unscored=dict(unscored)),
        headline=(SPARSE, "R@5"),
        curves=[c for c in curves if c.points],
        misses=misses,
    )


def _ranked(query: GoldQuery, found: PredictedHits) -> _Ranked:
    first: dict[int, PredictedHit] = {}
    for hit in found.hits:
        for number in range(hit.lines[0], hit.lines[1] + 1):
            first.setdefault(number, hit)
    expected = set(query.lines)
    return _Ranked(list(first), [n in expected for n in first], list(first.values()))


def _precision_curve(name: str, group: str, sums: list[float], queries: int) -> Curve:
    points = [(level, round(total / queries, 6)) for level, total in zip(LEVELS, sums, strict=True)] if queries else []
    y = "precision" if group == ALL else f"precision ({group})"
    return Curve(kind="precision-recall", system=name, x="recall", y=y, points=points)


def _miss(name: str, trial: str, query: GoldQuery, ranked: _Ranked, sources: Sources) -> Miss:
    source = sources.find(next((h.path for h in ranked.hits if h.path), f"{trial}.txt"))
    places = [(n, n) for n in sorted(set(query.lines)) if source and n <= len(source)]
    top = zip(ranked.lines[:3], ranked.hits[:3], strict=True)
    return Miss(
        system=name,
        trial=trial,
        group=SPARSE if query.sparse else "dense",
        kind="missing",
        gold=f"{query.id} {shortened(query.query)}".strip(),
        predicted=" ⏎ ".join(f"{n}: {shortened(h.text, 100)}" for n, h in top) or None,
        cited=[(n, n) for n in ranked.lines[:3]],
        expected=places[:8],
        source=excerpt(source, places) if source else [],
    )
