"""The one model client: the only way from the program to a model.

    async with ModelClient(settings, store=store) as client:
        reply = await client.ask(prompt, Answer, context={"lines": lines}, source=sha256)

Failures are raised as ModelError and leave the client usable; callers that can do without a model treat them as values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel

from prompts import probe
from prompts.audit import AuditLog
from prompts.dialect import Dialect
from prompts.exchange import RE_ASKS, Desk, Exchange, Reply
from prompts.redaction import Redactor
from prompts.settings import ModelSettings
from prompts.store import ReplyStore, Request
from prompts.template import Prompt, load
from prompts.usage import Ledger, Usage
from prompts.wire import Wire
from trialcite.errors import ModelError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T", bound=BaseModel)


class ModelClient:
    """Asks one model at one endpoint. Belongs to one event loop.

    With `send=False` nothing goes over the wire: stored replies are replayed, and a request that has none raises
    ReplyNotStored and is kept in `unsent`, for a dry run to show or a batch to submit.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        store: ReplyStore | None = None,
        audit: AuditLog | None = None,
        send: bool = True,
    ) -> None:
        self.settings = settings
        self.model = settings.model_name
        self.ledger = Ledger(settings.token_budget)
        self.unsent: list[Request] = []
        self.redact = Redactor(settings.key)
        self._wire = Wire(settings, self.ledger, self.redact) if send else None
        self._desk = Desk(self.ledger, self.redact, self._wire, store, audit, self.unsent)
        self._dialect: Dialect | None = None
        self._no_dialect: ModelError | None = None
        self._finding = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._wire is not None:
            await self._wire.close()

    @property
    def store(self) -> ReplyStore | None:
        """Where replies are kept."""
        return self._desk.store

    @property
    def connection(self) -> AsyncOpenAI:
        """openai's own client, for its file and batch endpoints (prompts/batch.py)."""
        assert self._wire is not None, "a client that sends nothing has no connection"
        return self._wire.connection

    async def ask(
        self,
        prompt: Prompt,
        response_model: type[T],
        *,
        context: Mapping[str, Any] | None = None,
        source: str = "",
        tally: list[Usage] | None = None,
    ) -> Reply[T]:
        """The model's object for a prompt, validated with `context` as Pydantic's validation context.

        `source` is the hash of what the prompt was made from, for the reply's key. `tally` gets the usage of every
        attempt, also of one that fails. Raises ModelError: what is wrong with one reply (ReplyError) says nothing about
        the next.
        """
        dialect = await self.dialect()
        endpoint = self.settings.base_url
        exchange = Exchange(self._desk, prompt, response_model, endpoint=endpoint, source=source, tally=tally)
        return await exchange.run(
            self.model,
            dialect,
            reply_tokens=self.settings.reply_tokens,
            re_asks=RE_ASKS,
            context=context or {},
        )

    def verdict(self, call: str, details: Mapping[str, Any]) -> None:
        """Log what became of a value that a call proposed."""
        self._desk.note("verdict", call, details)

    async def dialect(self) -> Dialect:
        """How this model takes a request for an object: remembered, else found by a probe. A client that may not send
        assumes the first mode. Raises NoWorkingMode or EndpointError."""
        async with self._finding:
            if self._no_dialect is not None:
                raise self._no_dialect
            if self._dialect is None:
                self._dialect = self._remembered() or await self._found()
            return self._dialect

    async def report_modes(self) -> list[probe.ModeReport]:
        """Every mode tried anew, for `doctor`. Raises EndpointError when the endpoint itself fails."""
        return await probe.report_modes(self._probe)

    def _remembered(self) -> Dialect | None:
        known = self.store.dialect(self.settings.base_url, self.model) if self.store is not None else None
        if known is not None:
            return Dialect.model_validate(known)
        return Dialect() if self._wire is None else None

    async def _found(self) -> Dialect:
        try:
            dialect = await probe.find_dialect(self._probe, where=self.settings.base_url)
        except ModelError as e:
            self._no_dialect = e  # for this run; the next may find the server mended
            raise
        if self.store is not None:
            self.store.remember(self.settings.base_url, self.model, dialect.model_dump())
        return dialect

    async def _probe(self, dialect: Dialect) -> object:
        desk = replace(self._desk, store=None)  # what works now, not what once did
        prompt = load("probe").render()
        exchange = Exchange(desk, prompt, probe.Probe, endpoint=self.settings.base_url, source="")
        return await exchange.run(self.model, dialect, reply_tokens=probe.REPLY_TOKENS, re_asks=0, context={})
