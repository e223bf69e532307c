"""A described patient against one extracted study: what is met, what excludes, and what to ask.

    match(extraction, from_words("45-year-old man, BMI 27, HbA1c 11 %")).verdict      "excluded"

The study's own fields are judged first (ages, sex, healthy volunteers), then every criterion. A criterion of one
cohort, or an alternative of its parent, excludes nobody from the study. The verdict never guesses:

    excluded           something certain stands against the patient
    eligible_so_far    something is met, and nothing stands against the patient
    cannot_tell        nothing could be decided, or the record contradicts itself where it decides
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import shorten
from typing import Literal

from pydantic import Field

from extract.criteria import units
from extract.criteria.constraints import Bound, Constraint
from extract.criteria.evaluate import evaluate
from extract.criteria.judge import Decision, Status, decide
from extract.criteria.patient import Patient
from extract.criteria.wording import is_general, rest_of
from extract.document import Contract
from extract.evidence import Line
from extract.extraction import Criterion, Extraction

Verdict = Literal["excluded", "eligible_so_far", "cannot_tell"]
_MODULE = "/protocolSection/eligibilityModule"
_MEASURED = frozenset(("age", "sex", "laboratory", "organ_function", "performance_status", "life_expectancy"))
"""Topics that the constraints of a criterion ask about more closely."""


class Reason(Contract):
    """One thing that was looked at. `met`: whether it speaks for the patient; None where it is unknown."""

    text: str
    met: bool | None
    variable: str | None = None


class Judgement(Contract):
    """One field or criterion. `met` exclusions are those that don't apply; `ask` names what would decide an unknown."""

    id: str
    kind: Literal["field", "inclusion", "exclusion"]
    status: Status
    text: str
    lines: tuple[Line, Line] | None = None
    reasons: list[Reason] = Field(default_factory=list)
    ask: list[str] = Field(default_factory=list)


class Match(Contract):
    """The verdict, its reason in one sentence, every judgement, and what to ask the patient, each thing once."""

    document: str
    verdict: Verdict
    reason: str
    judgements: list[Judgement]
    ask: list[str]


def match(extraction: Extraction, patient: Patient) -> Match:
    """Judges a patient by an extraction."""
    judgements = [*_fields(extraction, patient), *_criteria(extraction.criteria, patient)]
    verdict, reason = _verdict(judgements)
    asked = dict.fromkeys(ask for judgement in judgements for ask in judgement.ask)
    return Match(
        document=extraction.document.id, verdict=verdict, reason=reason, judgements=judgements, ask=list(asked)
    )


def _fields(extraction: Extraction, patient: Patient) -> Iterator[Judgement]:
    section = extraction.study.protocol_section
    module = section.eligibility_module if section else None
    if module is None:
        return
    for name, text in (("minimumAge", module.minimum_age), ("maximumAge", module.maximum_age)):
        bound = _age_bound(name, text)
        if bound is not None:
            answer = evaluate(bound, patient)
            yield _field(
                extraction, name, text or "", Reason(text=answer.reason, met=answer.truth, variable="age"), answer.ask
            )
    if module.sex in ("MALE", "FEMALE"):
        met = None if patient.sex is None else patient.sex == module.sex.lower()
        said = f"the study is for {module.sex.lower()} participants"
        yield _field(extraction, "sex", module.sex, Reason(text=said, met=met, variable="sex"), "sex")
    if module.healthy_volunteers is False and patient.healthy:
        reason = Reason(text="the study takes no healthy volunteers", met=False)
        yield _field(extraction, "healthyVolunteers", "No", reason, None)


def _age_bound(name: str, text: str | None) -> Constraint | None:
    """ "18 Years" as a constraint; None for "N/A"."""
    number, _, rest = (text or "").partition(" ")
    unit = units.match(rest)
    if not number.isdecimal() or unit is None:
        return None
    bound = Bound(value=float(number), inclusive=True)
    youngest = name == "minimumAge"
    return Constraint(
        kind="age",
        variable="age",
        label="age",
        lower=bound if youngest else None,
        upper=None if youngest else bound,
        unit=unit.text.lower(),
        ucum=unit.ucum,
        quote=text or "",
        chars=(0, len(text or "")),
    )


def _field(extraction: Extraction, name: str, text: str, reason: Reason, ask: str | None) -> Judgement:
    evidence = extraction.evidence.get(f"{_MODULE}/{name}")
    status: Status = "unknown" if reason.met is None else "met" if reason.met else "violated"
    return Judgement(
        id=name,
        kind="field",
        status=status,
        text=text,
        lines=evidence[0].lines if evidence else None,
        reasons=[reason],
        ask=[ask] if ask and reason.met is None else [],
    )


