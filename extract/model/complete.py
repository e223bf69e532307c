"""One record completed by a model: what to ask is planned, asked for side by side, checked, and put together.

    fill   what the rules left open: fields that are not stated or unreadable, and splits of words that run together
    full   everything, to list where rules and model disagree

Whatever fails, the rules' extraction comes back, with what the model did find. The policy: docs/design/model.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import orjson

from extract.evidence import Evidence, fold
from extract.extraction import Extraction, Finding, Run
from extract.model.asks import Ask, Group, asks, by_items, described, groups
from extract.model.ground import Accepted, Ground, Record, Verdict
from extract.model.hostile import hostile_lines
from extract.model.locate import Locator
from extract.model.merge import Found, merge, runs_together
from extract.model.record import parts
from extract.model.replies import GROUNDER, reply_model
from extract.reading import Reading
from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.template import Prompt, load
from prompts.usage import Usage, estimate_tokens
from trialcite.errors import ModelError

if TYPE_CHECKING:
    from extract.extractor import Extracted

Policy = Literal["fill", "full"]

FAILED = "model-failed"
HOSTILE = "speaks-to-a-model"

_TEMPLATE = "extract-fields"
_QUOTED = 200
_LEAST_ROOM = 400
_FRAME_TOKENS = 120
"""What servers put around messages, and what a request says besides its prompt."""


@dataclass(frozen=True)
class Completed:
    """An extraction, and the failures because of which the model was not, or not wholly, heard."""

    extraction: Extraction
    failures: tuple[ModelError, ...] = ()


@dataclass(frozen=True)
class _Call:
    """Fields that are looked for in one part of a record."""

    asks: tuple[Ask, ...]
    prompt: Prompt


@dataclass(frozen=True)
class _Answer:
    """What came of a call."""

    verdicts: list[Verdict]
    usage: Usage
    failure: ModelError | None = None


async def complete(extracted: Extracted, client: ModelClient, policy: Policy) -> Completed:
    """The extraction of a record, completed by the model. Never raises ModelError: failures are part of the result."""
    extraction, reading = extracted.extraction, extracted.reading
    wanted = _wanted(extracted, policy)
    if not wanted:
        return Completed(extraction)
    record = Record(Locator(reading.source), reading.passages, hostile_lines(reading.source))
    calls = list(_calls(reading, wanted, record, client.settings))
    answers = await asyncio.gather(*(_answer(call, record, client) for call in calls))
    found = Found()
    for answer in answers:
        found.add(answer.verdicts)
    merged = merge(extraction, found, reading.source, wanted)
    failures = tuple(a.failure for a in answers if a.failure)
    return Completed(_signed(merged, record, client, sum((a.usage for a in answers), Usage()), failures), failures)


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


def _calls(reading: Reading, wanted: Sequence[Ask], record: Record, settings: ModelSettings) -> Iterator[_Call]:
    """The calls that find the wanted fields, each in as many parts of the record as it needs."""
    for batch in _batches(wanted, settings):
        room = max(_room(batch, settings), _LEAST_ROOM)
        for part in parts(reading, batch.terms, room=room, withheld=record.hostile):
            yield _Call(batch.asks, _prompt(batch, part.block(reading.source)))


def _batches(wanted: Sequence[Ask], settings: ModelSettings) -> list[Group]:
    """The wanted fields in as few requests as leave the record a third of the room: all in one, or by group, or a
    group's lists apart from the rest."""
    asked = [replace(g, asks=tuple(a for a in g.asks if a in wanted)) for g in groups().values()]
    asked = [g for g in asked if g.asks]
    enough = (settings.context_tokens - settings.reply_tokens) / 3
    together = Group("the trial", tuple(t for g in asked for t in g.terms), tuple(a for g in asked for a in g.asks))
    if _room(together, settings) >= enough:
        return [together]
    batches = []
    for group in asked:
        if _room(group, settings) >= enough:
            batches.append(group)
        else:
            batches += [replace(group, asks=tuple(a)) for a in by_items(group.asks).values() if a]
    return batches


def _room(batch: Group, settings: ModelSettings) -> int:
    """Tokens that are left for the record."""
    prompt = _prompt(batch, "")
    schema = orjson.dumps(reply_model(batch.asks).model_json_schema()).decode()
    taken = estimate_tokens(prompt.system, prompt.user, schema) + settings.reply_tokens + _FRAME_TOKENS
    return settings.context_tokens - taken


def _prompt(batch: Group, block: str) -> Prompt:
    return load(_TEMPLATE).render(about=batch.about, fields=described(batch.asks), block=block)


async def _answer(call: _Call, record: Record, client: ModelClient) -> _Answer:
    ground = Ground(record, call.asks)
    tally: list[Usage] = []
    failure, name = None, ""
    try:
        reply = await client.ask(
            call.prompt,
            reply_model(call.asks),
            context={GROUNDER: ground},
            source=record.source.sha256,
            tally=tally,
        )
        name = reply.call
    except ModelError as e:
        failure = e  # what held in an earlier attempt holds all the same
    for verdict in ground.verdicts:
        outcome = "accepted" if isinstance(verdict, Accepted) else verdict.reason
        details = {"source": record.source.sha256, "pointer": verdict.pointer, "verdict": outcome}
        client.verdict(name, details)
    return _Answer(ground.verdicts, sum(tally, Usage()), failure)


def _signed(
    extraction: Extraction, record: Record, client: ModelClient, usage: Usage, failures: Sequence[ModelError]
) -> Extraction:
    """The extraction with who made it, what that took, and what stood in the way."""
    findings = list(extraction.findings)
    for number, sign in record.hostile.items():
        quote = fold(record.source.line(number))[:_QUOTED].strip()
        proof = Evidence(lines=(number, number), quote=quote)
        findings.append(Finding(code=HOSTILE, severity="warning", message=f"the line {sign.why}", evidence=[proof]))
    said = dict.fromkeys(f.message for f in failures)
    findings += [Finding(code=FAILED, severity="warning", message=m, evidence=[]) for m in said]
    run = extraction.run
    if usage.calls:
        run = Run(method="rules+llm", model=client.model, prompt=load(_TEMPLATE).name, usage=usage.to_json())
    return extraction.model_copy(update={"findings": findings, "run": run})
