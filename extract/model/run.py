"""Many records completed by a model: several under way at once, given back in order, from code that is not async.

    with ModelRun(settings, "fill", store=store) as run:
        for completed in run.complete(extract_paths(paths)): ...

With `send=False` nothing is sent: stored replies are replayed, and `unsent` holds the requests that have none.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from extract.model.complete import Completed, Policy, complete
from prompts.audit import AuditLog
from prompts.session import ModelSession
from prompts.settings import ModelSettings
from prompts.store import ReplyStore, Request
from trialcite.errors import InputError

if TYPE_CHECKING:
    from extract.extractor import Extracted


class ModelRun(ModelSession):
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
        super().__init__(settings, store=store, audit=audit, send=send)
        self._policy = policy

    @property
    def unsent(self) -> list[Request]:
        """The requests that a run which may not send would have sent."""
        return self._client.unsent

    def complete(self, items: Iterable[Extracted | InputError]) -> Iterator[Completed | InputError]:
        """Every record completed, in order; what could not be read stays an error in its place."""
        return self._in_order(items, self._begun)

    def _begun(self, item: Extracted | InputError) -> Coroutine[Any, Any, Completed] | InputError:
        return item if isinstance(item, InputError) else complete(item, self._client, self._policy)
