"""Criteria that the rules could not compute, read by a model: bounds and topics, each from a criterion's own words.

The policy is that of the fields. fill asks for criteria without constraints that hold a number or have a topic, full
for all; where both read bounds in a criterion the rules' stand, and other ones of the model's are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extract.criteria.constraints import Constraint
from extract.criteria.topics import vocabulary
from extract.evidence import Evidence
from extract.extraction import Criterion, Finding
from extract.model.bounds import CitedBound, CitedTopic, CriteriaFound, Unproven, constraint_of, same_bounds
from extract.model.ground import Checks, Record
from extract.model.locate import NotLocated
from extract.model.merge import DISAGREES
from extract.model.replies import Reply
from extract.source import LineRange

READ = "model-read-criterion"

_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """What came of a bound or topic that was proposed: of which criterion it is, and its proof, or why it does not
    hold."""

    pointer: str
    reason: str | None = None
    criterion: str = ""
    constraint: Constraint | None = None
    topic: str | None = None
    lines: LineRange = (0, 0)
    quote: str = ""


def open_criteria(criteria: Iterable[Criterion], *, full: bool) -> list[Criterion]:
    """The criteria to ask for."""
    return [c for c in criteria if full or (not c.constraints and (c.topics or _NUMBER.search(c.text)))]


class CriteriaChecks(Checks[CriterionVerdict]):
    """Checks bounds and topics that are proposed for criteria."""

    def __init__(self, record: Record, criteria: Sequence[Criterion]) -> None:
        super().__init__()
        self._record = record
        self._criteria = criteria
        self._kept: list[CriterionVerdict] = []

    @property
    def verdicts(self) -> list[CriterionVerdict]:
        """What came of the proposals, in their order."""
        return self._kept

    def judge(self, reply: Reply) -> list[CriterionVerdict]:
        """The verdicts on one reply. The reply of which more holds is kept."""
        assert isinstance(reply, CriteriaFound)
        found = [self._judged(f"bounds/{n}", b) for n, b in enumerate(reply.bounds or ())]
        found += [self._judged(f"topics/{n}", t) for n, t in enumerate(reply.topics or ())]
        if sum(v.reason is None for v in found) >= sum(v.reason is None for v in self._kept):
            self._kept = found
        return found

    def _judged(self, pointer: str, cited: CitedBound | CitedTopic) -> CriterionVerdict:
        located = self._record.located(cited)
        if isinstance(located, NotLocated):
            return CriterionVerdict(pointer, located.reason)
        first, last = located.lines
        criterion = next((c for c in self._criteria if c.lines[0] <= first and last <= c.lines[1]), None)
        if criterion is None:
            return CriterionVerdict(pointer, "the words are in none of the criteria that were asked for")
        try:
            made = _made(cited, located.words, criterion)
        except Unproven as e:
            return CriterionVerdict(pointer, str(e))
        bound, topic = (made, None) if isinstance(made, Constraint) else (None, made)
        return CriterionVerdict(pointer, None, criterion.id, bound, topic, located.lines, located.words)


def _made(cited: CitedBound | CitedTopic, words: str, criterion: Criterion) -> Constraint | str:
    if isinstance(cited, CitedBound):
        return constraint_of(cited, words, criterion)
    if cited.topic not in vocabulary():
        raise Unproven("no such topic")
    if words not in criterion.text:
        raise Unproven("the words are not one criterion's")
    return cited.topic


def merge_criteria(
    criteria: Sequence[Criterion], verdicts: Iterable[CriterionVerdict]
) -> tuple[list[Criterion], list[Finding]]:
    """The criteria with what the model read in them, and what is to be said of that."""
    held: dict[str, list[CriterionVerdict]] = {}
    for verdict in verdicts:
        if verdict.reason is None:
            held.setdefault(verdict.criterion, []).append(verdict)
    merged, findings = [], list[Finding]()
    for criterion in criteria:
        read = held.get(criterion.id, [])
        bounds = [v for v in read if v.constraint]
        if criterion.constraints:
            findings += [_disagreement(v) for v in bounds if not _known(v, criterion.constraints)]
            bounds = []
        findings += [_read(v) for v in bounds]
        made = _distinct(v.constraint for v in bounds if v.constraint)
        said = {v.topic for v in read if v.topic} if not criterion.topics else set()
        topics = [*criterion.topics, *(t for t in vocabulary() if t in said)]
        merged.append(replace(criterion, constraints=[*criterion.constraints, *made], topics=topics))
    return merged, findings


def _known(verdict: CriterionVerdict, constraints: Sequence[Constraint]) -> bool:
    return verdict.constraint is not None and same_bounds(verdict.constraint, constraints)


def _distinct(constraints: Iterable[Constraint]) -> list[Constraint]:
    """In the order of their words, each once."""
    return sorted(dict.fromkeys(constraints), key=lambda c: c.chars)


def _disagreement(verdict: CriterionVerdict) -> Finding:
    return _finding(DISAGREES, f"{verdict.criterion}: the model reads a bound that the rules do not", verdict)


def _read(verdict: CriterionVerdict) -> Finding:
    return _finding(READ, f"{verdict.criterion}: the model read this bound, where the rules read none", verdict)


def _finding(code: str, message: str, verdict: CriterionVerdict) -> Finding:
    proof = Evidence(lines=verdict.lines, quote=verdict.quote, method="model")
    return Finding(code=code, severity="info", message=message, evidence=[proof])
