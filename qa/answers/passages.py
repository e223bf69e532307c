"""Answers quoted from the record's text: the criteria or sentences that speak to the question, as few as will do.

A question of several parts ("how often …, and for how long …?") is answered part by part. What one part's evidence
says besides counts for the next, so that one sentence that answers both is quoted once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from qa.answer import Claim
from qa.answers.claims import Draft
from qa.answers.silence import doubt, resembles, silent, told
from qa.asked import Asked
from qa.plan import Plan
from qa.ranking import Ranking, Scored
from qa.record import Record, Unit
from qa.wording import capital, plain, sentence, shortened

Rank = Callable[[str], tuple[Plan, Ranking]]
"""Ranks the record's units for a part of the question."""

_ALONG = 0.8
"""A second unit joins the first when its score is at least this share of it and it holds what the first lacks."""
_BESIDE = 0.5
"""The same for another sentence of the same line, which costs the reader no other place to look."""
_SIBLING = 0.6
_GAIN = 0.25
_MOST = 4
_CHARACTERS = 620
_ALL_CHARACTERS = 1300
_PARTS = re.compile(
    r"(?:[,;]\s*(?:and\s+|plus\s+)?|\s+and\s+|\?\s+)(?=(?:(?:for|on|in|at|by|after|to|from|of)\s+)?"
    r"(?:how|what|which|who|when|where|why|are|is|do|does|can|will)\b)",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\b(?:each|every|all|both|list|levels|doses|arms|groups|cohorts|two|three|four|five|different)\b", re.IGNORECASE
)


def answer(record: Record, asked: Asked, ranking: Ranking, rank: Rank) -> Draft:
    """The units that speak to the question, quoted; or that the record is silent."""
    chosen: list[Scored] = []
    doubts: list[str] = []
    parts = [p for p in _PARTS.split(asked.question) if len(p.split()) > 1]
    rankings = [(asked.question, asked.plan, ranking)] if len(parts) < 2 else [(p, *rank(p)) for p in parts]
    for part, plan, ranked in rankings:
        found = _settling(part, plan, ranked, chosen)
        if isinstance(found, str):
            doubts.append(found)
        else:
            chosen += [s for s in found if s.unit.number not in {c.unit.number for c in chosen}]
    if doubts and not resembles(ranking):
        chosen = []
    if not chosen:
        return silent(record, asked, ranking, doubts[0] if doubts else None)
    units = sorted({s.unit.number: s.unit for s in chosen}.values(), key=lambda u: u.number)
    claims = _fitting(quoted(record, unit) for unit in units)
    gaps = [f"Not stated: {told(reason)}." for reason in dict.fromkeys(doubts)]
    text = " ".join([*(c.text for c in claims), *gaps])
    return Draft("partial" if gaps else "answered", text, claims, [record.id])


def quoted(record: Record, unit: Unit) -> Claim:
    """A unit as a claim: its words, shortened where they are long, at its lines."""
    lead = {"inclusion": "Required: ", "exclusion": "Excluded: "}.get(unit.kind, "")
    if unit.kind in ("arm", "intervention") and unit.label.lower() not in unit.text.lower():
        lead = f"{plain(unit.label)}: "
    words = sentence(lead + capital(shortened(plain(unit.text), _CHARACTERS)))
    label = unit.label if unit.of_criteria else None
    return Claim(text=words, citations=[record.citation(unit.lines, unit.text, label=label)])


def _fitting(claims: Iterable[Claim]) -> list[Claim]:
    """As many as fit a short answer, at least one."""
    kept: list[Claim] = []
    size = 0
    for claim in claims:
        size += len(claim.text)
        if kept and size > _ALL_CHARACTERS:
            break
        kept.append(claim)
    return kept


def _settling(question: str, plan: Plan, ranking: Ranking, already: Sequence[Scored]) -> list[Scored] | str:
    """The units that settle one part of a question, or why none does."""
    if not ranking.scored:
        return "it has no text"
    for earlier in already:
        again = next((s for s in ranking.scored if s.unit.number == earlier.unit.number), None)
        if again and again.score >= _ALONG * ranking.scored[0].score and doubt(question, plan, ranking, again) is None:
            return [again]
    best = ranking.scored[0]
    reason = doubt(question, plan, ranking, best)
    if reason:
        others = [s for s in ranking.scored[1:8] if s.score >= _ALONG * best.score]
        best = next((s for s in others if doubt(question, plan, ranking, s) is None), best)
        if best is ranking.scored[0]:
            return reason
    return _with_company(question, best, ranking)


def _with_company(question: str, best: Scored, ranking: Ranking) -> list[Scored]:
    """The best unit, its siblings where several are asked for, and those that hold what it lacks."""
    chosen = [best]
    if best.unit.kind in ("arm", "intervention") and _PLURAL.search(question):
        chosen += [
            s
            for s in ranking.scored
            if s.unit.kind == best.unit.kind
            and s is not best
            and s.score >= _SIBLING * best.score
            and not _same(s, chosen)
        ]
        return chosen[:_MOST]
    chosen += [s for s in ranking.scored[1:12] if _bounds_the_same(s, best) and s.score >= _SIBLING * best.score]
    held = list(best.held)
    for other in ranking.scored[1:8]:
        beside = other.unit.lines == best.unit.lines
        if len(chosen) == _MOST or other.score < (_BESIDE if beside else _ALONG) * best.score:
            break
        if other in chosen or _same(other, chosen) or (best.wanted and not other.wanted):
            continue
        if not (beside or _adds(other, held, ranking.weights)):
            continue
        chosen.append(other)
        held = [max(a, b) for a, b in zip(held, other.held, strict=True)]
    return chosen


def _bounds_the_same(other: Scored, best: Scored) -> bool:
    """Whether another criterion bounds the measure that was asked about: one gives the floor, another the ceiling."""
    return other.bounds and best.bounds and not _same(other, [best])


def _same(scored: Scored, chosen: Sequence[Scored]) -> bool:
    return any(scored.unit.text == s.unit.text for s in chosen)


def _adds(other: Scored, held: Sequence[float], weights: Sequence[float]) -> bool:
    gain = sum(w * max(0.0, o - h) for w, o, h in zip(weights, other.held, held, strict=True))
    return gain >= _GAIN * (sum(weights) or 1.0)