def _criteria(criteria: Sequence[Criterion], patient: Patient) -> Iterator[Judgement]:
    known = {criterion.id: criterion for criterion in criteria}
    leads = {criterion.parent for criterion in criteria}
    for criterion in criteria:
        decision = decide(criterion.text, criterion.kind, criterion.constraints, patient)
        heads = list(_heads(criterion, known))
        if decision.status == "violated" and (_limits(criterion.group) or any(map(_leaves_open, heads))):
            decision = decision._replace(status="unknown", more=True)
        if criterion.id in leads and not criterion.constraints:
            decision = Decision("unknown", settled=True)  # a lead asks what hangs on it
        yield _judgement(criterion, decision, patient)


def _limits(group: str | None) -> bool:
    return group is not None and not is_general(group)


def _heads(criterion: Criterion, known: dict[str, Criterion]) -> Iterator[Criterion]:
    """The criteria that a nested one hangs on, nearest first."""
    parent = known.get(criterion.parent or "")
    while parent is not None:
        yield parent
        parent = known.get(parent.parent or "")


def _leaves_open(head: Criterion) -> bool:
    """Whether what hangs on this criterion is one way of several, or holds only for some."""
    rest = rest_of(head.text)
    if head.kind == "inclusion":
        return rest.alternatives or bool(rest.conditions) or rest.negated
    return bool(rest.conditions) or rest.negated or rest.listed


def _judgement(criterion: Criterion, decision: Decision, patient: Patient) -> Judgement:
    speaks_for = criterion.kind == "inclusion"
    reasons = [
        Reason(
            text=part.answer.reason,
            met=None if part.truth is None else part.truth == speaks_for,
            variable=part.constraint.variable,
        )
        for part in decision.parts
    ]
    reasons += [Reason(text=name, met=decision.status == "met") for name in decision.named]
    return Judgement(
        id=criterion.id,
        kind=criterion.kind,
        status=decision.status,
        text=criterion.text,
        lines=criterion.lines,
        reasons=reasons,
        ask=list(dict.fromkeys(_ask(criterion, decision, patient))),
    )


def _ask(criterion: Criterion, decision: Decision, patient: Patient) -> Iterator[str]:
    """What would decide the criterion: measures by name, anything else by its topics, or by the text without any."""
    if decision.status != "unknown":
        return
    asked = [] if decision.settled else [p.answer.ask for p in decision.parts if p.answer.ask and p.constraint.variable]
    yield from asked
    if decision.more:
        known = {"age" if patient.age else "", "sex" if patient.sex else "", *(_MEASURED if decision.parts else ())}
        topics = [topic.replace("_", " ") for topic in criterion.topics if topic not in known]
        yield from topics or ([] if asked else [shorten(criterion.text, width=80, placeholder=" …")])


def _verdict(judgements: Sequence[Judgement]) -> tuple[Verdict, str]:
    against = [judgement for judgement in judgements if judgement.status == "violated"]
    disputed = {judgement.id: _rival(judgement, judgements) for judgement in against}
    for judgement in against:
        if disputed[judgement.id] is None:
            return "excluded", f"excluded by {_place(judgement)}: {_why(judgement)}"
    for judgement in against:
        rival = disputed[judgement.id]
        assert rival is not None
        said = f"by {_place(judgement)} {_why(judgement)}, by {_place(rival)} it is not"
        return "cannot_tell", f"the record disagrees with itself: {said}"
    met = sum(judgement.status == "met" for judgement in judgements)
    if not met:
        return "cannot_tell", "nothing in the description decides a field or criterion"
    return "eligible_so_far", f"{met} met, none against, {len(judgements) - met} not known"


def _rival(judgement: Judgement, judgements: Sequence[Judgement]) -> Judgement | None:
    """Where the record admits an age that it refuses here: its fields and its criteria may name different ones."""
    if not any(reason.variable == "age" and reason.met is False for reason in judgement.reasons):
        return None
    others = (other for other in judgements if (other.kind == "field") != (judgement.kind == "field"))
    admitting = (other for other in others if other.status != "violated")
    return next((o for o in admitting if any(r.variable == "age" and r.met for r in o.reasons)), None)


def _place(judgement: Judgement) -> str:
    name = judgement.id.replace("-", " ") if judgement.kind != "field" else f"the field {judgement.id}"
    if judgement.lines is None:
        return name
    first, last = judgement.lines
    return f"{name} ({f'line {first}' if first == last else f'lines {first}-{last}'})"


def _why(judgement: Judgement) -> str:
    against = [reason.text for reason in judgement.reasons if reason.met is False]
    return against[0] if against else judgement.text
