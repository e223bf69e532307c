"""Questions with or without a model, as the commands answer them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialcite.completion import Options, summary

if TYPE_CHECKING:
    from prompts.usage import Ledger
    from qa.answer import Answers
    from trialcite.api import Library
    from trialcite.errors import ModelError


@dataclass
class Answering:
    """An engine, the model's name where there is one, and what is to be said of it."""

    engine: Answers
    model: str | None = None
    ledger: Ledger | None = None
    failures: Iterable[ModelError] = ()

    def summary(self) -> list[str]:
        """What to say of the model at the end, a line each."""
        return summary(self.ledger, self.failures)


@contextmanager
def answering(library: Library, options: Options) -> Iterator[Answering]:
    """What answers questions on a library: rules, and a model if one is asked for or configured."""
    asked = options.policy()
    if asked is None:
        yield Answering(library.engine)
        return
    from prompts.audit import AuditLog
    from qa.model.run import ModelEngine
    from trialcite.settings import reply_store

    policy, settings = asked
    store = reply_store() if options.cache else None
    audit = AuditLog(options.log) if options.log else None
    with ModelEngine(library.engine, settings, policy, store=store, audit=audit) as engine:
        yield Answering(engine, settings.model_name, engine.ledger, engine.failures)
