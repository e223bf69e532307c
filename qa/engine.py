"""From a question to a cited answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from qa.answer import Answer

if TYPE_CHECKING:
    from index.library import Library
    from qa.conversation import Conversation


def ask(
    library: Library,
    question: str,
    *,
    trial: str | None = None,
    now: date | None = None,
    conversation: Conversation | None = None,
) -> Answer:
    """Answer a question from the library's records, without a model and without a network."""
    raise NotImplementedError
