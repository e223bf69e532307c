"""Which units of a record speak to a question: ranked by words, meaning, and by what the question wants to hear.

    score = words + meaning + place + wants + cues + measures

words is the weighted share of the question's items that the unit holds (qa/matching.py), meaning the cosine of its
lines' embedding with the question's, place whether it is of the kind the question is about, wants whether it holds a
figure of the right kind, cues whether it is put as evidence on the question's topics is, measures whether it bounds a
measure that the question names.
The weights are fitted on our own questions (benchmarks/answers.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from extract.criteria import measures
from qa.figures import holds
from qa.matching import Vocabulary
from qa.patterns import words_of
from qa.phrasing import phrasing_stems, topics
from qa.plan import Plan
from qa.record import Record, Unit, UnitKind
from qa.words import Item

WORDS, MEANING, PLACE, WANTS, CUES, MEASURES = 1.0, 1.0, 0.3, 0.6, 0.5, 0.3
_PLENTY = 2
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
    `meaning` is the cosine of its lines."""

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

    def speaks_of(self, item: Item) -> bool:
        """Whether any unit of text names the thing."""
        found = self.vocabulary.matches(item)
        told = ("field", "heading")
        return any(m == 1.0 and u.kind not in told for m, u in zip(found, self.vocabulary.units, strict=True))

    def rank(self, plan: Plan, subject: Sequence[Item], meanings: Mapping[int, float]) -> Ranking:
        """Every unit's score. `meanings` are the cosines of lines; empty when only words can be compared."""
        matches = [self.vocabulary.matches(item) for item in subject]
        weights = [
            self.vocabulary.weight(found) * (_PHRASING if _slight(item) else 1.0)
            for item, found in zip(subject, matches, strict=True)
        ]
        total = sum(weights) or 1.0
        named = {m.id for _, _, m in measures.matcher().finditer(plan.question)}
        scored = []
        for i, unit in enumerate(self.vocabulary.units):
            held = tuple(found[i] for found in matches)
            words = sum(w * h for w, h in zip(weights, held, strict=True)) / total
            meaning = max((meanings.get(n, 0.0) for n in range(unit.lines[0], unit.lines[1] + 1)), default=0.0)
            wanted = all(holds(want, unit.text) for want in plan.wants)
            score = (
                WORDS * words
                + MEANING * meaning
                + PLACE * _place(unit, plan)
                + WANTS * (wanted and bool(plan.wants))
                + CUES * self._cued(i, plan)
                + MEASURES * any(c.get("variable") in named for c in unit.constraints)
            )
            scored.append(Scored(unit, score, words, meaning, held, wanted))
        scored.sort(key=lambda s: (-s.score, s.unit.number))
        return Ranking(subject, weights, scored)

    def _cued(self, number: int, plan: Plan) -> float:
        """How much the unit is put as evidence on the question's topics is, 0 to 1."""
        of_topics = self._cues[number]
        total = sum(plan.topics.values())
        return sum(like * of_topics.get(topic, 0.0) for topic, like in plan.topics.items()) / total if total else 0.0

    @cached_property
    def _cues(self) -> list[dict[str, float]]:
        """For each unit the share of each topic's cues that it has, two being plenty."""
        found = []
        for unit in self.vocabulary.units:
            words = words_of(unit.text)
            counts = {t.id: sum(1 for cue in t.cues if words.find(cue)) for t in topics().values() if t.cues}
            found.append({topic: min(1.0, count / _PLENTY) for topic, count in counts.items()})
        return found


def _slight(item: Item) -> bool:
    """Whether a word says what is asked, or how much or when, and not what it is about."""
    return item.stem in phrasing_stems() or item.text[0].isdigit() or item.stem.isdigit()


def _place(unit: Unit, plan: Plan) -> float:
    """How far the unit is of the kind that the question is about, -1 to 1."""
    share = plan.criterial
    return share * _CRITERIAL.get(unit.kind, 0.0) + (1 - share) * _NARRATIVE.get(unit.kind, 0.0)


def _tells(unit: Unit) -> bool:
    return unit.of_criteria or len(unit.text) > 3
