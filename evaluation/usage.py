"""Tokens, money and time of a system, as far as its predictions tell them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.files import read_bytes
from trialcite.errors import MalformedRecord

_IN = ("prompt_tokens", "input_tokens")
_OUT = ("completion_tokens", "output_tokens")


class Price(BaseModel):
    """What a million tokens cost, in and out, in whatever currency."""

    model_config = ConfigDict(extra="forbid")

    tokens_in: float = Field(ge=0)
    tokens_out: float = Field(ge=0)

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of a run."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


def read_prices(path: Path) -> dict[str, Price]:
    """Prices by model, or by a system's name, from TOML: a table each, with tokens_in and tokens_out a million.

    Raises MalformedRecord, UnreadableInput."""
    try:
        table = tomllib.loads(read_bytes(path).decode())
        return {name: Price.model_validate(row) for name, row in table.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as e:
        raise MalformedRecord(f"holds no prices ({e})", where=str(path)) from e


def summed(items: Iterable[tuple[Mapping[str, Any] | None, float | None]]) -> dict[str, Any]:
    """Tokens and seconds over (usage, seconds) of every prediction, as fields of a report's System."""
    tokens_in = tokens_out = 0
    told = False
    seconds = []
    for usage, spent in items:
        if usage:
            told = True
            tokens_in += next((int(usage[k]) for k in _IN if k in usage), 0)
            tokens_out += next((int(usage[k]) for k in _OUT if k in usage), 0)
        if spent is not None:
            seconds.append(spent)
    return {
        "tokens_in": tokens_in if told else None,
        "tokens_out": tokens_out if told else None,
        "seconds_median": round(median(seconds), 6) if seconds else None,
        "seconds_total": round(sum(seconds), 6) if seconds else None,
    }
