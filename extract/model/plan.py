"""What a model is asked about one record: few calls, each of which fits its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import orjson
from pydantic import BaseModel

from extract.extraction import Criterion
from extract.model.asks import Ask, Group, by_items, described, groups
from extract.model.bounds import CriteriaFound
from extract.model.criteria import CriteriaChecks
from extract.model.ground import FieldChecks, Record
from extract.model.record import parts, parts_of
from extract.model.replies import Reply, reply_model
from extract.reading import Reading
from prompts.settings import ModelSettings
from prompts.template import Prompt, load
from prompts.usage import estimate_tokens

FIELDS, CRITERIA = "extract-fields", "extract-criteria"

_MOST_CRITERIA_PARTS = 4
_LEAST_ROOM = 400
_FRAME_TOKENS = 120
"""What servers put around messages, and what a request says besides its prompt."""


@dataclass(frozen=True)
class Call:
    """One request, and what checks its replies. `apart`: the same as smaller requests, for when a reply is cut off."""

    prompt: Prompt
    response_model: type[Reply]
    checks: FieldChecks | CriteriaChecks
    apart: tuple[Call, ...] = ()


def field_calls(reading: Reading, wanted: Sequence[Ask], record: Record, settings: ModelSettings) -> Iterator[Call]:
    """The calls that find the wanted fields, each in as many parts of the record as it needs."""
    for batch in _batches(wanted, settings):
        room = max(room_for(_fields_prompt(batch, ""), reply_model(batch.asks), settings), _LEAST_ROOM)
        for part in parts(reading, batch.terms, room=room, withheld=record.hostile):
            block = part.block(reading.source)
            lists = _lists(batch)
            apart = tuple(_field_call(one, block, record) for one in lists) if len(lists) > 1 else ()
            yield replace(_field_call(batch, block, record), apart=apart)


def _field_call(batch: Group, block: str, record: Record) -> Call:
    return Call(_fields_prompt(batch, block), reply_model(batch.asks), FieldChecks(record, batch.asks))


def _lists(batch: Group) -> list[Group]:
    """The lists of a group, each by itself, and the rest of it."""
    return [replace(batch, asks=tuple(asks)) for asks in by_items(batch.asks).values() if asks]


def criteria_calls(criteria: Sequence[Criterion], record: Record, settings: ModelSettings) -> Iterator[Call]:
    """The calls that read criteria. What of a very long list does not fit into a few calls is left to the rules."""
    room = max(room_for(_criteria_prompt(""), CriteriaFound, settings), _LEAST_ROOM)
    ranges = (c.lines for c in criteria)
    for part in parts_of(record.source, ranges, room=room, most=_MOST_CRITERIA_PARTS, withheld=record.hostile):
        shown = [c for c in criteria if c.lines[0] in part.lines]
        yield Call(_criteria_prompt(part.block(record.source)), CriteriaFound, CriteriaChecks(record, shown))


def _batches(wanted: Sequence[Ask], settings: ModelSettings) -> list[Group]:
    """The wanted fields in as few requests as leave the record a third of the room: all in one, or by group, or a
    group's lists apart from the rest."""
    asked = [replace(g, asks=tuple(a for a in g.asks if a in wanted)) for g in groups().values()]
    asked = [g for g in asked if g.asks]
    if not asked:
        return []
    together = Group("the trial", tuple(t for g in asked for t in g.terms), tuple(a for g in asked for a in g.asks))
    if _leaves_room(together, settings):
        return [together]
    batches: list[Group] = []
    for group in asked:
        batches += [group] if _leaves_room(group, settings) else _lists(group)
    return batches


def _leaves_room(batch: Group, settings: ModelSettings) -> bool:
    room = room_for(_fields_prompt(batch, ""), reply_model(batch.asks), settings)
    return room >= (settings.context_tokens - settings.reply_tokens) / 3


def room_for(prompt: Prompt, model: type[BaseModel], settings: ModelSettings) -> int:
    """Tokens that are left for the records, of what prompt and reply may fill together."""
    schema = orjson.dumps(model.model_json_schema()).decode()
    taken = estimate_tokens(prompt.system, prompt.user, schema) + settings.reply_tokens + _FRAME_TOKENS
    return settings.context_tokens - taken


def _fields_prompt(batch: Group, block: str) -> Prompt:
    return load(FIELDS).render(about=batch.about, fields=described(batch.asks), block=block)


def _criteria_prompt(block: str) -> Prompt:
    return load(CRITERIA).render(block=block)
