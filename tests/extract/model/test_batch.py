"""Bulk extraction through the Batch API gives what calls one by one give."""

from __future__ import annotations

from pathlib import Path

from extract.model import batch
from extract.model.complete import Completed
from extract.model.run import ModelRun
from prompts.store import ReplyStore
from tests.extract.model.common import PROSE, cite, unread
from tests.extract.model.test_complete import TRUE, answering, value_at
from tests.prompts.batch_stub import BatchEndpoint
from tests.prompts.common import settings
from tests.prompts.stub import Stub
from trialcite.errors import EmptyInput, ReplyNotStored


def test_a_batch_is_submitted_collected_and_replayed_with_the_same_checks(tmp_path: Path) -> None:
    items = [unread(PROSE.replace("Heron River", f"River {i}"), f"{i}.txt") for i in range(3)]
    lying = {**TRUE, "leadSponsor": cite(PROSE, "Reed Foundation") | {"quote": "Evil Corp"}}
    endpoint = BatchEndpoint(answering(lying))
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(endpoint) as stub:
        made = settings(stub)
        submitted = batch.submit([*items, EmptyInput("nothing")], made, "fill", store)
        assert submitted.sent >= 3
        assert batch.submit(items, made, "fill", store).sent == 0
        assert [row[1:] for row in batch.status(made, store)] == [("in_progress", submitted.sent)]
        endpoint.finish()
        assert batch.collect(made, store).replies == submitted.sent
        with ModelRun(made, "fill", store=store, send=False) as run:
            done = [d for d in run.complete(items) if isinstance(d, Completed)]
        assert not [r for r in stub.received if r.path.endswith("/chat/completions")]
        assert batch.submit(items, made, "fill", store).sent == 3  # each of the lies is asked again
    for item in done:
        assert value_at(item.extraction, "/protocolSection/designModule/enrollmentInfo/count") == 84
        # the reply that lies would be asked again: that request was not in the batch, and what held stands
        assert {type(f) for f in item.failures} == {ReplyNotStored}
        assert item.extraction.outcomes["/protocolSection/sponsorCollaboratorsModule/leadSponsor/name"] == "rejected"
