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
from functools import cached_property
from typing import NamedTuple

from extract.criteria import measures
from extract.source import LineRange
from qa.figures import holds
from qa.matching import Terms, Vocabulary
from qa.patterns import words_of
from qa.phrasing import phrasing_stems, topics
from qa.plan import Plan
from qa.record import Record, Unit, UnitKind
from qa.words import Item, items

WORDS, MEANING, PLACE, WANTS, CUES, MEASURES = 1.0, 1.0, 0.3, 0.6, 0.5, 0.3
_SUBJECT = (
    "/protocolSection/identificationModule/briefTitle",
    "/protocolSection/conditionsModule/conditions/*",
    "/protocolSection/armsInterventionsModule/interventions/*/name",
)
_PLENTY = 2
_PHRASING = 0.35
"""What a word of our phrasings weighs ("level", "required"), or the name of the figure that is wanted ("dose"): it says
what is asked, seldom what it is about."""

_CRITERIAL: Mapping[UnitKind, float] = {
    "inclusion": 1.0,
    "exclusion": 1.0,
    "field": -0.5,
    "heading": -1.0,
    "title": -1.0,
}
_NARRATIVE: Mapping[UnitKind, float] = {
    "description": 1.0,
    "summary": 1.0,
    "arm": 1.0,
    "intervention": 1.0,
    "outcome": 1.0,
    "text": 0.3,
    "field": -0.5,
    "heading": -1.0,
    "title": -1.0,
}


class Scored(NamedTuple):
    """A unit with its score for one question. `held` are the question's items (by number) and how well it holds each;
    `bounds` whether it bounds a measure that the question names, `meaning` is the cosine of its lines."""

    unit: Unit
    score: float
    words: float
    meaning: float
    held: tuple[float, ...]
    wanted: bool
    bounds: bool


class Ranking(NamedTuple):
    """The units of a record for one question, best first, with the question's items and their weights."""

    items: Sequence[Item]
    weights: Sequence[float]
    scored: Sequence[Scored]


class Evidence:
    """A record's units, ready to be ranked for any question."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._terms: dict[int, Terms] = {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The units as terms; furniture of a layout (a label alone) is left out."""
        return Vocabulary([u for u in self.record.units if _tells(u)])

    @cached_property
    def subject(self) -> frozenset[str]:
        """The stems and concepts of the record's title, conditions and interventions: how people refer to it."""
        texts = [str(v.value) for path in _SUBJECT for v in self.record.values(path)]
        return frozenset(
            term for text in texts for item in items(text) for term in (item.stem, *item.stem.split(), *item.concepts)
        )

    def terms(self, unit: Unit) -> Terms:
        """A unit's text as terms, analysed once."""
        if unit.number not in self._terms:
            self._terms[unit.number] = Terms.of(items(unit.text))
        return self._terms[unit.number]

    @cached_property
    def condition_lines(self) -> frozenset[LineRange]:
        """The lines where the record lists its conditions and keywords."""
        return frozenset(
            lines for path, lines in self.record.places() if path.startswith("/protocolSection/conditionsModule/")
        )

    def speaks_of(self, item: Item) -> bool:
        """Whether any unit of text names the thing."""
        found = self.vocabulary.matches(item)
        told = ("field", "heading", "title")
        return any(m == 1.0 and u.kind not in told for m, u in zip(found, self.vocabulary.units, strict=True))

    def rank(self, plan: Plan, subject: Sequence[Item], meanings: Mapping[int, float]) -> Ranking:
        """Every unit's score. `meanings` are the cosines of lines; empty when only words can be compared."""
        matches = [self.vocabulary.matches(item) for item in subject]
        full = [self.vocabulary.weight(found) for found in matches]
        # Concepts of the lexicon are called as the figures that are wanted: "dose".
        slight = [_slight(item) or not item.concepts.isdisjoint(plan.wants) for item in subject]
        weights = [w * (_PHRASING if small else 1.0) for small, w in zip(slight, full, strict=True)]
        # A question of such words alone is about nothing that words could find.
        total = (sum(full) if all(slight) else sum(weights)) or 1.0
        named = {m.id for _, _, m in measures.matcher().finditer(plan.question)}
        scored = []
        for i, unit in enumerate(self.vocabulary.units):
            held = tuple(found[i] for found in matches)
            words = sum(w * h for w, h in zip(weights, held, strict=True)) / total
            meaning = max((meanings.get(n, 0.0) for n in range(unit.lines[0], unit.lines[1] + 1)), default=0.0)
            wanted = all(holds(want, unit.text) for want in plan.wants)
            bounds = any(c.get("variable") in named for c in unit.constraints)
            score = (
                WORDS * words
                + MEANING * meaning
                + PLACE * _place(unit, plan)
                + WANTS * (wanted and bool(plan.wants))
                + CUES * self._cued(i, plan)
                + MEASURES * bounds
            )
            scored.append(Scored(unit, score, words, meaning, held, wanted, bounds))
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
    told = _NARRATIVE.get(unit.kind, 0.0)
    nearest = max(plan.topics, key=lambda t: plan.topics[t], default=None)
    if nearest and topics()[nearest].places:
        told = min(told, topics()[nearest].places.get(unit.kind, told))
    return share * _CRITERIAL.get(unit.kind, 0.0) + (1 - share) * told


def _tells(unit: Unit) -> bool:
    return unit.of_criteria or len(unit.text) > 3
