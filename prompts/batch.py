"""OpenAI's Batch API: many requests in one file, answered within a day at half the price.

    submit    requests without a stored reply go out, in files of at most PART_REQUESTS
    status    what the endpoint says of each
    collect   finished replies go into the reply store, from where the same run replays them, with the same checks

What is under way is kept in the reply store's file, step by step, so that each verb can be repeated after an
interruption: an upload is not made twice, and a batch that was created but not noted is found by its mark.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from prompts.client import ModelClient
from prompts.faults import endpoint_error, malformed, one_line
from prompts.redaction import Redactor
from prompts.store import Part, ReplyStore, Request

if TYPE_CHECKING:
    from openai.types import Batch

PART_REQUESTS = 50_000
PART_BYTES = 190_000_000
"""The API takes files of at most 50,000 requests and 200 MB."""

MARK = "trialcite"
ENDED = ("completed", "failed", "expired", "cancelled")


@dataclass(frozen=True)
class Submitted:
    """What a submission did. `waiting` requests were under way already."""

    sent: int
    waiting: int


@dataclass
class Collected:
    """What a collection brought. Requests that failed are free to be submitted again."""

    replies: int = 0
    failed: int = 0
    waiting: int = 0
    faults: list[str] = field(default_factory=list)


async def submit(client: ModelClient, requests: Sequence[Request]) -> Submitted:
    """Send off the requests that are not under way yet. Raises ModelError; what was sent by then stays sent."""
    store = _store(client)
    under_way = store.under_way()
    fresh = {r.key(store.program): r for r in requests if r.key(store.program) not in under_way}
    for body, keys in _files(fresh):
        store.begin(hashlib.sha256(body).hexdigest()[:32], body, {key: fresh[key] for key in keys})
    for part in store.parts():
        if part.batch is None:
            await _send(client, part)
    return Submitted(len(fresh), len(requests) - len(fresh))


async def status(client: ModelClient) -> list[tuple[str, str, int]]:
    """(batch, what the endpoint says of it, its number of requests) of all that is under way. Raises ModelError."""
    rows: list[tuple[str, str, int]] = []
    for part in _store(client).parts():
        state = (await _retrieved(client, part)).status if part.batch else "not sent"
        rows.append((part.batch or part.mark, state, part.requests))
    return rows


async def collect(client: ModelClient) -> Collected:
    """Take in what is finished. Raises ModelError; what was taken in by then stays."""
    store, collected = _store(client), Collected()
    for part in store.parts():
        batch = await _retrieved(client, part) if part.batch else None
        if batch is None or batch.status not in ENDED:
            collected.waiting += part.requests
            continue
        for file in (batch.output_file_id, batch.error_file_id):
            if file:
                await _take(client, file, collected)
        if batch.errors and batch.errors.data:
            collected.faults += [one_line(client.redact(e.message or "")) for e in batch.errors.data]
        collected.failed += store.forget(part)
    return collected


def _store(client: ModelClient) -> ReplyStore:
    assert client.store is not None, "a batch is kept in the reply store"
    return client.store


def _files(requests: dict[str, Request]) -> Iterator[tuple[bytes, list[str]]]:
    """The requests as JSON Lines files, each with the keys of its rows."""
    body, keys = bytearray(), list[str]()
    for key, request in requests.items():
        row = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": dict(request.body)}
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        if keys and (len(keys) == PART_REQUESTS or len(body) + len(line) > PART_BYTES):
            yield bytes(body), keys
            body, keys = bytearray(), []
        body += line
        keys.append(key)
    if keys:
        yield bytes(body), keys


async def _send(client: ModelClient, part: Part) -> None:
    store, api = _store(client), client.connection
    with _endpoint_errors(client):
        batch = await _found(client, part.mark)
        if batch is None:
            upload = io.BytesIO(store.body(part))
            file = part.file or (await api.files.create(file=(f"{part.mark}.jsonl", upload), purpose="batch")).id
            store.progress(part, file=file)
            batch = await api.batches.create(
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={MARK: part.mark},
            )
    store.progress(part, file=batch.input_file_id, batch=batch.id)


async def _found(client: ModelClient, mark: str) -> Batch | None:
    """A batch that was created by a run which did not live to note it."""
    async for batch in client.connection.batches.list(limit=100):
        if (batch.metadata or {}).get(MARK) == mark:
            return batch
    return None


async def _retrieved(client: ModelClient, part: Part) -> Batch:
    with _endpoint_errors(client):
        return await client.connection.batches.retrieve(str(part.batch))


async def _take(client: ModelClient, file: str, collected: Collected) -> None:
    store = _store(client)
    with _endpoint_errors(client):
        content = (await client.connection.files.content(file)).content
    for line in filter(None, content.split(b"\n")):
        key, completion, fault = _row(line, client.redact)
        if completion is not None and store.keep_answer(key, completion):
            collected.replies += 1
        elif fault and fault not in collected.faults:
            collected.faults.append(fault)


def _row(line: bytes, redact: Redactor) -> tuple[str, dict[str, Any] | None, str]:
    """(key, chat completion or None, what is wrong) of one row of an output or error file."""
    from openai.types.chat import ChatCompletion

    try:
        row: Any = orjson.loads(redact(line.decode("utf-8", "replace")))
        key, response = str(row["custom_id"]), row.get("response") or {}
        body = response.get("body")
        if response.get("status_code") == 200 and isinstance(body, dict):
            fault = malformed(ChatCompletion.construct(**body))
            return key, None if fault else body, fault or ""
        said = row.get("error") or (body or {}).get("error") or {}
        return key, None, one_line(str(said.get("message") or f"status {response.get('status_code')}"))
    except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError) as e:
        return "", None, f"a row that is no result ({e})"


@contextmanager
def _endpoint_errors(client: ModelClient) -> Iterator[None]:
    import openai

    try:
        yield
    except openai.OpenAIError as e:
        error = endpoint_error(e, where=client.settings.base_url, redact=client.redact)
        if error is None:
            raise
        raise error from None
