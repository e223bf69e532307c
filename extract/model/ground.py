"""Proposals checked against the record: each is accepted with the source's own words, or rejected with a reason.

`Checks` go into instructor's validation context. The first time that something in a reply does not hold, they make
the reply invalid, so that the model is asked once more with the reasons; what still does not hold then is rejected,
and what held either time stands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from extract.evidence import fold
from extract.model.asks import Ask
from extract.model.follows import context_of, settled
from extract.model.hostile import Sign
from extract.model.locate import Located, Locator, NotLocated
from extract.model.replies import CitedPassage, Reply, proposals
from extract.reading import Passage
from extract.rules.values import Value
from extract.source import LineRange

_REASONS_TOLD = 12
_LONGEST_PASSAGE_LINES = 5000


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value that the record says: at `pointer` (list items as the reply counts them), its lines and words there."""

    ask: Ask
    pointer: str
    value: Value
    lines: LineRange
    quote: str
    reason: None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proposal that the record does not bear out. The reason repeats nothing of it: it may be made up."""

    ask: Ask
    pointer: str
    reason: str


Verdict = Accepted | Rejected


class Judged(Protocol):
    """What a log or a model is told of a verdict; no reason means that the proposal holds."""

    @property
    def pointer(self) -> str:
        """Where in the reply it stood."""

    @property
    def reason(self) -> str | None:
        """Why it does not hold."""


V = TypeVar("V", bound=Judged)


class Record:
    """What proposals about one record are checked against."""

    def __init__(self, locator: Locator, passages: Sequence[Passage], hostile: Mapping[int, Sign]) -> None:
        self.locator = locator
        self.source = locator.source
        self.hostile = hostile
        self._passages = passages

    def labels(self, line: int) -> list[str]:
        """What the passage at a line is: its section, and its label where it has one."""
        for passage in self._passages:
            if passage.lines[0] <= line <= passage.lines[1]:
                return [passage.section, passage.label] if passage.label else [passage.section]
        return []

    def verdict(self, ask: Ask, pointer: str, cited: BaseModel) -> Verdict:
        """Whether one proposal holds."""
        located = self.located(cited)
        if isinstance(located, NotLocated):
            return Rejected(ask, pointer, located.reason)
        context = context_of(located, self.source, self.labels(located.lines[0]))
        value = settled(ask, getattr(cited, "value", None), context)
        if value is None:
            return Rejected(ask, pointer, "the words do not say that")
        return Accepted(ask, pointer, value, located.lines, located.words)

    def located(self, cited: BaseModel) -> Located | NotLocated:
        """Where cited words or a passage stand, on lines that may prove something."""
        located = self._passage(cited) if isinstance(cited, CitedPassage) else self._words(cited)
        if isinstance(located, Located) and any(
            n in self.hostile for n in range(located.lines[0], located.lines[1] + 1)
        ):
            return NotLocated("the line speaks to a model, not about the trial")
        return located

    def _words(self, cited: BaseModel) -> Located | NotLocated:
        quote: str = getattr(cited, "quote", "")
        lines: LineRange = (getattr(cited, "first_line", 0), getattr(cited, "last_line", 0))
        return self.locator.locate(quote, lines)

    def _passage(self, cited: CitedPassage) -> Located | NotLocated:
        """From the first words that are cited to the last."""
        first = self.locator.locate(cited.first_words, (cited.first_line, cited.first_line))
        last = self.locator.locate(cited.last_words, (cited.last_line, cited.last_line), last=True)
        if isinstance(first, NotLocated):
            return first
        if isinstance(last, NotLocated):
            return last
        if last.end < first.end or last.lines[1] - first.lines[0] > _LONGEST_PASSAGE_LINES:
            return NotLocated("the passage ends before it begins")
        words = fold(self.source.text[first.start : last.end])
        return Located(first.start, last.end, (first.lines[0], last.lines[1]), words)


class Checks(ABC, Generic[V]):
    """Checks the replies to one request, and keeps what came of them."""

    def __init__(self) -> None:
        self._told = False

    @property
    @abstractmethod
    def verdicts(self) -> list[V]:
        """What came of the proposals."""

    @abstractmethod
    def judge(self, reply: Reply) -> list[V]:
        """The verdicts on one reply; those that are to be kept are."""

    def check(self, reply: Reply) -> str | None:
        """What does not hold, the first time that something does not. For `replies.Reply`."""
        faults = [v for v in self.judge(reply) if v.reason]
        if not faults or self._told:
            return None
        self._told = True
        told = "\n".join(f"{v.pointer}: {v.reason}" for v in faults[:_REASONS_TOLD])
        return f"Some of it does not stand in the record as cited:\n{told}\nCorrect these, or make them null."


class FieldChecks(Checks[Verdict]):
    """Checks proposed values of fields."""

    def __init__(self, record: Record, wanted: Sequence[Ask]) -> None:
        super().__init__()
        self._record = record
        self._wanted = wanted
        self._kept: dict[str, list[Verdict]] = {}

    @property
    def verdicts(self) -> list[Verdict]:
        """What came of the proposals, in the order of the fields."""
        return [v for together in self._kept.values() for v in together]

    def judge(self, reply: Reply) -> list[Verdict]:
        """The verdicts on one reply. Of two replies, the one that holds better is kept, place by place."""
        found = [self._record.verdict(*p) for p in proposals(reply, self._wanted)]
        for place, together in _by_place(found).items():
            if _accepted(together) >= _accepted(self._kept.get(place, [])):
                self._kept[place] = together
        return found


def _by_place(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts by what stands or falls together: a value, or a whole list, since items of two replies do not match."""
    together: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        together.setdefault(verdict.ask.items or verdict.ask.pointer, []).append(verdict)
    return together


def _accepted(verdicts: Sequence[Verdict]) -> int:
    return sum(v.reason is None for v in verdicts)
