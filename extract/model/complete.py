"""One record completed by a model: what to ask is planned, asked for side by side, checked, and put together.

    fill   what the rules left open: fields that are not stated or unreadable, splits of words that run together, and
           criteria without constraints
    full   everything, to list where rules and model disagree

Whatever fails, the rules' extraction comes back, with what the model did find. The policy: docs/design/model.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from extract.criteria.split import split
from extract.evidence import Evidence, fold
from extract.extraction import Criterion, Extraction, Finding, Run
from extract.findings import find
from extract.model.asks import Ask, asks
from extract.model.criteria import CriterionVerdict, merge_criteria, open_criteria
from extract.model.ground import Accepted, Record, Rejected
from extract.model.hostile import hostile_lines
from extract.model.locate import Locator
from extract.model.merge import Found, merge, runs_together
from extract.model.plan import Call, criteria_calls, field_calls
from extract.model.replies import GROUNDER
from extract.reading import Reading
from prompts.client import ModelClient
from prompts.usage import Usage
from trialcite.errors import ModelError, ReplyTruncated

if TYPE_CHECKING:
    from extract.extractor import Extracted

Policy = Literal["fill", "full"]

FAILED = "model-failed"
HOSTILE = "speaks-to-a-model"

_QUOTED = 200


@dataclass(frozen=True)
class Completed:
    """An extraction, and the failures because of which the model was not, or not wholly, heard."""

    extraction: Extraction
    failures: tuple[ModelError, ...] = ()


@dataclass(frozen=True)
class _Answer:
    """What came of a call."""

    verdicts: Sequence[Accepted | Rejected | CriterionVerdict]
    usage: Usage
    failure: ModelError | None = None


async def complete(extracted: Extracted, client: ModelClient, policy: Policy) -> Completed:
    """The extraction of a record, completed by the model. Never raises ModelError: failures are part of the result."""
    extraction, reading = extracted.extraction, extracted.reading
    wanted = _wanted(extracted, policy)
    criteria = open_criteria(extraction.criteria, full=policy == "full")
    if not wanted and not criteria:
        return Completed(extraction)
    record = Record(Locator(reading.source), reading.passages, hostile_lines(reading.source))
    calls = [
        *field_calls(reading, wanted, record, client.settings),
        *criteria_calls(criteria, record, client.settings),
    ]
    answers = await _answers(calls, record, client)
    failures = tuple(a.failure for a in answers if a.failure)
    merged = _merged(reading, extraction, wanted, answers)
    merged.findings += [*_hostile(record), *_failed(failures)]
    usage = sum((a.usage for a in answers), Usage())
    if usage.calls:
        names = dict.fromkeys(call.prompt.name for call in calls)
        merged.run = Run(method="rules+llm", model=client.model, prompt=" ".join(names), usage=usage.to_json())
    return Completed(merged, failures)


def _wanted(extracted: Extracted, policy: Policy) -> list[Ask]:
    """The fields to ask for. A record that is structured already states what it states: it has no outcomes."""
    extraction = extracted.extraction
    known = [a for a in asks().values() if a.pointer in extraction.outcomes and _has(extraction, a)]
    if policy == "full":
        return known
    source = extracted.reading.source
    return [a for a in known if _is_open(extraction, a, known) or runs_together(extraction, a, source)]


def _has(extraction: Extraction, ask: Ask) -> bool:
    """Whether a study of the type that the rules read has the field."""
    protocol = extraction.study.protocol_section
    design = protocol.design_module if protocol else None
    return not (ask.of and design and design.study_type) or design.study_type == ask.of


def _is_open(extraction: Extraction, ask: Ask, known: Sequence[Ask]) -> bool:
    """Whether the rules left a field open. The members of a list's items are, if the list is."""
    if ask.items is None:
        return extraction.outcomes[ask.pointer] in ("not_stated", "unreadable")
    keys = [a for a in known if a.items == ask.items and a.key]
    return all(extraction.outcomes[k.pointer] in ("not_stated", "unreadable") for k in keys)


async def _answers(calls: Sequence[Call], record: Record, client: ModelClient) -> list[_Answer]:
    """What came of the calls, in their order. One whose reply was cut off is asked for its lists apart."""
    answers: list[_Answer] = []
    for call, answer in zip(calls, await asyncio.gather(*(_answer(c, record, client) for c in calls)), strict=True):
        if isinstance(answer.failure, ReplyTruncated) and call.apart:
            answers += [replace(answer, failure=None), *await _answers(call.apart, record, client)]
        else:
            answers.append(answer)
    return answers


async def _answer(call: Call, record: Record, client: ModelClient) -> _Answer:
    tally: list[Usage] = []
    failure, name = None, ""
    try:
        reply = await client.ask(
            call.prompt,
            call.response_model,
            context={GROUNDER: call.checks},
            source=record.source.sha256,
            tally=tally,
        )
        name = reply.call
    except ModelError as e:
        failure = e  # what held in an earlier attempt holds all the same
    for verdict in call.checks.verdicts:
        details = {"source": record.source.sha256, "pointer": verdict.pointer, "verdict": verdict.reason or "accepted"}
        client.verdict(name, details)
    return _Answer(call.checks.verdicts, sum(tally, Usage()), failure)


def _merged(reading: Reading, extraction: Extraction, wanted: Sequence[Ask], answers: Sequence[_Answer]) -> Extraction:
    """What rules and model found, and what the record says against itself now that more of it is read."""
    found = Found()
    for answer in answers:
        found.add(v for v in answer.verdicts if not isinstance(v, CriterionVerdict))
    merged, findings = merge(extraction, found, reading.source, wanted)
    about = [v for a in answers for v in a.verdicts if isinstance(v, CriterionVerdict)]
    criteria, more = merge_criteria(_criteria(reading, merged), about)
    merged = merged.model_copy(update={"criteria": criteria})
    return merged.model_copy(update={"findings": [*find(reading, merged), *findings, *more]})


def _criteria(reading: Reading, merged: Extraction) -> list[Criterion]:
    """The criteria, also where it was the model that found where they stand."""
    proof = merged.evidence.get(asks()["eligibilityCriteria"].pointer)
    if merged.criteria or not proof:
        return merged.criteria
    return split(reading.source, proof[0].lines)


def _hostile(record: Record) -> list[Finding]:
    findings = []
    for number, sign in record.hostile.items():
        quote = fold(record.source.line(number))[:_QUOTED].strip()
        proof = Evidence(lines=(number, number), quote=quote)
        findings.append(Finding(code=HOSTILE, severity="warning", message=f"the line {sign.why}", evidence=[proof]))
    return findings


def _failed(failures: Iterable[ModelError]) -> list[Finding]:
    messages = dict.fromkeys(f.message for f in failures)
    return [Finding(code=FAILED, severity="warning", message=m, evidence=[]) for m in messages]
