"""Bulk extraction through the Batch API gives what calls one by one give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from extract.extractor import Extracted
from extract.model.complete import Completed
from extract.model.run import ModelRun
from prompts import batch
from prompts.settings import ModelSettings
from prompts.store import ReplyStore, Request
from tests.extract.model.common import PROSE, cite, unread
from tests.extract.model.test_complete import TRUE, answering, value_at
from tests.prompts.batch_stub import BatchEndpoint
from tests.prompts.common import settings, with_client
from tests.prompts.stub import Stub
from trialcite.errors import ReplyNotStored


def without_calls(
    items: Sequence[Extracted], made: ModelSettings, store: ReplyStore
) -> tuple[list[Completed], list[Request]]:
    """The records completed from stored replies, and the requests that are left."""
    with ModelRun(made, "fill", store=store, send=False) as run:
        return [d for d in run.complete(items) if isinstance(d, Completed)], run.unsent


def test_a_batch_is_submitted_collected_and_replayed_with_the_same_checks(tmp_path: Path) -> None:
    items = [unread(PROSE.replace("Heron River", f"River {i}"), f"{i}.txt") for i in range(3)]
    lying = {**TRUE, "leadSponsor": cite(PROSE, "Reed Foundation") | {"quote": "Evil Corp"}}
    endpoint = BatchEndpoint(answering(lying))
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(endpoint) as stub:
        made = settings(stub)
        _, requests = without_calls(items, made, store)
        submitted = with_client(made, lambda c: batch.submit(c, requests), store=store)
        assert submitted.sent == len(requests) >= 3
        endpoint.finish()
        assert with_client(made, batch.collect, store=store).replies == submitted.sent
        done, left = without_calls(items, made, store)
        assert not [r for r in stub.received if r.path.endswith("/chat/completions")]
    assert len(left) == 3  # each of the lies would be asked again: what the next batch is for
    for item in done:
        assert value_at(item.extraction, "/protocolSection/designModule/enrollmentInfo/count") == 84
        assert {type(f) for f in item.failures} == {ReplyNotStored}
        assert item.extraction.outcomes["/protocolSection/sponsorCollaboratorsModule/leadSponsor/name"] == "rejected"
