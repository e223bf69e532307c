"""A conversation: questions that lean on those before them.

    ask "what is the BMI range?" --trial …     →  "and for HbA1c?"        the same question, of another measure
                                                   "what about the other one?"  the trial spoken of before this one
The state is the trial last spoken of, the one before, and the last question; everything else is asked anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from qa.answer import Answer
from qa.engine import Engine
from qa.words import items

_LEANS = re.compile(r"^\s*(?:and|or|what about|how about|and what about|also|same for)\b[\s,]*", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:the )?(?:other|previous|first) (?:one|trial|study)\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:for|of|on|with|in|the|a|an)\s+", re.IGNORECASE)
_ALONE = 2
"""A follow-up of at most this many items says what is new, and leaves the rest to the question before."""


@dataclass
class Conversation:
    """Asks an engine, and remembers what was spoken of. `trial` is the record asked about, None for all of them."""

    engine: Engine
    trial: str | None = None
    history: list[tuple[str, Answer]] = field(default_factory=list)
    _before: str | None = None

    def ask(self, question: str, *, now: date | None = None) -> Answer:
        """The answer to a question or a follow-up. Raises UnknownDocument."""
        if _OTHER.search(question) and self._before:
            self.about(self._before)
            question = self._again() if _LEANS.match(question) else _OTHER.sub("it", question)
        asked = self._whole(question)
        answer = self.engine.ask(asked, trial=self.trial, now=now)
        self.history.append((asked, answer))
        if self.trial is None and len(answer.trials) == 1:
            self.about(answer.trials[0])
        return answer

    def about(self, trial: str | None) -> None:
        """Turn to a trial, or with None to all of them."""
        if trial != self.trial:
            self._before, self.trial = self.trial, trial

    def _again(self) -> str:
        return self.history[-1][0] if self.history else ""

    def _whole(self, question: str) -> str:
        """A short follow-up completed by the question before: "and the upper limit?" of the same thing."""
        leans = _LEANS.match(question)
        if not leans or not self.history:
            return question
        rest = _LEAD.sub("", question[leans.end() :]).strip(" ?.")
        if not rest or len(items(rest)) > _ALONE:
            return rest or self._again()
        return f"{rest} - {self._again()}" if not _names_all(rest) else rest


def _names_all(rest: str) -> bool:
    """Whether a follow-up is a question of its own ("what is the phase")."""
    return bool(re.match(r"(?:what|which|who|when|where|why|how|is|are|does|do|can)\b", rest, re.IGNORECASE))
