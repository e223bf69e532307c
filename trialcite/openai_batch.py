"""`extract --openai-batch`: the Batch API step by step. Each step can be repeated after an interruption.

submit    works out what a model would be asked, and sends it off
status    says what the endpoint says of it
collect   takes in what is finished; the extraction then runs on those replies, with the same checks
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from trialcite.completion import BatchStep, Completion, Options
from trialcite.errors import UsageError
from trialcite.output import Talk
from trialcite.settings import reply_store

if TYPE_CHECKING:
    from prompts.client import ModelClient
    from prompts.store import Request


def step(which: BatchStep, options: Options, paths: Iterable[Path], talk: Talk) -> bool:
    """Take one step; whether the extraction is to run now. Raises ModelError, UsageError."""
    asked = options.policy()
    if asked is None or not options.cache:
        raise UsageError("--openai-batch needs a model and the cache", hint="name one with --llm-model")
    _, settings = asked
    requests = _requests(options, paths) if which is BatchStep.SUBMIT else []

    async def take() -> None:
        from prompts.client import ModelClient

        async with ModelClient(settings, store=reply_store()) as client:
            await _take(which, client, requests, talk)

    asyncio.run(take())
    return which is BatchStep.COLLECT


def _requests(options: Options, paths: Iterable[Path]) -> list[Request]:
    from extract.extractor import extract_paths

    completion = Completion(options)
    for _ in completion.complete(extract_paths(paths)):
        pass
    return completion.unsent


async def _take(which: BatchStep, client: ModelClient, requests: list[Request], talk: Talk) -> None:
    from prompts import batch

    if which is BatchStep.SUBMIT:
        submitted = await batch.submit(client, requests)
        talk.note(f"{submitted.sent} requests sent, {submitted.waiting} were under way already")
    elif which is BatchStep.STATUS:
        for name, state, count in await batch.status(client):
            talk.note(f"{name}: {state}, {count} requests")
    else:
        collected = await batch.collect(client)
        talk.note(f"{collected.replies} replies, {collected.failed} failed, {collected.waiting} still waiting")
        for fault in collected.faults:
            talk.error(fault)
