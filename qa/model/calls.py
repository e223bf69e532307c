"""What a model is asked for one question: the records it is about as numbered lines, in one call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extract.evidence import fold
from extract.model.plan import room_for
from extract.model.record import parts
from extract.reading import Reading
from prompts.settings import ModelSettings
from prompts.template import Prompt, load
from qa.fields import fields
from qa.model.claims import ClaimChecks, Shown
from qa.model.replies import ClaimsFound
from qa.words import items

ANSWER, READ = "answer-question", "read-question"

_LEAST_ROOM = 300
_LONGEST_QUESTION = 2000
_PHRASINGS = 2
_CODES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Call(NamedTuple):
    """One request, and what checks its replies. `source` is the hash of what it was made from."""

    prompt: Prompt
    checks: ClaimChecks
    source: str


def answering(question: str, shown: Sequence[Shown], settings: ModelSettings, *, verdict: str | None) -> Call:
    """The call that asks for claims on a question about some records."""
    asked = one_line(question)
    room = room_for(load(ANSWER).render(question=asked, blocks=""), ClaimsFound, settings)
    each = max(room // len(shown), _LEAST_ROOM)
    terms = [*dict.fromkeys(t for i in items(question) for t in (i.text, i.stem, *i.concepts))]
    blocks = "\n\n".join(_block(s, terms, each) for s in shown)
    prompt = load(ANSWER).render(question=asked, blocks=blocks)
    return Call(prompt, ClaimChecks(shown, verdict=verdict), " ".join(s.record.source.sha256 for s in shown))


def reading(question: str) -> Prompt:
    """The prompt that asks which registry fields a question asks for."""
    return load(READ).render(question=one_line(question), fields=_described())


def one_line(question: str) -> str:
    """A question as one line of a prompt: it cannot look like another part of it."""
    return fold(_CODES.sub(" ", question))[:_LONGEST_QUESTION]


def _block(shown: Shown, terms: Iterable[str], room: int) -> str:
    """A record's lines: all where they fit, else the passages that use the question's words."""
    source = shown.record.source
    reading = Reading(source, tuple(shown.record.passages))
    found = parts(reading, terms, room=room, most=1, withheld=shown.ground.hostile)
    return "\n".join([f"Record {shown.record.id}", *(part.block(source) for part in found)])


def _described() -> str:
    return "\n".join(f"{f.id}: {f.name} ({'; '.join(f.phrasings[:_PHRASINGS])})" for f in fields().values())
