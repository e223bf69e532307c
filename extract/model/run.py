"""Many records completed by a model: several under way at once, given back in order, from code that is not async.

    with ModelRun(settings, "fill", store=store) as run:
        for completed in run.complete(extract_paths(paths)): ...

An interruption (Ctrl-C, a failing caller) stops the calls under way; what was given back, and every reply in the store,
stays. With `send=False` nothing is sent: stored replies are replayed, and `unsent` holds the requests that have none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from extract.model.complete import Completed, Policy, complete
from prompts.audit import AuditLog
from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.store import ReplyStore, Request
from prompts.usage import Ledger
from trialcite.errors import InputError

if TYPE_CHECKING:
    from extract.extractor import Extracted


class ModelRun:
    """One pass with one model. `ledger` counts what it used. Raises ModelNotConfigured when no model is named."""

    def __init__(
        self,
        settings: ModelSettings,
        policy: Policy,
        *,
        store: ReplyStore | None = None,
        audit: AuditLog | None = None,
        send: bool = True,
    ) -> None:
        self._policy = policy
        self._under_way = 2 * settings.concurrency
        self._client = ModelClient(settings, store=store, audit=audit, send=send)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._client.__aexit__(kind, error, traceback))
        finally:
            self._runner.close()  # cancels what is still under way

    @property
    def ledger(self) -> Ledger:
        """What the run has used so far."""
        return self._client.ledger

    @property
    def unsent(self) -> list[Request]:
        """The requests that a run which may not send would have sent."""
        return self._client.unsent

    def complete(self, items: Iterable[Extracted | InputError]) -> Iterator[Completed | InputError]:
        """Every record completed, in order; what could not be read stays an error in its place."""
        waiting: deque[asyncio.Task[Completed] | InputError] = deque()
        source = iter(items)
        while True:
            while len(waiting) < self._under_way and (item := next(source, None)) is not None:
                waiting.append(item if isinstance(item, InputError) else self._started(item))
            if not waiting:
                return
            first = waiting.popleft()
            yield first if isinstance(first, InputError) else self._runner.run(_result(first))

    def _started(self, item: Extracted) -> asyncio.Task[Completed]:
        return self._runner.get_loop().create_task(complete(item, self._client, self._policy))


async def _result(task: asyncio.Task[Completed]) -> Completed:
    return await task
