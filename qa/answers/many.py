"""Answers over many trials: which of them fulfil the question's conditions, how many, and by which lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from extract.criteria import measures
from qa.answer import Citation, Claim
from qa.answers.claims import Draft, citations
from qa.answers.compare import order
from qa.facets import Mention, Verdict, check
from qa.fields import fields
from qa.filters import Conditions, because, compared
from qa.patterns import Words
from qa.plan import Comparison, Filter
from qa.ranking import Evidence
from qa.record import Record, Unit, Value
from qa.topic import Topic
from qa.wording import counted, listed, plain, shortened

_TITLE = "/protocolSection/identificationModule/briefTitle"
_TITLE_CHARACTERS = 110
_CITED = 200
"""The most trials whose lines are cited one by one."""

Open = Callable[[str], Evidence]


class Search(NamedTuple):
    """What a question over many trials asks for."""

    conditions: Conditions
    topic: Topic | None
    limit: Limit | None
    most: tuple[str, bool] | None = None
    """The field of which the highest value is asked for, or with False the lowest."""

    @property
    def empty(self) -> bool:
        """Whether nothing was understood to look for."""
        return not (self.conditions.facets or self.conditions.filters or self.topic or self.limit or self.most)

    @property
    def words(self) -> str:
        """The conditions as they are told back."""
        said = [" or ".join(map(_told, group)) for group in self.conditions.groups]
        said += [f.words for f in self.conditions.filters]
        if self.limit:
            said.append(self.limit.words)
        if self.most:
            field, more = fields()[self.most[0]], self.most[1]
            most = ("latest" if more else "earliest") if field.form == "date" else "highest" if more else "lowest"
            said.append(f"{most} {field.name}")
        if self.topic:
            said.append("“" + " ".join(i.text for i in self.topic.items) + "”")
        return listed(said)


def _told(mention: Mention) -> str:
    return f"{'not ' if mention.negated else ''}{mention.facet.words}"


class Limit(NamedTuple):
    """A bound on a measure in the criteria: "whose HbA1c limit is above 9 %"."""

    measure: str
    comparison: Comparison
    value: float
    words: str

    def proved(self, record: Record) -> Unit | None:
        """The criterion whose limit compares so."""
        for unit in record.units:
            if not unit.of_criteria or all(c.get("variable") != self.measure for c in unit.constraints):
                continue
            for c in unit.parsed():
                upper = c.upper if unit.kind == "inclusion" else c.lower
                lower = c.lower if unit.kind == "inclusion" else c.upper
                bound = upper if self.comparison in (">", ">=") else lower
                if c.variable == self.measure and bound and _compares(bound.value, self.comparison, self.value):
                    return unit
        return None


def _compares(a: float, comparison: Comparison, b: float) -> bool:
    return {">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b}.get(comparison, a == b)


def limit_of(question: Words) -> Limit | None:
    """The bound on a measure that a question compares; None when it names no measure or no figure."""
    named = next((f for f in measures.matcher().finditer(question.text) if f[2].kind in ("measurement", "score")), None)
    found = compared(question.text[named[1] :]) if named else None
    if named is None or found is None:
        return None
    comparison, value, span = found
    words = question.text[named[0] : named[1] + span[1]].strip(" ?.")
    return Limit(named[2].id, comparison, value, words)


def answer(search: Search, candidates: Iterable[str], total: int, opened: Open, *, count: bool) -> Draft:
    """The trials that fulfil every condition, each with the lines that say so."""
    found: list[str] = []
    claims: list[Claim] = []
    for document in _most(search, candidates, opened) if search.most else candidates:
        evidence = opened(document)
        proofs = _proofs(search, evidence)
        if not proofs:
            continue  # also where nothing says that it does
        found.append(document)
        if len(claims) < _CITED:
            title = plain(str(evidence.record.value(_TITLE) or ""))
            claims.append(Claim(text=f"{document}: {shortened(title, _TITLE_CHARACTERS)}", citations=proofs))
    lead = f"{len(found)} of {counted(total, 'trial')}" if found else f"None of the {counted(total, 'trial')}"
    text = f"{lead}: {search.words}."
    if found:
        text += f" {', '.join(found)}." if count else "\n" + "\n".join(c.text for c in claims)
    return Draft("answered", text, claims, found)


def _most(search: Search, candidates: Iterable[str], opened: Open) -> list[str]:
    """Of the trials that fulfil every condition that with the highest or lowest value; several where they share it."""
    assert search.most
    field, highest = fields()[search.most[0]], search.most[1]
    known: list[tuple[float | str, str]] = []
    for document in candidates:
        evidence = opened(document)
        values = field.values(evidence.record)
        place = order(values[0].value) if values else None
        if place is not None and _proofs(search, evidence) is not None:
            known.append((place, document))
    if not known:
        return []
    chosen = (max if highest else min)(known, key=lambda k: k[0])[0]
    return [document for place, document in known if place == chosen]


def _proofs(search: Search, evidence: Evidence) -> list[Citation] | None:
    """The lines by which a record fulfils every condition; None when it does not."""
    record = evidence.record
    proofs: list[Citation] = []
    for group in search.conditions.groups:
        verdicts = ((mention, check(mention.facet, record)) for mention in group)
        held = next(((m, v) for m, v in verdicts if v.holds is not None and v.holds is not m.negated), None)
        if held is None:
            return None
        proofs += citations(record, (v.pointer for v in _telling(*held)))
    for condition in search.conditions.filters:
        proofs += _of_filter(condition, record)
    if search.limit:
        unit = search.limit.proved(record)
        if unit is None:
            return None
        proofs.append(record.citation(unit.lines, unit.text, label=unit.label))
    if search.most:
        values = fields()[search.most[0]].values(record)
        proofs += citations(record, (v.pointer for v in values[:1]))
    if search.topic:
        units = search.topic.spoken(evidence)
        if not units:
            return None
        proofs += [record.citation(u.lines, u.text, label=u.label if u.of_criteria else None) for u in units]
    return list({(c.lines, c.quote): c for c in proofs}.values())


def _telling(mention: Mention, verdict: Verdict) -> Sequence[Value]:
    return verdict.because[:1] if mention.facet.comparison in ("in", "all") else verdict.because[:2]


def _of_filter(condition: Filter, record: Record) -> list[Citation]:
    values = because(condition, record)
    if condition.field == "country" and values:
        together = next((u for u in record.units if u.context == "Countries" and str(values[0].value) in u.text), None)
        if together:
            return [record.citation(together.lines, together.text)]
    return citations(record, (v.pointer for v in values))
