"""The model client against a real HTTP server that plays every fault."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from prompts.audit import AuditLog
from prompts.client import ModelClient
from prompts.exchange import Reply
from prompts.store import ReplyStore
from prompts.template import Prompt
from prompts.usage import Usage
from tests.prompts.common import GOOD, PROMPT, SENTINEL, Pick, settings, with_client
from tests.prompts.stub import (
    PROBED,
    Answer,
    Received,
    Script,
    Stub,
    choices,
    completion,
    fails,
    gives,
    only,
    probed,
    refuses,
    says,
)
from trialcite import errors
from trialcite.errors import ModelError

JSON = {"Content-Type": "application/json"}


async def pick(client: ModelClient) -> Reply[Pick]:
    return await client.ask(PROMPT, Pick)


def good(received: Received) -> Answer:
    return gives(GOOD, received)


def always(answer: Answer) -> Script:
    return probed(lambda _: answer)


def in_turn(*answers: Answer | Script) -> Script:
    """Answers to everything but probes, in order."""
    left = iter(answers)

    def script(received: Received) -> Answer:
        answer = next(left)
        return answer(received) if callable(answer) else answer

    return probed(script)


# What a fault is called, and how many requests it takes.
FAULTS: dict[str, tuple[Answer, type[ModelError], int]] = {
    "invalid JSON, also when asked again": (says("{heron"), errors.ReplyInvalid, 2),
    "prose": (says("The word is heron."), errors.ReplyInvalid, 2),
    "another shape": (says('{"bird": "heron"}'), errors.ReplyInvalid, 2),
    "nested without end": (says("[" * 100_000), errors.ReplyInvalid, 2),
    "truncated": (says('{"word": "her', finish="length"), errors.ReplyTruncated, 1),
    "refusal": (refuses("I would rather not."), errors.ReplyRefused, 2),
    "content filter": (says("", finish="content_filter"), errors.ReplyRefused, 2),
    "empty choices": (choices([]), errors.ReplyEmpty, 1),
    "a choice without a message": (choices([{"index": 0}]), errors.EndpointFault, 1),
    "choices that are no list": (Answer(body=b'{"choices": 5}', headers=JSON), errors.EndpointFault, 1),
    "a body that is no object": (Answer(body=b"[1]", headers=JSON), errors.EndpointFault, 1),
    "a body that is broken JSON": (Answer(body=b'{"choices"', headers=JSON), errors.EndpointFault, 1),
    "a body that is a web page": (
        Answer(body=b"<html>", headers={"Content-Type": "text/html"}),
        errors.EndpointFault,
        1,
    ),
    "400": (fails(400), errors.RequestRefused, 1),
    "401": (fails(401), errors.KeyRefused, 1),
    "403": (fails(403), errors.KeyRefused, 1),
    "404": (fails(404), errors.ModelUnknown, 1),
    "413": (fails(413), errors.RequestRefused, 1),
    "422": (fails(422), errors.RequestRefused, 1),
    "429": (fails(429), errors.RateLimited, 2),
    "500": (fails(500), errors.EndpointFault, 2),
    "503": (fails(503), errors.EndpointFault, 2),
    "a status nobody uses": (fails(418), errors.EndpointFault, 1),
    "connection reset": (Answer(reset=True), errors.EndpointUnreachable, 2),
    "a reply that the server cannot read": (
        fails(500, "The model produced output that does not match the expected peg-native format"),
        errors.ReplyTruncated,
        1,
    ),
}


@pytest.mark.parametrize(("answer", "error", "requests"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_has_its_error(answer: Answer, error: type[ModelError], requests: int) -> None:
    with Stub(always(answer)) as stub:
        with pytest.raises(ModelError) as e:
            with_client(settings(stub), pick)
        assert type(e.value) is error
        assert len(stub.calls) == requests
        assert e.value.exit_code == 5
        assert "\n" not in str(e.value)


@pytest.mark.parametrize("changes", [{"timeout": 0.3}, {"deadline": 0.4}], ids=["silent too long", "over the deadline"])
def test_a_stalled_answer_times_out(changes: dict[str, Any]) -> None:
    with Stub(probed(lambda _: Answer(stall=2))) as stub, pytest.raises(errors.EndpointTimeout):
        with_client(settings(stub, retries=0, **changes), pick)


def test_an_answer_that_drips_in_meets_the_deadline() -> None:
    slow = always(Answer(body=b" " * 400, headers=JSON, drip=0.05))
    with Stub(slow) as stub, pytest.raises(errors.EndpointTimeout):
        with_client(settings(stub, retries=0, timeout=5, deadline=0.5), pick)


def test_no_server_at_all() -> None:
    with Stub(good) as stub:
        gone = settings(stub, retries=0)
    with pytest.raises(errors.EndpointUnreachable):
        with_client(gone, pick)


RECOVERIES: dict[str, tuple[Script, int]] = {
    "invalid, then valid": (in_turn(says("{heron"), good), 2),
    "another shape, then valid": (in_turn(says('{"bird": 1}'), good), 2),
    "429 with Retry-After, then valid": (
        in_turn(fails(429, headers={"retry-after-ms": "", "Retry-After": "0.05"}), good),
        2,
    ),
    "500, then valid": (in_turn(fails(500), good), 2),
    "reset, then valid": (in_turn(Answer(reset=True), good), 2),
    "a number in quotes": (in_turn(lambda r: gives({"word": "heron", "number": "7"}, r)), 1),
}


@pytest.mark.parametrize(("script", "requests"), RECOVERIES.values(), ids=RECOVERIES.keys())
def test_what_passes_is_overcome(script: Script, requests: int) -> None:
    with Stub(script) as stub:
        assert with_client(settings(stub), pick).value == Pick(word="heron", number=7)
        assert len(stub.calls) == requests


def test_retry_after_is_obeyed() -> None:
    import time

    with Stub(in_turn(fails(429, headers={"retry-after-ms": "", "Retry-After": "1"}), good)) as stub:
        start = time.monotonic()
        with_client(settings(stub), pick)
        assert time.monotonic() - start >= 1


def test_a_fault_is_named_when_asked_again_and_the_context_decides_what_is_valid() -> None:
    async def ask(client: ModelClient) -> Reply[Pick]:
        return await client.ask(PROMPT, Pick, context={"allowed": ["plover"]})

    script = in_turn(good, lambda r: gives({"word": "plover", "number": None}, r))
    with Stub(script) as stub:
        assert with_client(settings(stub), ask).value.word == "plover"
        assert "'heron' is not among the words" in stub.calls[1].text


HOSTILE_TEXTS = [
    "{{ 7 * 7 }}",
    "{% for i in range(10**9) %}{% endfor %}",
    "{{ prompt_system }}",
    "{# gone #}",
    "{{ unclosed",
    "    indented\n      more",
]


@pytest.mark.parametrize("mode", ["JSON_SCHEMA", "TOOLS", "MD_JSON"])
def test_text_that_looks_like_a_template_arrives_as_it_is(mode: str) -> None:
    text = "Data:\n" + "\n".join(HOSTILE_TEXTS)

    async def ask(client: ModelClient) -> Reply[Pick]:
        return await client.ask(Prompt("t@1", "Read.", text), Pick, context={"allowed": ["heron"]})

    with Stub(only(mode, then=probed(good))) as stub:
        with_client(settings(stub), ask)
        assert text in stub.calls[-1].text


# The mode ladder


@pytest.mark.parametrize(
    ("modes", "tried"),
    [
        (("JSON_SCHEMA", "TOOLS", "MD_JSON"), ["JSON_SCHEMA"]),
        (("TOOLS", "MD_JSON"), ["JSON_SCHEMA", "TOOLS"]),
        (("MD_JSON",), ["JSON_SCHEMA", "TOOLS", "MD_JSON"]),
    ],
)
def test_the_first_mode_that_works_is_used(modes: tuple[str, ...], tried: list[str]) -> None:
    with Stub(only(*modes, then=probed(good))) as stub:
        assert with_client(settings(stub), pick).value.word == "heron"
        assert [r.mode for r in stub.received if r.is_probe] == tried
        assert [r.mode for r in stub.calls] == tried[-1:]


def test_a_server_that_ignores_what_it_does_not_know_is_found_out() -> None:
    def script(received: Received) -> Answer:
        if received.mode != "MD_JSON":
            return says("Certainly! The item is beta.")
        return gives(PROBED if received.is_probe else GOOD, received)

    with Stub(script) as stub:
        assert with_client(settings(stub), pick).value.word == "heron"


def test_a_model_for_which_no_mode_works() -> None:
    with Stub(lambda _: says("zu fi qo")) as stub:

        async def twice(client: ModelClient) -> None:
            for _ in range(2):
                with pytest.raises(errors.NoWorkingMode, match=r"JSON_SCHEMA: .*TOOLS: .*MD_JSON: "):
                    await pick(client)

        with_client(settings(stub), twice)
        assert len(stub.received) == 3  # the second time nothing is tried again


def test_a_mode_that_breaks_the_server_is_passed_over() -> None:
    def script(received: Received) -> Answer:
        if received.mode == "JSON_SCHEMA":
            return fails(500)
        return gives(PROBED if received.is_probe else GOOD, received)

    with Stub(script) as stub:
        assert with_client(settings(stub, retries=0), pick).value.word == "heron"


@pytest.mark.parametrize(("status", "error"), [(401, errors.KeyRefused), (404, errors.ModelUnknown)])
def test_a_probe_that_the_endpoint_turns_away_ends_at_once(status: int, error: type[ModelError]) -> None:
    with Stub(lambda _: fails(status)) as stub:
        with pytest.raises(error):
            with_client(settings(stub), pick)
        assert len(stub.received) == 1


def test_a_server_that_only_breaks_is_no_model_without_modes() -> None:
    with Stub(lambda _: fails(500)) as stub, pytest.raises(errors.EndpointFault):
        with_client(settings(stub, retries=0), pick)


def test_parameters_that_a_model_refuses_are_left_out() -> None:
    def script(received: Received) -> Answer:
        if "max_tokens" in received.body:
            return fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in received.body:
            return fails(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        return gives(PROBED if received.is_probe else GOOD, received)

    with Stub(script) as stub:
        assert with_client(settings(stub), pick).value.word == "heron"
        assert stub.calls[0].body["max_completion_tokens"] == 2048


def test_the_dialect_is_remembered_by_endpoint_and_model(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(only("TOOLS", then=probed(good))) as stub:
        with_client(settings(stub), pick, store=store)
        before = len(stub.received)
        with_client(settings(stub, reply_tokens=512), pick, store=store)
        assert [r.is_probe for r in stub.received[before:]] == [False]
        with_client(settings(stub, model="other"), pick, store=store)
        assert sum(r.is_probe for r in stub.received) == 4


def test_every_mode_is_reported(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(only("TOOLS", then=probed(good))) as stub:
        for _ in range(2):  # anew each time, whatever is stored
            reports = with_client(settings(stub), lambda c: c.report_modes(), store=store)
            assert [(r.mode, r.works) for r in reports] == [("JSON_SCHEMA", False), ("TOOLS", True), ("MD_JSON", False)]
            assert "response_format" in reports[0].detail
        assert len(stub.received) == 6


# Usage, budget, concurrency


def test_every_attempt_is_counted() -> None:
    with Stub(in_turn(says("{heron"), good)) as stub:

        async def work(client: ModelClient) -> tuple[Usage, Usage]:
            reply = await pick(client)
            return reply.usage, client.ledger.sent

        of_reply, of_run = with_client(settings(stub), work)
        assert of_reply == Usage(2, 200, 40)
        assert of_run == Usage(3, 300, 60)  # and the probe


def test_a_reply_that_is_of_no_use_is_counted_all_the_same() -> None:
    with Stub(always(says("", finish="length"))) as stub:

        async def work(client: ModelClient) -> Usage:
            with pytest.raises(errors.ReplyTruncated):
                await pick(client)
            return client.ledger.sent

        assert with_client(settings(stub), work) == Usage(2, 200, 40)


def test_missing_usage_is_estimated_and_marked() -> None:
    with Stub(probed(lambda r: gives(GOOD, r, usage=None))) as stub:
        usage = with_client(settings(stub), pick).usage
        assert usage.estimated_tokens == usage.total > 0


def test_a_timeout_is_counted_as_what_was_sent() -> None:
    with Stub(probed(lambda _: Answer(stall=2))) as stub:

        async def work(client: ModelClient) -> Usage:
            with pytest.raises(errors.EndpointTimeout):
                await pick(client)
            return client.ledger.sent

        sent = with_client(settings(stub, retries=0, timeout=0.3), work)
        assert sent.estimated_tokens == sent.prompt_tokens - 100 > 0


def test_a_run_ends_at_its_token_budget() -> None:
    async def work(client: ModelClient) -> list[object]:
        prompts = [Prompt("pick@1", "Pick.", f"Word {i}.") for i in range(8)]
        return await asyncio.gather(*(client.ask(p, Pick) for p in prompts), return_exceptions=True)

    with Stub(probed(good)) as stub:
        done = with_client(settings(stub, token_budget=1000, reply_tokens=128, concurrency=1), work)
        kinds = [type(d) for d in done]
        assert kinds == [Reply] * kinds.count(Reply) + [errors.TokenBudgetSpent] * kinds.count(errors.TokenBudgetSpent)
        assert 2 <= kinds.count(Reply) < 8
        assert 120 * len(stub.received) <= 1000


@pytest.mark.parametrize("bound", [1, 3])
def test_no_more_calls_are_under_way_than_allowed(bound: int) -> None:
    async def work(client: ModelClient) -> None:
        await asyncio.gather(*(client.ask(Prompt("p@1", "", str(i)), Pick) for i in range(9)))

    together = Barrier(bound, timeout=20)  # broken, and the call refused, where fewer are sent at a time

    def met(received: Received) -> Answer:
        together.wait()
        return good(received)

    with Stub(probed(met)) as stub:
        with_client(settings(stub, concurrency=bound), work)
        assert stub.peak == bound


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
    [
        (fails(429), errors.RateLimited, 3),
        (Answer(reset=True), errors.EndpointUnreachable, 3),
        (fails(500), errors.EndpointFault, 10),
    ],
)
def test_after_failures_in_a_row_nothing_more_is_sent(answer: Answer, error: type[ModelError], sent: int) -> None:
    async def work(client: ModelClient) -> list[type[ModelError]]:
        failed = []
        for i in range(14):
            with pytest.raises(ModelError) as e:
                await client.ask(Prompt("p@1", "", str(i)), Pick)
            failed.append(e.type)
        return failed

    with Stub(always(answer)) as stub:
        assert set(with_client(settings(stub, retries=0, concurrency=1), work)) == {error}
        assert len(stub.calls) == sent


def test_a_refused_key_is_sent_once() -> None:
    async def work(client: ModelClient) -> None:
        for i in range(3):
            with pytest.raises(errors.KeyRefused):
                await client.ask(Prompt("p@1", "", str(i)), Pick)

    with Stub(always(fails(401))) as stub:
        with_client(settings(stub), work)
        assert len(stub.calls) == 1


def test_one_bad_reply_says_nothing_of_the_next() -> None:
    async def work(client: ModelClient) -> str | None:
        for i in range(4):
            with pytest.raises(errors.ReplyTruncated):
                await client.ask(Prompt("p@1", "", str(i)), Pick)
        return (await pick(client)).value.word

    with Stub(in_turn(*[says("", finish="length")] * 4, good)) as stub:
        assert with_client(settings(stub), work) == "heron"


# Keys


@pytest.mark.parametrize("key", [None, SENTINEL])
def test_the_key_goes_to_the_endpoint_and_no_other_is_taken(key: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/nowhere")
    with Stub(probed(good)) as stub:
        with_client(settings(stub, api_key=key), pick)
        sent = {r.headers.get("authorization") for r in stub.received}
        assert sent == {f"Bearer {key or 'none'}"}


def error_echo(status: int) -> Script:
    return lambda r: fails(status, f"bad key {r.headers['authorization']}")


ECHOES: dict[str, Script] = {
    **{str(status): error_echo(status) for status in (400, 401, 403, 404, 429, 500)},
    "a refusal": lambda r: refuses(f"no: {r.headers['authorization']}"),
    "prose": lambda r: says(f"you sent {r.headers['authorization']}"),
    "an object": lambda r: gives({"word": r.headers["authorization"], "number": 1}, r),
    "a faulty object": lambda r: gives({"word": 1, "number": r.headers["authorization"]}, r),
    "a truncated reply": lambda r: says(r.headers["authorization"], finish="length"),
    "an extra key": lambda r: completion({"content": json.dumps(GOOD), "echo": r.headers["authorization"]}),
    "a web page": lambda r: Answer(body=r.headers["authorization"].encode(), headers={"Content-Type": "text/html"}),
    "broken JSON": lambda r: Answer(body=b"{" + r.headers["authorization"].encode(), headers=JSON),
    "a reset": lambda r: Answer(reset=True),
    "a timeout": lambda r: Answer(stall=0.6),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("in_probe", [False, True], ids=["in a call", "in the probe"])
def test_a_key_is_seen_nowhere_however_the_endpoint_echoes_it(
    echo: Script, in_probe: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    import traceback

    caplog.set_level("INFO")
    seen = []
    store = ReplyStore(tmp_path / "replies.db", program="1")
    audit = AuditLog(tmp_path / "audit.jsonl")

    async def work(client: ModelClient) -> None:
        try:
            seen.append(repr(await pick(client)))
        except ModelError as e:
            seen.extend([str(e), repr(e), "".join(traceback.format_exception(e))])
        seen.extend([repr(client), repr(client.settings), repr(client.unsent)])

    with Stub(echo if in_probe else probed(echo)) as stub:
        with_client(settings(stub, retries=0, timeout=0.4), work, store=store, audit=audit)
        assert any(SENTINEL in r.headers["authorization"] for r in stub.received)  # it was there to be leaked
    store.close()
    audit.close()
    out, err = capfd.readouterr()
    files = [f.read_bytes().decode("utf-8", "replace") for f in tmp_path.iterdir()]
    for text in [*seen, out, err, caplog.text, *files]:
        assert SENTINEL not in text
    assert err == ""


# The store of replies


def test_what_was_answered_is_not_asked_again_and_replays_offline(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(in_turn(says("{heron"), good)) as stub:
        first = with_client(settings(stub), pick, store=store)
        asked = len(stub.received)
        again = with_client(settings(stub), pick, store=store)
        assert len(stub.received) == asked
    offline = with_client(settings(stub), pick, store=store, send=False)
    assert first.value == again.value == offline.value
    assert first.usage == again.usage == offline.usage == Usage(2, 200, 40)
    assert (first.replayed, again.replayed, offline.replayed) == (False, True, True)


@pytest.mark.parametrize(
    "change",
    ["model", "reply_tokens", "prompt", "version", "source", "program", "schema", "endpoint"],
)
def test_a_reply_is_kept_for_exactly_what_it_answers(change: str, tmp_path: Path) -> None:
    class Other(Pick):
        pass

    prompt = {"prompt": Prompt("pick@1", "Pick.", "Else."), "version": Prompt("pick@2", PROMPT.system, PROMPT.user)}
    program = "2" if change == "program" else "1"
    changes: dict[str, Any] = {"model": "other"} if change == "model" else {}
    changes |= {"reply_tokens": 999} if change == "reply_tokens" else {}

    async def first(client: ModelClient) -> Reply[Pick]:
        return await client.ask(PROMPT, Pick, source="a")

    async def second(client: ModelClient) -> Reply[Pick]:
        model = Other if change == "schema" else Pick
        return await client.ask(prompt.get(change, PROMPT), model, source="b" if change == "source" else "a")

    path = tmp_path / "replies.db"
    with Stub(probed(good)) as one, Stub(probed(good)) as two:
        with_client(settings(one), first, store=ReplyStore(path, program="1"))
        other = two if change == "endpoint" else one
        reply = with_client(settings(other, **changes), second, store=ReplyStore(path, program=program))
    assert not reply.replayed


def test_failures_are_not_kept(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(in_turn(choices([]), fails(500), good)) as stub:
        for error in (errors.ReplyEmpty, errors.EndpointFault):
            with pytest.raises(error):
                with_client(settings(stub, retries=0), pick, store=store)
        assert with_client(settings(stub), pick, store=store).value.word == "heron"


def test_a_client_that_may_not_send_collects_what_it_would(tmp_path: Path) -> None:
    async def work(client: ModelClient) -> list[Any]:
        with pytest.raises(errors.ReplyNotStored):
            await pick(client)
        return client.unsent

    with Stub(probed(good)) as stub:
        (request,) = with_client(settings(stub), work, send=False)
        assert stub.received == []
    assert request.body["response_format"]["type"] == "json_schema"
    assert request.model == "m"
    assert SENTINEL not in repr(request)


def test_an_interrupted_run_keeps_its_replies(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "replies.db", program="1")

    def script(received: Received) -> Answer:
        return Answer(stall=3) if "slow" in received.text else good(received)

    async def work(client: ModelClient) -> None:
        slow = asyncio.create_task(client.ask(Prompt("p@1", "", "slow"), Pick))
        await client.ask(PROMPT, Pick)
        slow.cancel()
        await slow

    with Stub(probed(script)) as stub, pytest.raises(asyncio.CancelledError):
        with_client(settings(stub), work, store=store)
    assert with_client(settings(stub), pick, store=store, send=False).value.word == "heron"


def test_a_store_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "replies.db"
    path.write_bytes(b"not a database at all, but long enough to look at" * 40)
    with pytest.raises(errors.ReplyStoreError) as e:
        ReplyStore(path, program="1")
    assert str(path) in str(e.value)
    assert e.value.hint


# The audit log


def test_every_attempt_and_verdict_is_logged(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = AuditLog(path)

    async def work(client: ModelClient) -> None:
        reply = await client.ask(PROMPT, Pick, source="abc")
        client.verdict(reply.call, {"field": "word", "verdict": "accepted"})

    with Stub(in_turn(says("{heron"), good)) as stub:
        with_client(settings(stub), work, audit=audit)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [r["event"] for r in rows] == ["attempt", "attempt", "invalid", "attempt", "verdict"]
    probe, first, invalid, second, verdict = rows
    assert probe["template"] == "probe@1"
    assert (first["template"], first["source"], first["replayed"]) == ("pick@1", "abc", False)
    assert first["request"]["messages"][1]["content"] == PROMPT.user
    assert second["reply"]["choices"][0]["message"]["content"] == json.dumps(GOOD)
    assert second["usage"]["prompt_tokens"] == 100
    assert len({r["call"] for r in (first, invalid, second, verdict)}) == 1


def test_a_failure_is_logged(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with Stub(always(fails(400, "too long"))) as stub, pytest.raises(errors.RequestRefused):
        with_client(settings(stub), pick, audit=AuditLog(path))
    assert "too long" in json.loads(path.read_text().splitlines()[-1])["error"]


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match="cannot write"):
        AuditLog(tmp_path / "no" / "audit.jsonl")
