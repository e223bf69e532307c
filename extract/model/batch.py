"""Bulk extraction through OpenAI's Batch API: what a run would ask goes out in files, the same run then replays.

    submit(items, …)            the rules read the records, and the requests that are left go out
    status(…)                   what the endpoint says
    collect(…)                  finished replies go into the store
    ModelRun(…, send=False)     the same records again: the same checks, without a call

A reply that does not hold is asked again by the next submission: the replayed run then finds that request unanswered.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from extract.model.complete import Policy
from extract.model.run import ModelRun
from prompts import batch
from prompts.batch import Collected, Submitted
from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.store import ReplyStore
from trialcite.errors import InputError

if TYPE_CHECKING:
    from extract.extractor import Extracted

T = TypeVar("T")


def submit(
    items: Iterable[Extracted | InputError], settings: ModelSettings, policy: Policy, store: ReplyStore
) -> Submitted:
    """Send off what the records leave to ask, as far as it is not answered or under way. Raises ModelError; repeating
    the call sends nothing twice."""
    with ModelRun(settings, policy, store=store, send=False) as run:
        deque(run.complete(items), maxlen=0)
        requests = run.unsent
    return _with_client(settings, store, lambda client: batch.submit(client, requests))


def status(settings: ModelSettings, store: ReplyStore) -> list[tuple[str, str, int]]:
    """(batch, what the endpoint says of it, its number of requests) of all that is under way. Raises ModelError."""
    return _with_client(settings, store, batch.status)


def collect(settings: ModelSettings, store: ReplyStore) -> Collected:
    """Take finished replies into the store. Raises ModelError; repeating the call takes in what has finished since."""
    return _with_client(settings, store, batch.collect)


def _with_client(settings: ModelSettings, store: ReplyStore, work: Callable[[ModelClient], Awaitable[T]]) -> T:
    async def run() -> T:
        async with ModelClient(settings, store=store) as client:
            return await work(client)

    return asyncio.run(run())
