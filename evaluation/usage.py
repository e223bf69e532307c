"""Tokens, money and time of a system, as far as its predictions tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

_IN = ("prompt_tokens", "input_tokens")
_OUT = ("completion_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in and out."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of a run."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


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
