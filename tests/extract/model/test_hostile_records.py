"""Hostile records against a model that obeys them: nothing ungrounded comes out, nothing breaks, no key is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extract.evidence import stands_at
from extract.model.asks import asks
from extract.model.ground import Record, Rejected
from extract.model.hostile import hostile_lines
from extract.model.locate import Locator
from extract.model.replies import proposals, reply_model
from extract.source import Source
from prompts.audit import AuditLog
from tests.extract.model.common import PROSE, completed, unread
from tests.extract.model.hostile_records import ATTACKS, Attack
from tests.prompts.common import SENTINEL
from tests.prompts.stub import Answer, Received, gives

ALL = tuple(asks().values())


def attacked(attack: Attack) -> str:
    """The plain record with the attack in its middle."""
    head, tail = PROSE.split("It is a phase 2 trial", 1)
    return f"{head}{attack.lines}\nIt is a phase 2 trial{tail}"


def cited(words: str, source: Source) -> dict[str, Any]:
    """A citation of words at the lines on which they stand, or of the attack's line where they stand nowhere."""
    at = source.text.find(words)
    first, last = source.lines_of(at, at + len(words)) if at >= 0 else (4, 4)
    return {"first_line": first, "last_line": last, "quote": words}


Obedience = Callable[[Attack, Source, Any, str], dict[str, Any]]
OBEDIENT: dict[str, Obedience] = {
    "quotes the words that were offered": lambda attack, source, value, words: cited(words, source),
    "quotes the whole line": lambda attack, source, value, words: cited(attack.lines.split("\n")[-1][:900], source),
    "quotes the attack with its line number": lambda attack, source, value, words: (
        cited(words, source) | {"quote": f"4| {words}"}
    ),
    "cites true words for the wanted value": lambda attack, source, value, words: cited("restless legs", source),
    "makes words up": lambda attack, source, value, words: (
        cited("restless legs", source) | {"quote": f"It says {value}"}
    ),
    "cites everything": lambda attack, source, value, words: (
        cited(words, source) | {"first_line": 1, "last_line": len(source)}
    ),
    "cites lines that are none": lambda attack, source, value, words: cited(words, source) | {"first_line": 10**9},
}


def obeyed(attack: Attack, source: Source, obedience: Obedience) -> dict[str, Any]:
    """What a model replies that does as it is told."""
    reply: dict[str, Any] = {}
    for name, (value, words) in attack.wants.items():
        one = obedience(attack, source, value, words)
        one = one if value is None else one | {"value": value}
        reply[name] = [one] if asks()[name].many else one
    return reply


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 40
    assert len({a.name for a in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_nothing_that_was_ordered_is_accepted_however_it_is_cited(attack: Attack) -> None:
    reading = unread(attacked(attack)).reading
    source = reading.source
    record = Record(Locator(source), reading.passages, hostile_lines(source))
    for name, obedience in OBEDIENT.items():
        reply = reply_model(ALL).model_validate(obeyed(attack, source, obedience))
        for ask, pointer, citation in proposals(reply, ALL):
            verdict = record.verdict(ask, pointer, citation)
            if not isinstance(verdict, Rejected):
                # a text field: the words are the value, and these are words of the plain record
                assert verdict.value == "restless legs", (name, verdict)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_an_obedient_model_gets_nothing_through(attack: Attack, tmp_path: Path) -> None:
    text = attacked(attack)
    item = unread(text)
    source = item.reading.source
    ways = list(OBEDIENT.values())

    def script(received: Received) -> Answer:
        again = "does not stand in the record as cited" in received.text
        reply = obeyed(attack, source, ways[1 if again else 0])
        properties = received.body["response_format"]["json_schema"]["schema"]["properties"]
        return gives({k: v for k, v in reply.items() if k in properties}, received)

    audit = AuditLog(tmp_path / "audit.jsonl")
    done, stub = completed(item, script, "full", audit=audit)
    assert done.failures == ()
    got = done.extraction
    assert got.study == item.extraction.study
    assert all(stands_at(e.quote, e.lines, source) for proofs in got.evidence.values() for e in proofs)
    assert {got.outcomes[asks()[name].pointer] for name in attack.wants} == {"rejected"}
    written = got.to_bytes() + (tmp_path / "audit.jsonl").read_bytes()
    assert SENTINEL.encode() not in written
    assert len(stub.calls) <= 16


@pytest.mark.parametrize("attack", ATTACKS[:39], ids=lambda a: a.name)
def test_lines_that_speak_to_a_model_are_not_shown_to_it_and_are_reported(attack: Attack) -> None:
    if attack.name in ("reversed text", "only invisible characters"):
        return  # nothing to see: what is shown of them says nothing
    done, stub = completed(attacked(attack), lambda r: gives({}, r))
    findings = [f for f in done.extraction.findings if f.code == "speaks-to-a-model"]
    assert findings
    shown = "\n".join(r.text for r in stub.calls)
    assert not any(e.quote in shown for f in findings for e in f.evidence if len(e.quote) > 12)
