"""A model at work for code that is not async: several tasks under way at once, their results given back in order.

An interruption (Ctrl-C, a failing caller) stops the calls under way; what was given back, and every reply in the store,
stays.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from prompts.audit import AuditLog
from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.store import ReplyStore
from prompts.usage import Ledger
from trialcite.errors import TrialciteError

Item = TypeVar("Item")
Result = TypeVar("Result")
Failure = TypeVar("Failure", bound=TrialciteError)

_AHEAD = 2
"""How many tasks are begun for each call that may be under way: some wait for a reply, some are read."""


class ModelSession:
    """A client with its event loop; `ledger` counts what it used. Raises ModelNotConfigured when no model is named."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        store: ReplyStore | None = None,
        audit: AuditLog | None = None,
        send: bool = True,
    ) -> None:
        self._under_way = _AHEAD * settings.concurrency
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
        """What the model has used so far."""
        return self._client.ledger

    def _in_order(
        self, items: Iterable[Item], begin: Callable[[Item], Coroutine[Any, Any, Result] | Failure]
    ) -> Iterator[Result | Failure]:
        """What each item's task results in; an item that `begin` gives an error for has that in its place."""
        waiting: deque[asyncio.Task[Result] | Failure] = deque()
        source = iter(items)
        while True:
            while len(waiting) < self._under_way and (item := next(source, None)) is not None:
                begun = begin(item)
                waiting.append(
                    begun if isinstance(begun, TrialciteError) else self._runner.get_loop().create_task(begun)
                )
            if not waiting:
                return
            first = waiting.popleft()
            yield first if isinstance(first, TrialciteError) else self._runner.run(_result(first))


async def _result(task: asyncio.Task[Result]) -> Result:
    return await task
