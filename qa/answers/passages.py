"""Answers quoted from the record's text: the criteria or sentences that speak to the question, as few as will do."""

from __future__ import annotations

from collections.abc import Sequence

from qa.answer import Claim
from qa.answers.claims import Draft
from qa.ranking import Ranking, Scored
from qa.record import Record, Unit
from qa.wording import capital, plain, sentence, shortened

ENOUGH = 0.75
"""The score from which a unit is taken to speak to the question."""
_ALONG = 0.8
"""A second unit joins the first when its score is at least this share of it and it holds what the first lacks."""
_MOST = 3
_CHARACTERS = 700


def answer(record: Record, ranking: Ranking) -> Draft | None:
    """The units that speak to the question, quoted; None when none does well enough."""
    chosen = _chosen(ranking)
    if not chosen:
        return None
    claims = [quoted(record, s.unit) for s in sorted(chosen, key=lambda s: s.unit.number)]
    return Draft("answered", " ".join(c.text for c in claims), claims, [record.id])


def quoted(record: Record, unit: Unit) -> Claim:
    """A unit as a claim: its words, shortened where they are long, at its lines."""
    text = plain(unit.text)
    lead = {"inclusion": "Required: ", "exclusion": "Excluded: "}.get(unit.kind, "")
    words = sentence(lead + (capital(shortened(text, _CHARACTERS))))
    label = unit.label if unit.of_criteria else None
    return Claim(text=words, citations=[record.citation(unit.lines, unit.text, label=label)])


def _chosen(ranking: Ranking) -> list[Scored]:
    best = ranking.scored[0] if ranking.scored else None
    if best is None or best.score < ENOUGH:
        return []
    chosen = [best]
    held = list(best.held)
    for other in ranking.scored[1:8]:
        if len(chosen) == _MOST or other.score < _ALONG * best.score:
            break
        if _same(other.unit, chosen) or not _adds(other, held, ranking.weights):
            continue
        chosen.append(other)
        held = [max(a, b) for a, b in zip(held, other.held, strict=True)]
    return chosen


def _same(unit: Unit, chosen: Sequence[Scored]) -> bool:
    return any(unit.text == s.unit.text for s in chosen)


def _adds(other: Scored, held: Sequence[float], weights: Sequence[float]) -> bool:
    gain = sum(w * max(0.0, o - h) for w, o, h in zip(weights, other.held, held, strict=True))
    return gain >= 0.25 * (sum(weights) or 1.0)
