"""The contract of an answer: text, the claims it is made of, and for each the lines that prove it.

    Answer ─┬─ claims ──── citations     what is said, each sentence with its proof
            ├─ citations                 all of them once, in the order of the claims
            ├─ removed                   claims that failed verification, with the reason; never part of the text
            └─ findings                  contradictions of the record that touch the answer

A citation's quote is verbatim text of its lines (white space folded), and `sha256` is that of the record's bytes, so
that any later reader can check it offline. See docs/answers.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from extract.evidence import Line
from trialcite.errors import TrialciteError

Status = Literal["answered", "not_stated", "partial", "failed"]
"""answered: the record settles the question. partial: it settles a part, or contradicts itself. not_stated: the
record is silent, and the answer says what was looked at. failed: the question could not be worked on."""


class Contract(BaseModel):
    """Base of every object others build on: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Citation(Contract):
    """Lines of a record and the words there. `member` places the record in a file that holds several; `label` says
    what the lines are (a field, a criterion's id) and is no part of the proof."""

    document: str
    path: str
    member: str | None = None
    lines: tuple[Line, Line]
    quote: str
    sha256: str
    label: str | None = None


class Claim(Contract):
    """One thing said, with what proves it. `method` is "model" where a model put it so; the proof is the same."""

    text: str
    citations: list[Citation] = Field(default_factory=list)
    method: Literal["model"] | None = None


class Removed(Contract):
    """A claim that was not let out, and why."""

    text: str
    reason: str


class AnswerFinding(Contract):
    """A contradiction of a record that touches the answer."""

    document: str
    code: str
    severity: Literal["error", "warning", "info"]
    message: str


class Heard(Contract):
    """What a model was asked for an answer: its name, the prompts, the tokens of every attempt; `failure` says why it
    was not heard."""

    model: str
    prompt: str
    usage: dict[str, int]
    failure: str | None = None


class Timing(Contract):
    """Milliseconds spent: answering, re-checking the citations, and both."""

    answer: float
    verify: float
    total: float


class Answer(Contract):
    """An answer whose every citation was re-checked against the lines. `trials` are those it is about: for a question
    over many trials, those that satisfy it. `heard` is there when a model was asked."""

    id: str | None = None
    question: str
    status: Status
    answer: str
    claims: list[Claim] = Field(default_factory=list)
    citations: list[Citation] = Field(default_factory=list)
    trials: list[str] = Field(default_factory=list)
    findings: list[AnswerFinding] = Field(default_factory=list)
    removed: list[Removed] = Field(default_factory=list)
    heard: Heard | None = None
    timing: Timing | None = None

    def to_json(self) -> dict[str, Any]:
        """The object as it is written out: absent members of a citation are left out, lists always stand."""
        return self.model_dump(mode="json", exclude_none=True)


class Answers(Protocol):
    """What answers questions on a library: qa.engine.Engine by rules, qa.model.run.ModelEngine with a model."""

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the library's records."""

    def ask(self, question: str, *, trial: str | None = None, now: date | None = None) -> Answer:
        """The answer to a question. Raises UnknownDocument."""

    def ask_all(
        self, rows: Iterable[tuple[str, str | None]], *, now: date | None = None
    ) -> Iterator[Answer | TrialciteError]:
        """The answers to many questions, each with its trial or None, in order; errors in their places."""
