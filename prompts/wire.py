"""The wire: requests to the endpoint and nothing else. Bounded in number, time and tokens.

openai's client sends again after transport errors, 429 and 5xx, with growing waits or those that Retry-After asks for.
Here is added what it has not: one deadline for the whole call (a reply that drips in never runs into a read timeout),
the token budget, and an end to calling once it is clear that no further call would do better.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from prompts.faults import LASTING_STATUS, endpoint_error, malformed, will_last
from prompts.redaction import Redactor
from prompts.settings import ModelSettings
from prompts.store import Request
from prompts.usage import Ledger, Usage, estimate_tokens
from trialcite.errors import (
    EndpointError,
    EndpointFault,
    EndpointTimeout,
    KeyRefused,
    ModelError,
    ModelUnknown,
    ReplyTruncated,
)

if TYPE_CHECKING:
    from httpx2 import Response
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

NO_KEY = "none"
"""Sent to servers that want no key. Without any, openai would take OPENAI_API_KEY and send it to whatever address."""

SILENCES, FAULTS = 3, 10
"""After so many failed calls in a row, each with all its retries, the endpoint counts as gone for this run. A fault may
lie in a request, so more of them are taken than of silences."""


class Wire:
    """A connection to one endpoint, for one event loop."""

    def __init__(self, settings: ModelSettings, ledger: Ledger, redact: Redactor) -> None:
        self._settings = settings
        self._ledger = ledger
        self._redact = redact
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._connection: AsyncOpenAI | None = None
        self._failures = 0
        self._gone: ModelError | None = None

    @property
    def connection(self) -> AsyncOpenAI:
        """The openai client, made at first use."""
        if self._connection is None:
            self._connection = _connect(self._settings)
        return self._connection

    async def close(self) -> None:
        """Close the connection, if one was made."""
        if self._connection is not None:
            await self._connection.close()

    async def send(self, request: Request, *, reply_tokens: int) -> ChatCompletion:
        """The chat completion for a request. Raises ModelError."""
        estimate = estimate_of(request)
        async with self._slots:
            if self._gone is not None:
                raise self._gone
            with self._ledger.reserve(estimate + reply_tokens):
                try:
                    completion = await self._sent(request)
                except ModelError as e:
                    self._failed(e, estimate)
                    raise
        self._failures = 0
        return completion

    async def _sent(self, request: Request) -> ChatCompletion:
        where = request.endpoint
        try:
            async with asyncio.timeout(self._settings.deadline):
                create = cast("Any", self.connection.chat.completions.create)  # the body is instructor's, and right
                completion = await create(**request.body)
        except Exception as e:
            error = endpoint_error(e, where=where, redact=self._redact)
            if error is None:
                raise
            raise error from None
        if fault := malformed(completion):
            raise EndpointFault(f"not a chat completion ({fault})", where=where)
        return cast("ChatCompletion", completion)

    def _failed(self, error: ModelError, estimate: int) -> None:
        if isinstance(error, (EndpointTimeout, ReplyTruncated)):
            # The endpoint may have worked on it, and will bill it, though it reported nothing.
            self._ledger.count(Usage(1, prompt_tokens=estimate, estimated_tokens=estimate), replayed=False)
        self._failures += isinstance(error, EndpointError)
        enough = FAULTS if isinstance(error, EndpointFault) else SILENCES
        if isinstance(error, (KeyRefused, ModelUnknown)) or self._failures >= enough:
            self._gone = error


def estimate_of(request: Request) -> int:
    """About how many tokens a request's prompt has: all its text, the schema included."""
    import orjson

    return estimate_tokens(orjson.dumps(dict(request.body)).decode())


def _connect(settings: ModelSettings) -> AsyncOpenAI:
    import openai

    timeout = openai.Timeout(settings.timeout, connect=min(settings.timeout, 10))
    return openai.AsyncOpenAI(
        api_key=settings.key or NO_KEY,
        base_url=settings.base_url,
        timeout=timeout,
        max_retries=settings.retries,
        http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, event_hooks={"response": [_spare_retries]}),
    )


async def _spare_retries(response: Response) -> None:
    """Do not send a request again that would fail in the same way, though its status is that of a passing fault."""
    if response.status_code == LASTING_STATUS:
        await response.aread()
        if will_last(response.text):
            response.headers["x-should-retry"] = "false"
