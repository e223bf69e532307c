"""A conversation: questions that lean on those before them.

    what is the BMI range?
    and for HbA1c?                the same question of another measure
    and the upper limit?          the same question, of one side of it
    who exactly? how many?        what is asked, of what was spoken of
    what about NCT99000002?       the same question of another trial
    what about the other one?     … of the trial spoken of before this one

The state is the trial last spoken of, the one before, and the last question; everything else is asked anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from extract.criteria import measures
from qa.answer import Answer, Answers
from qa.asking import many
from qa.patterns import words_of
from qa.trials import numbered
from qa.words import WORD, items

_LEANS = re.compile(r"^\s*(?:and what about|and|or|what about|how about|also|same for)\b[\s,]*", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:the )?(?:other|previous|first) (?:one|trial|study)\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:(?:for|of|on|with|in|the|a|an|is|are|it|there)\b\s*)+", re.IGNORECASE)
_ASKS = re.compile(r"(?:what|which|who|whom|when|where|why|how|is|are|does|do|can|could)\b", re.IGNORECASE)
_ALONE = 2
"""A follow-up of at most this many items says what is new, and leaves the rest to the question before."""
_EMPTY = frozenset(["exactly", "else", "there", "many", "much", "precisely", "again", "then", "so"])
"""Words that a question can consist of without asking anything by itself."""


@dataclass
class Conversation:
    """Asks an engine, and remembers what was spoken of. `trial` is the record asked about, None for all of them."""

    engine: Answers
    trial: str | None = None
    history: list[tuple[str, Answer]] = field(default_factory=list)
    _before: str | None = None

    def ask(self, question: str, *, now: date | None = None) -> Answer:
        """The answer to a question or a follow-up. Raises UnknownDocument."""
        against = self._against(question)
        asked = against or self._whole(self._turned(question))
        answer = self.engine.ask(asked, trial=None if against else self.trial, now=now)
        self.history.append((asked, answer))
        if self.trial is None and len(answer.trials) == 1:
            self.about(answer.trials[0])
        return answer

    def about(self, trial: str | None) -> None:
        """Turn to a trial, or with None to all of them."""
        if trial != self.trial:
            self._before, self.trial = self.trial, trial

    def _against(self, question: str) -> str | None:
        """A question that sets the trial spoken of against another one, with both named."""
        compared = self.trial and many("compare", words_of(question)) and numbered(question, self.engine.documents)
        return f"{question} {self.trial}" if compared else None

    def _turned(self, question: str) -> str:
        """The question without the trial that it turns to, if it names one: the one before, or one by its number."""
        if self._before and _OTHER.search(question):
            self.about(self._before)
            return _OTHER.sub(" ", question) if _LEANS.match(question) else _OTHER.sub("it", question)
        named = numbered(question, self.engine.documents) if self.trial else []
        if len(named) == 1:
            self.about(named[0])
            return re.sub(re.escape(named[0]), " " if _LEANS.match(question) else "it", question, flags=re.IGNORECASE)
        return question

    def _whole(self, question: str) -> str:
        """A short follow-up completed by the question before: "and the upper limit?" of the same thing."""
        leans = _LEANS.match(question)
        rest = question[leans.end() :] if leans else question
        if not self.history or not (leans or _is_empty(rest)):
            return question
        new, before = _LEAD.sub("", rest).strip(" ?."), self.history[-1][0]
        if not new:
            return before
        if _ASKS.match(rest) and not _is_empty(rest):
            return rest
        if len(items(new)) > _ALONE:
            return rest
        return _replaced(before, new) or f"{new} - {before}"


def _is_empty(question: str) -> bool:
    """Whether it asks, but of nothing: "who exactly?", "how many?"."""
    words = [m[0].lower() for m in WORD.finditer(question)]
    return bool(_ASKS.match(question)) and all(w in _EMPTY or _ASKS.fullmatch(w) for w in words)


def _replaced(before: str, new: str) -> str | None:
    """The question before with the measure it names replaced by another; None where either names none, or several."""
    old = list(measures.matcher().finditer(before))
    if len(old) != 1 or next(measures.matcher().finditer(new), None) is None:
        return None
    start, end, _ = old[0]
    return f"{before[:start]}{new}{before[end:]}"
