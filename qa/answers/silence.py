"""When a record does not settle a question: how that is told, and what is said then.

A unit that resembles a question need not answer it. It is held back when the record never names the measure that is
asked about, when it holds no figure of the kind that is wanted, or not in the unit that is asked for, and when too
little of the question is in it. Each doubt says what is missing, and the nearest miss is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.criteria import measures
from qa import durations
from qa.answer import Claim
from qa.answers.claims import Draft
from qa.asked import Asked
from qa.fields import fields
from qa.figures import holds, holds_count
from qa.phrasing import phrasing_stems
from qa.plan import Plan
from qa.ranking import Ranking, Scored
from qa.record import Record
from qa.wording import listed, plain, shortened
from qa.words import Item, items, stem

ENOUGH = 0.68
"""The score from which a unit may answer, when the record knows the question's words."""
FOREIGN = 0.4
"""What is added to it as the share of words rises that the record does not have."""
_FIGURED = 0.3
"""What the right kind of figure makes up for."""
_NEAR = 0.6
_WANTED = {
    "dose": "dose",
    "duration": "length of time",
    "frequency": "frequency",
    "days": "day",
    "percent": "percentage",
    "number": "number",
    "size": "size",
    "person": "person or profession",
}
_ASKED_UNITS = {
    "kg": r"kg|kilogram",
    "mg": r"mg|milligram",
    "ml": r"ml|millilit",
    "m2": r"m2|m²|m\^2|square met",
    "weeks": r"week|wk",
    "days": r"day",
    "months": r"month",
    "years": r"year",
    "hours": r"hour|hr",
    "minutes": r"minute|min\b",
    "milligrams": r"mg|milligram",
    "micrograms": r"µg|μg|ug|mcg|microgram",
    "millilitres": r"ml|millilit",
    "milliliters": r"ml|millilit",
    "microlitres": r"µl|μl|ul\b|microlit",
    "microliters": r"µl|μl|ul\b|microlit",
}
_OF_A_THING = frozenset({"number", "frequency"})
"""Figures that are told of the thing they belong to, and mean nothing beside another."""
_CRITERIAL = 0.15
"""How much a question must ask who may take part for a figure in a criterion to be its answer."""
_UNIT_ASKED = re.compile(rf"\b(?:per|in|how many) ({'|'.join(_ASKED_UNITS)})\b", re.IGNORECASE)
_VOLUME = re.compile(r"\d\s*(?:ml|µl|μl|ul|l|cc|millilit\w+|lit(?:er|re)s?)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\bhow many ((?:[\w-]+ ){0,2}?[\w-]+)\b(?= |\?|$)", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:what|which)(?:['’]s| is| are| was| were)?\s+(?!about\b)(?:the |a |an |exact |target )*"
    r"((?:[\w-]+\s){0,2}?[\w-]+)"
    r"(?=\s+(?:of|is|are|was|were|do|does|did|has|have|will|can|must|should|for|in)\b|\?|$)",
    re.IGNORECASE,
)


def resembles(ranking: Ranking) -> bool:
    """Whether the best unit is near enough to the question to be about it."""
    return bool(ranking.scored) and ranking.scored[0].score >= ENOUGH + FOREIGN * _foreign_share(ranking)


def doubt(question: str, plan: Plan, ranking: Ranking, best: Scored) -> str | None:
    """Why the best unit does not answer the question; None when it may."""
    unnamed = _unnamed_measures(question, ranking)
    if unnamed:
        return f"it does not mention {listed(unnamed, last='or')}"
    for want in plan.wants:
        if not holds(want, best.unit.text):
            return f"it gives no {_WANTED[want]}"
    if re.search(r"\bvolume\b", question, re.IGNORECASE) and not _VOLUME.search(best.unit.text):
        return "it gives no volume"
    for m in _UNIT_ASKED.finditer(question):
        if not re.search(_ASKED_UNITS[m[1].lower()], best.unit.text, re.IGNORECASE):
            return f"it gives no figure in {m[1]}"
    if plan.wants and "number" not in plan.wants and best.unit.of_criteria and plan.criterial < _CRITERIAL:
        return f"it gives no {_WANTED[plan.wants[0]]} for that"
    figure = _figure_unsaid(question, best.unit.text)
    if figure:
        return f"it does not speak of {figure}"
    neither = _neither(question, ranking)
    if neither:
        return f"it names neither {neither[0]} nor {neither[1]}"
    counted = _COUNTED.search(question)
    if counted and set(plan.wants) <= {"number"} and not _counts(counted[1], best.unit.text):
        return f"it does not say how many {counted[1]}"
    beside = _named_elsewhere(ranking, best) if plan.wants and plan.wants[0] in _OF_A_THING else None
    if beside:
        return f"what it says of {beside} gives no figure"
    noun = None if plan.wants else _unnamed_noun(question, ranking)
    if noun:
        return f"it does not mention a {noun}"
    low = best.score + _FIGURED * bool(plan.wants) < ENOUGH + FOREIGN * _foreign_share(ranking)
    if low or (ranking.items and not any(len(i.text) > 1 or i.concepts for i in ranking.items)):
        return "nothing in it speaks of that"  # a letter ("3 x ULN") is no thing that could be spoken of
    own = _own(ranking)
    unknown = [n for n in own if _names_a_thing(ranking.items[n]) and _most_held(ranking, n) < 0.5]
    if unknown and not any(best.held[n] >= 0.5 for n in own):
        return f"it does not mention {ranking.items[unknown[0]].text}"
    return None


_ROUNDING = 0.1
"""Twelve weeks are three months."""
_FIGURE = re.compile(
    r"\b(\d+(?:\.\d+)?)[ -]?(%|(?!(?:and|or|is|to|in|of|the|with|but|before|after)\b)[a-zµ]{1,8})\b", re.IGNORECASE
)


def _figure_unsaid(question: str, text: str) -> str | None:
    """A figure with its unit that the question gives and the text does not ("every 12 weeks")."""
    said = durations.spans(text)
    for span in durations.spans(question):
        if any(abs(s.days - span.days) <= _ROUNDING * span.days for s in said):
            return None
    for m in _FIGURE.finditer(question):
        if stem(m[2]) in _GENERIC:
            continue
        if not re.search(rf"(?<![\d.]){re.escape(m[1])}(?![\d.]\d)", text):
            return m[0]
    return None


_EITHER = re.compile(
    r"([\w.+-]+(?: [\w.+-]+)?)\s+or\s+(?:(?:from|a|an|the|by|in|at|with|on)\s+)*([\w.+-]+(?: [\w.+-]+)?)", re.IGNORECASE
)


def _neither(question: str, ranking: Ranking) -> tuple[str, str] | None:
    """The two things that the question chooses between, if the record names neither ("a 1.5T or a 3T scanner")."""
    found = _EITHER.search(question)
    if not found:
        return None
    for side in (1, 2):
        own = [n for n, i in enumerate(ranking.items) if found.start(side) <= i.start < found.end(side)]
        if not own or max(s.held[n] for s in ranking.scored for n in own) >= _KNOWN:
            return None
    return found[1], found[2]


def _counts(noun: str, text: str) -> bool:
    """Whether the text counts those things: a number stands beside their name, or counts something not named so."""
    own = items(noun)
    # "coached sessions" count no coaches
    places = [
        i
        for i in items(text)
        for o in own
        if (i.stem == o.stem or i.concepts & o.concepts) and not i.text.endswith(("ed", "ing"))
    ]
    if not places:
        spoken = {stem(word) for word in re.findall(r"[A-Za-z]+", text) if not word.endswith(("ed", "ing"))}
        return holds_count(text) and any(i.stem in phrasing_stems() or i.stem in spoken for i in own)
    return any(holds_count(text[max(0, i.start - _BESIDE) : i.end + _BESIDE]) for i in places)


_BESIDE = 24


_GENERIC = frozenset(
    stem(word)
    for word in (
        "number",
        "figure",
        "value",
        "criterion",
        "criteria",
        "rule",
        "detail",
        "kind",
        "type",
        "sort",
        "group",
        "arm",
        "part",
        "thing",
    )
)
"""Nouns that a question asks with, not for."""


def _unnamed_noun(question: str, ranking: Ranking) -> str | None:
    """What is asked for by name ("which serotype", "what is the half-life of …") and the record never names."""
    found = _NOUN.search(question)
    if not found:
        return None
    own = [
        n
        for n, item in enumerate(ranking.items)
        if found.start(1) <= item.start < found.end(1) and item.stem not in phrasing_stems() | _GENERIC
    ]
    if own and all(max((s.held[n] for s in ranking.scored), default=0.0) <= _KNOWN for n in own):
        return found[1]
    return None


def _named_elsewhere(ranking: Ranking, best: Scored) -> str | None:
    """What the question names and the record speaks of (a drug, a measure), if the best unit speaks of none such."""
    named = [n for n, i in enumerate(ranking.items) if _names_a_thing(i) and _most_held(ranking, n) >= _KNOWN]
    if not named or any(best.held[n] >= 0.5 for n in named) or any(best.held[n] >= _KNOWN for n in _own(ranking)):
        return None
    return ranking.items[named[0]].text


def _names_a_thing(item: Item) -> bool:
    """Whether an item is the name of something; a participle ("modified", "tracked") is told of a thing."""
    return bool(item.concepts) and not item.text.endswith("ed")


def _most_held(ranking: Ranking, n: int) -> float:
    return max((s.held[n] for s in ranking.scored), default=0.0)


def _unnamed_measures(question: str, ranking: Ranking) -> list[str]:
    """The measures that the question names and no unit does; none when one of them is named."""
    spans = [(a, b, m) for a, b, m in measures.matcher().finditer(question) if m.kind in ("measurement", "score")]
    unnamed = []
    for a, b, measure in spans:
        of_it = [n for n, i in enumerate(ranking.items) if i.start < b and i.end > a and i.concepts]
        known = max((s.held[n] for s in ranking.scored for n in of_it[-1:]), default=0.0)
        if known < _KNOWN and not _measured(measure, ranking.scored):
            unnamed.append(question[a:b])
    return unnamed if len(unnamed) == len(spans) else []


_KNOWN = 0.75


def _measured(measure: measures.Measure, scored: Sequence[Scored]) -> bool:
    return any(found.id == measure.id for s in scored for _, _, found in measures.matcher().finditer(s.unit.text))


def _own(ranking: Ranking) -> list[int]:
    """The question's items that no phrasing has."""
    return [n for n, i in enumerate(ranking.items) if i.stem not in phrasing_stems() and not i.text.isdigit()]


def _foreign_share(ranking: Ranking) -> float:
    """The share, by weight, of the question's own words that the record does not have."""
    own = _own(ranking)
    total = sum(ranking.weights[n] for n in own)
    if not total:
        return 0.0
    foreign = [n for n in own if max((s.held[n] for s in ranking.scored), default=0.0) < 0.5]
    return sum(ranking.weights[n] for n in foreign) / total


def told(reason: str) -> str:
    """A doubt in words for a reader."""
    return f"the record {reason.removeprefix('it ')}" if reason.startswith("it ") else reason


def unpublished(record: Record) -> Draft | None:
    """That an outcome is asked for which the record does not hold; None when it holds results."""
    path = "/hasResults"
    posted = record.value(path)
    if posted is None or record.values("/resultsSection"):
        return None
    text = (
        "Not stated here: results have been posted, but this record does not hold them."
        if posted
        else "Not stated: results pending, none have been posted yet."
    )
    citation = record.cite(path)
    return Draft("not_stated", text, [Claim(text=text, citations=[citation])] if citation else [], [record.id])


def silent(record: Record, asked: Asked, ranking: Ranking | None, reason: str | None) -> Draft:
    """Not stated, why, and the nearest miss if there is one."""
    names = [fields()[f].name for f in asked.plan.fields]
    reason = reason or (f"the record gives no {names[0]}" if names else "nothing in the record speaks of that")
    text = f"Not stated: {told(reason)}."
    claims: list[Claim] = []
    if ranking and ranking.scored and ranking.scored[0].score >= _NEAR:
        unit = ranking.scored[0].unit
        words = f"The nearest it says: “{shortened(plain(unit.text), 240)}”"
        claims.append(Claim(text=words, citations=[record.citation(unit.lines, unit.text)]))
    elif ranking:
        text += f" {len(ranking.scored)} passages were looked at."
    return Draft("not_stated", " ".join([text, *(c.text for c in claims)]), claims, [record.id])
