"""The questions task: answers, abstentions and citations.

| measure                      | of what                                                                          |
|------------------------------|----------------------------------------------------------------------------------|
| correct                      | questions whose answer is accepted (below)                                       |
| citation hit                 | answerable questions of which a cited line supports the answer                   |
| citation precision, recall   | lines cited that support it; places that support it of which a line is cited     |
| abstention precision, recall | of the questions declined, those without an answer; and the other way round      |

An answer is accepted when each group of `must` has one of its wordings in it and no wording of `reject` is; a yes/no
question must begin with the right one; a question over many trials must name exactly the gold's; a question without an
answer must be declined. An answer on one trial of more than 1,500 characters is none: whoever quotes the whole record
has not answered. A question with no answer row, or a failed one, is unscored and counted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from evaluation.files import CitedLines, GoldLines, read_rows, unique, validated
from evaluation.ranks import abstention, calibration
from evaluation.report import ALL, Curve, Miss, System
from evaluation.scored import Scored, Tallies
from evaluation.sources import Sources, excerpt, shortened
from evaluation.usage import summed
from extract.evidence import fold

LONGEST = 1_500
UNANSWERABLE = "unanswerable"

Place = tuple[str, int]
"""A document and one of its lines."""

_DECLINED = re.compile(
    r"not (?:be )?(?:stated|state|say|specified|specif|given|reported|mentioned|listed|provided|described|found"
    r"|available|answered|disclosed|published)"
    r"|no (?:information|mention|results|answer)|does(?:n't| not) (?:say|state|specify|mention|give)"
    r"|results pending|cannot (?:find|answer)|can't (?:find|answer)"
)
"""Words by which programs without a status decline."""

_VERDICTS = (["yes"], ["no"])
_VERDICT = re.compile(r"\W*(yes|no)\b")
_TRIAL = re.compile(r"nct\d{8}")


class GoldQuestion(BaseModel):
    """A question with the wordings that are accepted and the lines that support them, by document where it is about
    several."""

    model_config = ConfigDict(extra="forbid")

    id: str
    trial: str | None
    question: str
    kind: str = Field(pattern=r"^[\w -]{1,40}$")
    answer: str = ""
    must: list[list[str]]
    reject: list[str]
    lines: list[GoldLines] | dict[str, list[GoldLines]]
    trials: list[str] = []

    def ranges(self) -> list[set[Place]]:
        """Every place that supports the answer, as its lines."""
        by_trial = self.lines if isinstance(self.lines, dict) else {self.trial or "": self.lines}
        return [{(t, n) for n in range(a, b + 1)} for t, all_ in by_trial.items() for a, b in all_]


class PredictedCitation(BaseModel):
    """Lines that an answer cites."""

    model_config = ConfigDict(extra="ignore")

    document: str
    lines: CitedLines
    path: str | None = None


class PredictedAnswer(BaseModel):
    """A row of `trialcite ask --batch`, or of another program; `confidence` from 0 to 1 where it says one."""

    model_config = ConfigDict(extra="ignore")

    id: str
    answer: str = ""
    status: str | None = None
    citations: list[PredictedCitation] = []
    trials: list[str] = []
    confidence: float | None = None
    timing: dict[str, float] | None = None
    heard: dict[str, Any] | None = None

    def lines(self) -> set[Place]:
        """Every line cited."""
        return {(c.document, n) for c in self.citations for n in range(c.lines[0], c.lines[1] + 1)}


def read_questions(path: Path) -> dict[str, GoldQuestion]:
    """Gold questions by id. Raises MalformedRecord naming the row."""
    return unique(((row[0], validated(GoldQuestion, row)) for row in read_rows(path)), lambda q: q.id)


def read_answers(path: Path) -> dict[str, PredictedAnswer]:
    """Answers by the question's id."""
    return unique(((row[0], validated(PredictedAnswer, row)) for row in read_rows(path)), lambda a: a.id)


def check(gold: Mapping[str, GoldQuestion], sources: Sources) -> None:
    """Hold gold lines against the records that are at hand. Raises GoldRefused naming the question."""
    for question in gold.values():
        for place in question.ranges():
            trial, last = max(place)
            sources.check_line(trial, last, of=f"question {question.id}")


def declined(answer: PredictedAnswer) -> bool:
    """Whether the question was left unanswered."""
    return answer.status == "not_stated" or (answer.status is None and bool(_DECLINED.search(_plain(answer.answer))))


