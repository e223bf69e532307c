"""The Batch API against a stand-in for its endpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from prompts import batch
from prompts.batch import Collected, Submitted
from prompts.client import ModelClient
from prompts.store import ReplyStore, Request
from prompts.template import Prompt
from tests.prompts.batch_stub import BatchEndpoint
from tests.prompts.common import GOOD, Pick, settings, with_client
from tests.prompts.stub import Answer, Received, Stub, fails, gives, says
from trialcite.errors import EndpointUnreachable, KeyRefused, ReplyNotStored


def by_word(received: Received) -> Answer:
    """Answers well, but for two prompts."""
    if "word 3" in received.text:
        return fails(500, "overloaded")
    return says("{heron") if "word 4" in received.text else gives(GOOD, received)


@pytest.fixture
def store(tmp_path: Path) -> ReplyStore:
    return ReplyStore(tmp_path / "replies.db", program="1")


async def ask(client: ModelClient) -> list[str]:
    """What comes of five prompts."""
    outcomes = []
    for i in range(5):
        try:
            outcomes.append((await client.ask(Prompt("pick@1", "Pick.", f"word {i}"), Pick)).value.word or "")
        except ReplyNotStored:
            outcomes.append("-")
    return outcomes


def unsent(stub: Stub, store: ReplyStore) -> list[Request]:
    async def work(client: ModelClient) -> list[Request]:
        await ask(client)
        return client.unsent

    return with_client(settings(stub), work, store=store, send=False)


def test_requests_go_out_in_one_file_and_replies_come_back_into_the_store(store: ReplyStore) -> None:
    endpoint = BatchEndpoint(by_word)
    with Stub(endpoint) as stub:
        made, requests = settings(stub), unsent(stub, store)
        assert with_client(made, lambda c: batch.submit(c, requests), store=store) == Submitted(5, 0)
        assert [r.path for r in stub.received] == ["/v1/batches?limit=100", "/v1/files", "/v1/batches"]
        assert with_client(made, batch.status, store=store) == [("batch_0", "in_progress", 5)]
        assert with_client(made, batch.collect, store=store) == Collected(waiting=5)
        endpoint.finish()
        collected = with_client(made, batch.collect, store=store)
        assert collected == Collected(replies=4, failed=1, faults=["overloaded"])
        # the same checks as ever: word 4's reply is invalid, and what it would be asked again was not in the batch
        assert with_client(made, ask, store=store, send=False) == ["heron", "heron", "heron", "-", "-"]
        assert with_client(made, batch.status, store=store) == []


def test_submitting_again_sends_nothing_twice(store: ReplyStore) -> None:
    endpoint = BatchEndpoint(by_word)
    with Stub(endpoint) as stub:
        requests = unsent(stub, store)
        with_client(settings(stub), lambda c: batch.submit(c, requests[:3]), store=store)
        assert with_client(settings(stub), lambda c: batch.submit(c, requests), store=store) == Submitted(2, 3)
    assert len(endpoint.batches) == len(endpoint.files) == 2


def test_a_batch_whose_creation_was_not_heard_of_is_found_again(store: ReplyStore) -> None:
    endpoint = BatchEndpoint(by_word, crash=1)
    with Stub(endpoint) as stub:
        made, requests = settings(stub, retries=0), unsent(stub, store)
        with pytest.raises(EndpointUnreachable):
            with_client(made, lambda c: batch.submit(c, requests), store=store)
        assert with_client(made, batch.status, store=store)[0][1] == "not sent"
        assert with_client(made, lambda c: batch.submit(c, requests), store=store) == Submitted(0, 5)
    assert len(endpoint.batches) == len(endpoint.files) == 1


def test_what_failed_can_be_submitted_again(store: ReplyStore) -> None:
    endpoint = BatchEndpoint(by_word)
    with Stub(endpoint) as stub:
        made, requests = settings(stub), unsent(stub, store)
        with_client(made, lambda c: batch.submit(c, requests), store=store)
        endpoint.finish("failed")
        collected = with_client(made, batch.collect, store=store)
        assert (collected.replies, collected.failed) == (0, 5)
        assert collected.faults == ["the file is not as it must be"]
        assert with_client(made, lambda c: batch.submit(c, requests), store=store).sent == 5


def test_files_keep_to_the_limits(store: ReplyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = BatchEndpoint(by_word)
    with Stub(endpoint) as stub:
        requests = unsent(stub, store)
        monkeypatch.setattr(batch, "PART_REQUESTS", 2)
        with_client(settings(stub), lambda c: batch.submit(c, requests), store=store)
    assert sorted(len(f.splitlines()) for f in endpoint.files.values()) == [1, 2, 2]


def test_rows_that_are_no_results_are_named(store: ReplyStore) -> None:
    endpoint = BatchEndpoint(by_word)
    with Stub(endpoint) as stub:
        made, requests = settings(stub), unsent(stub, store)
        with_client(made, lambda c: batch.submit(c, requests), store=store)
        endpoint.finish()
        rows = b'{"custom_id": "%s", "response": {"status_code": 200, "body": {"choices": 1}}}\nrubbish\n[]'
        endpoint.files[endpoint.batches["batch_0"]["output_file_id"]] = rows % requests[0].key("1").encode()
        collected = with_client(made, batch.collect, store=store)
    assert (collected.replies, collected.failed) == (0, 5)
    assert "no list of choices" in collected.faults
    assert any("no result" in f for f in collected.faults)


def test_errors_of_the_endpoint_are_ours(store: ReplyStore) -> None:
    with Stub(lambda _: fails(401)) as stub:
        requests = unsent(stub, store)
        with pytest.raises(KeyRefused):
            with_client(settings(stub), lambda c: batch.submit(c, requests), store=store)
