"""Extraction with a model, as the commands use it: whether, with which settings, and what to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from trialcite.options import Llm
from trialcite.settings import model_settings, reply_store

if TYPE_CHECKING:
    from extract.extraction import Extraction
    from extract.extractor import Extracted
    from prompts.settings import ModelSettings
    from prompts.store import Request
    from prompts.usage import Ledger
    from trialcite.errors import InputError, ModelError


class BatchStep(StrEnum):
    """The steps of OpenAI's Batch API."""

    SUBMIT = "submit"
    STATUS = "status"
    COLLECT = "collect"


class Options(NamedTuple):
    """What the command line says of the model. `llm` None: fill with a configured model, else off."""

    llm: Llm | None = None
    model: str | None = None
    base_url: str | None = None
    token_budget: int | None = None
    log: Path | None = None
    cache: bool = True
    send: bool = True

    def policy(self) -> tuple[Literal["fill", "full"], ModelSettings] | None:
        """The policy and the settings, or None where rules go alone. Raises ModelNotConfigured, UsageError."""
        if self.llm is Llm.OFF:
            return None
        flags = {"model": self.model, "base_url": self.base_url, "token_budget": self.token_budget}
        settings = model_settings(flags).settings
        if self.llm is None and settings.model is None:
            return None
        settings.model_name  # noqa: B018 - asked for by name: say at once that no model is configured
        return ("full" if self.llm is Llm.FULL else "fill"), settings


@dataclass
class Completion:
    """A pass with a model. `failures` are the reasons why it was not, or not wholly, heard."""

    options: Options
    failures: list[ModelError] = field(default_factory=list)
    ledger: Ledger | None = None
    unsent: list[Request] = field(default_factory=list)

    def complete(self, items: Iterable[Extracted | InputError]) -> Iterator[Extraction | InputError]:
        """Every extraction in order, completed by the model if there is one."""
        from trialcite.errors import InputError

        asked = self.options.policy()
        if asked is None:
            yield from (item if isinstance(item, InputError) else item.extraction for item in items)
            return
        from extract.model.run import ModelRun
        from prompts.audit import AuditLog

        policy, settings = asked
        store = reply_store() if self.options.cache else None
        audit = AuditLog(self.options.log) if self.options.log else None
        with ModelRun(settings, policy, store=store, audit=audit, send=self.options.send) as run:
            self.ledger = run.ledger
            for item in run.complete(items):
                if isinstance(item, InputError):
                    yield item
                    continue
                self.failures += item.failures
                yield item.extraction
            self.unsent = run.unsent

    def summary(self) -> list[str]:
        """What to say of the model at the end, a line each."""
        return summary(self.ledger, self.failures)


def summary(ledger: Ledger | None, failures: Iterable[ModelError]) -> list[str]:
    """What a model used, and why it was not heard where it was not, a line each."""
    lines = []
    if ledger and (ledger.sent.calls or ledger.replayed.calls):
        sent, replayed = ledger.sent, ledger.replayed
        lines.append(f"model: {sent.calls} calls, {sent.total} tokens, {replayed.calls} replies from the cache")
    reasons = Counter(map(str, failures))
    lines += [f"model: {reason}" + (f" ({n} times)" if n > 1 else "") for reason, n in reasons.items()]
    return lines