def accepted(question: GoldQuestion, answer: PredictedAnswer) -> bool:
    """Whether the answer is right (see the module)."""
    text = _plain(answer.answer)
    if question.kind == UNANSWERABLE:
        return answer.status == "not_stated" or bool(_DECLINED.search(text))
    if answer.status == "not_stated" or (question.trial and len(text) + 2 > LONGEST):
        return False
    if question.trials:
        named = {t.casefold() for t in answer.trials} or set(_TRIAL.findall(text))
        return named == {t.casefold() for t in question.trials}
    must, reject = question.must, question.reject
    if question.kind == "patient" or (must and must[0] in _VERDICTS):
        wanted = must[0][0] if must and must[0] in _VERDICTS else None
        opening = _VERDICT.match(text)
        if wanted and (opening is None or opening[1] != wanted):
            return False
        must = [group for group in must if group not in _VERDICTS]
        reject = [r for r in reject if _plain(r) not in ("yes", "no", "no,")]
    spaced = f" {text} "
    return all(any(_plain(w) in spaced for w in group) for group in must) and not any(
        _plain(r) in spaced for r in reject
    )


def _plain(text: str) -> str:
    return fold(text).lower()


def score(
    gold: Mapping[str, GoldQuestion], predictions: Mapping[str, PredictedAnswer], *, name: str, sources: Sources
) -> Scored:
    """Score answers by kind of question."""
    scorer = _Scorer(name, sources)
    unscored = Counter[str]()
    for question in gold.values():
        answer = predictions.get(question.id)
        if answer is None or answer.status == "failed":
            unscored["no answer to the question" if answer is None else "the answer failed"] += 1
        else:
            scorer.score(question, answer)
    heard = next((a.heard for a in predictions.values() if a.heard), {})
    done = [predictions[q] for q in gold if q in predictions]
    spent = [((a.heard or {}).get("usage"), a.timing["total"] / 1000 if a.timing else None) for a in done]
    system = System(
        name=name,
        model=heard.get("model"),
        scored=scorer.tallies.items[ALL, "correct"],
        unscored=dict(unscored),
        **summed(spent),
    )
    return Scored(
        scorer.tallies,
        system,
        headline=(ALL, "correct"),
        confusion={row: dict(columns) for row, columns in sorted(scorer.confusion.items())},
        curves=scorer.curves(),
        misses=scorer.misses,
    )


class _Scorer:
    def __init__(self, name: str, sources: Sources) -> None:
        self.name, self.sources = name, sources
        self.tallies = Tallies()
        self.confusion: dict[str, Counter[str]] = defaultdict(Counter)
        self.misses: list[Miss] = []
        self.sure: list[tuple[float, bool]] = []

    def score(self, question: GoldQuestion, answer: PredictedAnswer) -> None:
        """Count one answer."""
        trial = question.trial or question.id
        right, silent = accepted(question, answer), declined(answer)
        hopeless = question.kind == UNANSWERABLE
        for group in (ALL, question.kind):
            self.tallies.add(group, "correct", trial, right)
            if not hopeless:
                self._citations(group, trial, question, answer)
        if silent:
            self.tallies.add(ALL, "abstention precision", trial, hopeless)
        if hopeless:
            self.tallies.add(ALL, "abstention recall", trial, right)
        column = "declined" if silent else "right" if right else "wrong"
        self.confusion[UNANSWERABLE if hopeless else "answerable"][column] += 1
        if answer.confidence is not None:
            self.sure.append((answer.confidence, right))
        if not right:
            self._miss(trial, question, answer, silent=silent)

    def _citations(self, group: str, trial: str, question: GoldQuestion, answer: PredictedAnswer) -> None:
        cited, ranges = answer.lines(), question.ranges()
        supporting = cited & set().union(*ranges)
        self.tallies.add(group, "citation hit", trial, bool(supporting))
        self.tallies.add(group, "citation precision", trial, len(supporting) / len(cited) if cited else 0)
        met = sum(bool(cited & r) for r in ranges)
        self.tallies.add(group, "citation recall", trial, met / len(ranges) if ranges else 0)

    def curves(self) -> list[Curve]:
        """How right the answers are by how sure they say to be; none where they do not say."""
        if not self.sure:
            return []
        return [
            Curve(kind="abstention", system=self.name, x="answered", y="right", points=abstention(self.sure)),
            Curve(kind="calibration", system=self.name, x="confidence", y="right", points=calibration(self.sure)),
        ]

    def _miss(self, trial: str, question: GoldQuestion, answer: PredictedAnswer, *, silent: bool) -> None:
        here = next((c for c in answer.citations if c.document == trial and c.path), None)
        source = self.sources.find(here.path if here and here.path else f"{trial}.txt")
        expected = [(min(r)[1], max(r)[1]) for r in question.ranges() if r] if question.trial else []
        cited = [c.lines for c in answer.citations if c.document == trial]
        hopeless = question.kind == UNANSWERABLE
        self.misses.append(
            Miss(
                system=self.name,
                trial=trial,
                group=question.kind,
                kind="spurious" if hopeless else "missing" if silent else "wrong",
                gold=f"{question.question} — {question.answer}",
                predicted=shortened(fold(answer.answer), 600),
                cited=cited[:8],
                expected=expected[:8],
                source=excerpt(source, [p for p in (expected or cited) if p[1] <= len(source)]) if source else [],
            )
        )
