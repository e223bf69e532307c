"""Answers about a described person: the verdict first, then the criterion that decides it, at its line.

A yes says that nothing in the record that speaks of the person keeps them out: it is no promise for the criteria that
the question gave nothing on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qa.answer import Claim
from qa.answers.ages import AgeLimits, age_limits
from qa.answers.claims import Draft, citations
from qa.answers.passages import quoted
from qa.asked import Asked
from qa.entailment import SYNONYM, Judgement, judge
from qa.facets import check, mentions
from qa.facts import Person, Thing, person, table, tells
from qa.ranking import Ranking
from qa.record import Record, Unit
from qa.wording import plain, sentence, shortened
from qa.words import items, lexicon, stem

_OUT = re.compile(r"\bout\W*$", re.IGNORECASE)
"""The last word of "had it cured a year ago: out?"."""
_SPOKEN = 0.62
"""The score from which a criterion may be about the person's condition."""
_CLOSE = 0.65
"""Criteria below this share of the best one's score have no say."""
_JUDGED = 5
_CHARACTERS = 600


def asks_what_keeps_out(asked: Asked) -> bool:
    """Whether a yes means that the person is kept out: "is a stroke a problem?", and not "can I join?"."""
    return asked.says(*table()["keeping_out"]) or bool(_OUT.search(asked.question))


def answer(record: Record, asked: Asked, ranking: Ranking) -> Draft | None:
    """The verdict on the person described; None when nothing in the record speaks of them."""
    who = person(asked.question)
    keeps_out = asks_what_keeps_out(asked)
    by_age = _by_age(record, who)
    if asked.says(*table()["requiring"]) and not keeps_out and who.age is None and not who.measured:
        return _required(record, who, ranking)
    judgements = list(_judgements(ranking, who, _concepts_of_conditions(record)))
    out = _first(judgements, "out")
    if by_age and by_age.verdict == "no" and not (out and out.certain):
        return by_age.draft(record, keeps_out=keeps_out)
    if who.age is None and (told := _by_age_group(record, asked)):
        text = " ".join([f"{_word('out', keeps_out=keeps_out)}.", *(c.text for c in told)])
        return Draft("answered", text, told, [record.id])
    by_sex = _by_sex(record, who)
    if by_sex:
        return Draft("answered", f"{_word('out', keeps_out=keeps_out)}. {by_sex.text}", [by_sex], [record.id])
    chosen = out or _first(judgements, "in")
    if chosen and by_age and (_about_age(asked) or (chosen.verdict == "in" and by_age.verdict == "split")):
        fits = chosen.certain and chosen.verdict == "in" and by_age.verdict == "yes"
        return _adding(record, by_age.draft(record, keeps_out=keeps_out), chosen if fits else None)
    if chosen:
        second = next((j for j in judgements if _also(j, chosen)), None) if chosen.verdict == "out" else None
        return _adding(record, _draft(record, chosen, keeps_out=keeps_out), second)
    if by_age and by_age.verdict == "yes" and who.measured:
        return None  # the age is right, and of the value nothing can be told
    return by_age.draft(record, keeps_out=keeps_out) if by_age else None


def _adding(record: Record, draft: Draft, other: Judgement | None) -> Draft:
    """The draft with what another criterion says besides."""
    if other:
        more = quoted(record, other.unit)
        draft.claims.append(more)
        draft.text = f"{draft.text} {more.text}"
    return draft


def _required(record: Record, who: Person, ranking: Ranking) -> Draft | None:
    """That what the question speaks of is asked for, where an inclusion criterion asks for it; what is said of it
    elsewhere is quoted without a verdict."""
    wanted = tuple(t._replace(denied=False) for t in who.things if tells(t.item))
    for s in ranking.scored[:_JUDGED]:
        if s.unit.kind == "inclusion" and wanted and all(_asks_for(s.unit, thing) for thing in wanted):
            return _draft(record, Judgement(s.unit, "in", "", False, 1.0), keeps_out=False)
    return None


def _asks_for(unit: Unit, thing: Thing) -> bool:
    alone = Person(None, None, (), (), (thing,), None, None)
    found = judge(unit, alone)
    return found is not None and found.verdict == "in" and found.strength >= SYNONYM


def _concepts_of_conditions(record: Record) -> frozenset[str]:
    """The concepts of what the trial is for, and their kinds."""
    conditions = record.values("/protocolSection/conditionsModule/conditions/*")
    own = {concept for v in conditions for item in items(str(v.value)) for concept in item.concepts}
    return frozenset(own.union(*(lexicon().kinds[concept] for concept in own)))


def _judgements(ranking: Ranking, who: Person, about: frozenset[str]) -> Iterable[Judgement]:
    """What criteria say of the person: those whose figures decide first, then those nearest to the question."""
    criteria = [s for s in ranking.scored if s.unit.of_criteria]
    by_words: list[tuple[float, Judgement]] = []
    for n, s in enumerate(criteria):
        found = judge(s.unit, who, about)
        if found is None:
            continue
        if found.certain:
            yield found
        elif n < _JUDGED and s.score >= max(_SPOKEN, _CLOSE * criteria[0].score):
            by_words.append((s.score * found.strength, found))
    yield from (found for _, found in sorted(by_words, key=lambda f: -f[0]))


