"""Claims checked against the records: each is accepted with the records' own words, or turned down with a reason.

A claim holds when every quote of it stands on its lines, none of them a line that speaks to a model, when one of them
is on lines that speak to the question, and when its sentence follows from them (qa/model/follows.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from extract.evidence import fold
from extract.model import ground
from extract.model.hostile import hostile_lines
from extract.model.locate import Located, Locator, NotLocated
from qa.answer import Citation, Claim, Removed
from qa.model.follows import Proof, fault
from qa.model.replies import CitedClaim, ClaimsFound
from qa.record import Record, Unit

_CLAUSE_END = re.compile(r"[.;:]\s|[()]")
_REASONS_TOLD = 8


@dataclass(frozen=True)
class Shown:
    """A record that a model is shown, and the lines that speak to the question."""

    record: Record
    relevant: frozenset[int]

    @cached_property
    def ground(self) -> ground.Record:
        """What quotes of it are held against."""
        source = self.record.source
        return ground.Record(Locator(source), self.record.passages, hostile_lines(source))

    @cached_property
    def criteria(self) -> Mapping[int, Unit]:
        """Its criteria by their lines."""
        return {n: u for u in self.record.units if u.of_criteria for n in range(u.lines[0], u.lines[1] + 1)}


class Judged(NamedTuple):
    """What came of a claim: it, with its citations, or the reason why it is not let out. `pointer` is its place."""

    pointer: str
    text: str
    claim: Claim | None = None
    reason: str | None = None


class ClaimChecks:
    """Checks the replies to one question, and keeps what came of the reply of which more holds."""

    def __init__(self, shown: Sequence[Shown], *, verdict: str | None) -> None:
        self._shown = {s.record.id: s for s in shown}
        self._verdict = verdict
        self._told = False
        self._kept: list[Judged] = []

    @property
    def judged(self) -> Sequence[Judged]:
        """What came of every claim, in their order."""
        return self._kept

    @property
    def claims(self) -> list[Claim]:
        """The claims that hold, each once."""
        return list({j.claim.text: j.claim for j in self._kept if j.claim}.values())

    @property
    def removed(self) -> list[Removed]:
        """Those that do not, with the reasons."""
        return [Removed(text=j.text, reason=f"the model's: {j.reason}") for j in self._kept if j.reason]

    def check(self, reply: ClaimsFound) -> str | None:
        """What does not hold, the first time that something does not: the model is asked once more."""
        judged = [self._judge(f"claims/{n}", claim) for n, claim in enumerate(reply.claims or ())]
        if not self._kept or sum(j.claim is not None for j in judged) >= len(self.claims):
            self._kept = judged
        faults = [f"{j.pointer}: {j.reason}" for j in judged if j.reason]
        if not faults or self._told:
            return None
        self._told = True
        told = "\n".join(faults[:_REASONS_TOLD])
        return f"Some claims do not hold against the records:\n{told}\nCorrect these, or leave them out."

    def _judge(self, pointer: str, cited: CitedClaim) -> Judged:
        text = fold(cited.text).strip()
        shown = self._meant(cited)
        if shown is None:
            return Judged(pointer, text, reason="it names no record that was shown")
        if not text or not cited.quotes:
            return Judged(pointer, text, reason="no lines of a record prove it")
        located: list[Located] = []
        for quote in cited.quotes:
            place = shown.ground.located(quote)
            if isinstance(place, NotLocated):
                return Judged(pointer, text, reason=place.reason)
            located.append(place)
        if not any(shown.relevant.intersection(range(p.lines[0], p.lines[1] + 1)) for p in located):
            return Judged(pointer, text, reason="its lines do not speak to the question")
        reason = fault(text, [_proof(p, shown) for p in located], verdict=self._verdict)
        if reason:
            return Judged(pointer, text, reason=reason)
        citations = [_citation(p, shown) for p in located]
        return Judged(pointer, text, Claim(text=text, citations=citations, method="model"))

    def _meant(self, cited: CitedClaim) -> Shown | None:
        if len(self._shown) == 1:
            return next(iter(self._shown.values()))
        return self._shown.get((cited.document or "").strip())


def _proof(place: Located, shown: Shown) -> Proof:
    unit = shown.criteria.get(place.lines[0])
    labels = [*shown.ground.labels(place.lines[0]), *([unit.context] if unit and unit.context else [])]
    return Proof(place.words, _clause(place, shown), labels, excludes=unit is not None and unit.kind == "exclusion")


def _clause(place: Located, shown: Shown) -> str:
    """The clause that the words stand in: what denies them may not be cut off."""
    text = shown.record.source.text
    first, last = place.lines
    begin = shown.record.source.offset(first)
    end = shown.record.source.offset(last, len(shown.record.source.line(last)))
    begin = max((m.end() for m in _CLAUSE_END.finditer(text, begin, place.start)), default=begin)
    found = _CLAUSE_END.search(text, place.end, end)
    return fold(text[begin : found.start() if found else end])


def _citation(place: Located, shown: Shown) -> Citation:
    unit = shown.criteria.get(place.lines[0])
    return shown.record.citation(place.lines, place.words, label=unit.label if unit else None)
