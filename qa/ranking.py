"""Which units of a record speak to a question: ranked by words, meaning, and by what the question wants to hear.

    score = words + meaning + place + wants

words is the weighted share of the question's items that the unit holds (qa/matching.py), meaning the search score of
its lines, place whether it is of the kind the question is about, wants whether it holds a figure of the right kind.
The weights are fitted on our own questions (benchmarks/answers.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from qa.figures import holds
from qa.matching import Vocabulary
from qa.phrasing import topics
from qa.plan import Plan
from qa.record import Record, Unit, UnitKind
from qa.words import Item, items

WORDS, MEANING, PLACE, WANTS = 1.0, 1.4, 0.42, 0.4
_PHRASING = 0.35
"""What a word of our phrasings weighs ("level", "required"): it says what is asked, seldom what it is about."""

_CRITERIAL: Mapping[UnitKind, float] = {"inclusion": 1.0, "exclusion": 1.0, "field": -0.5, "heading": -1.0}
_NARRATIVE: Mapping[UnitKind, float] = {
    "description": 1.0,
    "summary": 1.0,
    "arm": 1.0,
    "intervention": 1.0,
    "outcome": 1.0,
    "text": 0.5,
    "field": -0.5,
    "heading": -1.0,
}


@dataclass(frozen=True)
class Scored:
    """A unit with its score for one question. `held` are the question's items (by number) and how well it holds each;
    `meaning` is the search score of its lines."""

    unit: Unit
    score: float
    words: float
    meaning: float
    held: tuple[float, ...]
    wanted: bool


@dataclass(frozen=True)
class Ranking:
    """The units of a record for one question, best first, with the question's items and their weights."""

    items: Sequence[Item]
    weights: Sequence[float]
    scored: Sequence[Scored]


class Evidence:
    """A record's units, ready to be ranked for any question."""

    def __init__(self, record: Record) -> None:
        self.record = record

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The units as terms; furniture of a layout (a label alone) is left out."""
        return Vocabulary([u for u in self.record.units if _tells(u)])

    def rank(self, plan: Plan, subject: Sequence[Item], meanings: Mapping[int, float]) -> Ranking:
        """Every unit's score. `meanings` are the search scores of lines; empty when only words can be compared."""
        matches = [self.vocabulary.matches(item) for item in subject]
        weights = [
            self.vocabulary.weight(found) * (_PHRASING if item.stem in _phrasing_stems() else 1.0)
            for item, found in zip(subject, matches, strict=True)
        ]
        total = sum(weights) or 1.0
        scored = []
        for i, unit in enumerate(self.vocabulary.units):
            held = tuple(found[i] for found in matches)
            words = sum(w * h for w, h in zip(weights, held, strict=True)) / total
            meaning = max((meanings.get(n, 0.0) for n in range(unit.lines[0], unit.lines[1] + 1)), default=0.0)
            wanted = all(holds(want, unit.text) for want in plan.wants)
            score = (
                WORDS * words + MEANING * meaning + PLACE * _place(unit, plan) + WANTS * (wanted and bool(plan.wants))
            )
            scored.append(Scored(unit, score, words, meaning, held, wanted))
        scored.sort(key=lambda s: (-s.score, s.unit.number))
        return Ranking(subject, weights, scored)


def _place(unit: Unit, plan: Plan) -> float:
    """How far the unit is of the kind that the question is about, -1 to 1."""
    share = plan.criterial
    return share * _CRITERIAL.get(unit.kind, 0.0) + (1 - share) * _NARRATIVE.get(unit.kind, 0.0)


def _tells(unit: Unit) -> bool:
    return unit.of_criteria or len(unit.text) > 3


@cache
def _phrasing_stems() -> frozenset[str]:
    return frozenset(
        item.stem
        for topic in topics().values()
        for text in topic.phrasings
        for item in items(text)
        if not item.concepts
    )