def _first(judgements: Sequence[Judgement], verdict: str) -> Judgement | None:
    """The judgement that decides, if it is this verdict. Figures decide before words. What an inclusion asks for may be
    there, and an exclusion that speaks of the person almost as closely still keeps them out."""
    certain = [j for j in judgements if j.certain]
    if certain:
        out = next((j for j in certain if j.verdict == "out"), None) or _excluded(judgements, certain)
        return out if verdict == "out" else None if out else certain[0]
    by_words = [j for j in judgements if not j.certain]
    if not by_words:
        return None
    best = by_words[0]
    if best.verdict == "in" and best.unit.kind == "inclusion":
        rival = next((j for j in by_words[1:] if j.verdict == "out" and _rivals(j, best)), None)
        best = rival or best
    return best if best.verdict == verdict else None


def _excluded(judgements: Sequence[Judgement], certain: Sequence[Judgement]) -> Judgement | None:
    """An exclusion of something else that the person has, named by its own name: no figure makes up for that."""
    told = {j.unit.number for j in certain}
    measured = {stem(word) for j in certain for word in re.findall(r"\w+", j.reason)}
    by_words = (j for j in judgements if not j.certain and j.verdict == "out" and j.unit.kind == "exclusion")
    return next(
        (
            j
            for j in by_words
            if j.strength >= SYNONYM and j.unit.number not in told and not measured.intersection(j.by.split())
        ),
        None,
    )


def _rivals(judgement: Judgement, best: Judgement) -> bool:
    """Whether a judgement counts beside the best: on another thing of the person's, or as closely on the same."""
    return judgement.strength >= (best.strength if judgement.by == best.by else _RIVAL)


_RIVAL = 0.7


def _also(judgement: Judgement, chosen: Judgement) -> bool:
    """Whether another exclusion keeps the person out for something else."""
    other = judgement.unit.number != chosen.unit.number and judgement.unit.kind == "exclusion"
    return other and judgement.verdict == "out" and judgement.by != chosen.by and judgement.strength >= _RIVAL


def _draft(record: Record, chosen: Judgement, *, keeps_out: bool) -> Draft:
    unit = chosen.unit
    claim = quoted(record, unit)
    text = claim.text if len(claim.text) <= _CHARACTERS else sentence(shortened(plain(unit.text), _CHARACTERS))
    reason = f" {sentence(chosen.reason)}" if chosen.reason else ""
    told = Claim(text=f"{_word(chosen.verdict, keeps_out=keeps_out)}. {text}{reason}", citations=claim.citations)
    return Draft("answered", told.text, [told], [record.id])


def _word(verdict: str, *, keeps_out: bool) -> str:
    return "Yes" if (verdict == "out") == keeps_out else "No"


def _about_age(asked: Asked) -> bool:
    """Whether the question is about the age itself, and not about someone of that age."""
    return asked.says("age|ages", "too|old old|young|enough") or len(asked.items) <= _AGE_ALONE


_AGE_ALONE = 2
"""The most items of a question that names an age and nothing else worth a criterion."""


class _AgeVerdict:
    """What the record's age limits say of an age, fields and criteria together."""

    def __init__(self, limits: AgeLimits, age: float) -> None:
        self.limits = limits
        self.by_field = limits.field_admits(age)
        self.by_criterion = limits.criterion_admits(age)
        known = [v for v in (self.by_field, self.by_criterion) if v is not None]
        self.verdict = "split" if len(set(known)) == 2 else "yes" if known and known[0] else "no"

    def draft(self, record: Record, *, keeps_out: bool) -> Draft:
        """The verdict in words, every limit at its lines."""
        limits = self.limits
        claims = limits.claims(record)
        if self.verdict == "split":
            words = [
                _word("in" if v else "out", keeps_out=keeps_out).lower() for v in (self.by_field, self.by_criterion)
            ]
            lead = "The record disagrees with itself. By its fields, {}; by its criteria, {}.".format(*words)
            return Draft("partial", " ".join([lead, *(c.text for c in claims)]), claims, [record.id])
        word = _word("in" if self.verdict == "yes" else "out", keeps_out=keeps_out)
        return Draft("answered", " ".join([f"{word}.", *(c.text for c in claims)]), claims, [record.id])


def _by_age(record: Record, who: Person) -> _AgeVerdict | None:
    if who.age is None:
        return None
    limits = age_limits(record)
    if limits.field_admits(who.age) is None and limits.criterion_admits(who.age) is None:
        return None
    return _AgeVerdict(limits, who.age)


def _by_age_group(record: Record, asked: Asked) -> list[Claim]:
    """The claims that a group told by its age ("a child with asthma") is too young or too old; none where it is not."""
    groups = (m.facet for m in mentions(asked.words) if m.facet.id in _AGE_GROUPS)
    return age_limits(record).claims(record) if any(check(facet, record).holds is False for facet in groups) else []


_AGE_GROUPS = ("takes_children", "takes_elderly")


def _by_sex(record: Record, who: Person) -> Claim | None:
    """The claim that the other sex is asked for; None when theirs is or nothing is said."""
    admitted = record.values("/protocolSection/eligibilityModule/sex")
    wanted = {"female": "FEMALE", "male": "MALE"}.get(who.sex or "")
    if not admitted or not wanted or admitted[0].value in ("ALL", wanted):
        return None
    words = "Women only (female)." if admitted[0].value == "FEMALE" else "Men only (male)."
    return Claim(text=words, citations=citations(record, [admitted[0].pointer]))
