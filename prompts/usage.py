"""Tokens: what each attempt used, what a run used, and the budget at which a run stops calling.

Counts are the endpoint's own. Where it reports none, they are estimated from the text and marked as estimates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from trialcite.errors import TokenBudgetSpent

BYTES_PER_TOKEN = 3.0
"""English prose has about 4.5 bytes a token in current vocabularies, but numbers, units and drug names have fewer. A
prompt that is longer than estimated fails, one that is shorter only wastes room, so the estimate leans high."""


def estimate_tokens(*texts: str) -> int:
    """About how many tokens the texts are, leaning high."""
    return math.ceil(sum(len(t.encode("utf-8", "surrogatepass")) for t in texts) / BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of some replies. `estimated_tokens` is the part of them that no endpoint reported."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated_tokens: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.estimated_tokens + other.estimated_tokens,
        )

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass
class Ledger:
    """What a run has used. `sent` went over the wire; `replayed` came from the store and cost nothing."""

    budget: int | None = None
    sent: Usage = field(default_factory=Usage)
    replayed: Usage = field(default_factory=Usage)
    _reserved: int = 0

    @contextmanager
    def reserve(self, tokens: int) -> Iterator[None]:
        """Hold room in the budget while a call is under way. Raises TokenBudgetSpent when there is not enough: calls
        that run side by side must not each count on the same remainder."""
        if self.budget is not None and self.sent.total + self._reserved + tokens > self.budget:
            raise TokenBudgetSpent(
                f"{self.sent.total} of {self.budget} tokens are used, and this call may need {tokens}",
                hint="raise the token budget to go on; replies so far are kept",
            )
        self._reserved += tokens
        try:
            yield
        finally:
            self._reserved -= tokens

    def count(self, usage: Usage, *, replayed: bool) -> None:
        """Add one attempt."""
        if replayed:
            self.replayed += usage
        else:
            self.sent += usage
