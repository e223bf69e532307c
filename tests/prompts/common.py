"""What the tests of the model client share: a key that must never be seen again, a task, and a client for a stub."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationInfo, field_validator

from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.template import Prompt
from tests.prompts.stub import Stub

SENTINEL = "sk-sentinel/9f+3c71b2"

T = TypeVar("T")


class Pick(BaseModel):
    """A word and a number."""

    word: str | None
    number: int | None

    @field_validator("word")
    @classmethod
    def _allowed(cls, value: str | None, info: ValidationInfo) -> str | None:
        allowed = (info.context or {}).get("allowed")
        if allowed and value not in allowed:
            raise ValueError(f"{value!r} is not among the words")
        return value


PROMPT = Prompt("pick@1", "Pick a word.", "The words: heron, plover.")
GOOD = {"word": "heron", "number": 7}


def settings(stub: Stub, **changes: Any) -> ModelSettings:
    """Settings for a stub, with short waits."""
    values = {"base_url": stub.url, "model": "m", "api_key": SENTINEL, "timeout": 5, "deadline": 8, "retries": 1}
    return ModelSettings.model_validate(values | changes)


def with_client(made: ModelSettings, work: Callable[[ModelClient], Awaitable[T]], **parts: Any) -> T:
    """The result of work done with a client."""

    async def run() -> T:
        async with ModelClient(made, **parts) as client:
            return await work(client)

    return asyncio.run(run())
