"""Finding out what an endpoint can do, by asking for a small object in each mode of the ladder."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from prompts.dialect import LADDER, Dialect, Mode
from trialcite.errors import EndpointFault, ModelError, NoWorkingMode, ReplyError, RequestRefused

REPLY_TOKENS = 256


class Item(BaseModel):
    """An item that was named, and the lines on which it is."""

    word: Literal["alpha", "beta", "gamma"]
    lines: Annotated[list[int], Field(max_length=2)]


class Probe(BaseModel):
    """The item that the user names; null if none is named."""

    # Nested, nullable, with an enumeration and a list: what real replies need, since servers differ in what they take.
    item: Item | None


@dataclass(frozen=True)
class ModeReport:
    """What came of one mode."""

    mode: Mode
    works: bool
    detail: str
    seconds: float


Try = Callable[[Dialect], Awaitable[object]]
"""Asks for a Probe in a dialect, once. Raises ModelError."""


async def find_dialect(attempt: Try, *, where: str) -> Dialect:
    """The first dialect of the ladder that brings a valid object. Raises NoWorkingMode, or EndpointError when the
    endpoint itself fails."""
    faults: list[ModelError] = []
    for mode in LADDER:
        found = await _try(attempt, Dialect(mode=mode))
        if isinstance(found, Dialect):
            return found
        faults.append(found)
    if all(isinstance(f, EndpointFault) for f in faults):
        raise faults[-1]
    told = "; ".join(f"{mode}: {f.message}" for mode, f in zip(LADDER, faults, strict=True))
    raise NoWorkingMode(f"no valid object in any mode ({told})", where=where, hint="choose another model")


async def report_modes(attempt: Try) -> list[ModeReport]:
    """Every mode of the ladder tried. Raises EndpointError when the endpoint itself fails."""
    reports = []
    for mode in LADDER:
        start = time.monotonic()
        found = await _try(attempt, Dialect(mode=mode))
        works = isinstance(found, Dialect)
        detail = "works" if isinstance(found, Dialect) else found.message
        reports.append(ModeReport(mode, works, detail, time.monotonic() - start))
    return reports


async def _try(attempt: Try, dialect: Dialect) -> Dialect | ModelError:
    """The dialect as the endpoint takes it, or why it does not work. A server may break on what it does not know."""
    while True:
        try:
            await attempt(dialect)
        except RequestRefused as e:
            adapted = dialect.adapted(e.message)
            if adapted is None:
                return e
            dialect = adapted
        except (ReplyError, EndpointFault) as e:
            return e
        else:
            return dialect
