"""The questions of questions.csv and how an answer to one is judged.

trial    the record asked about; empty for a question over all of them
kind     field, list, criterion, patient, narrative, unanswerable; which, count, compare over many
must     what the answer must hold: groups by ";", alternatives by "/"; a patient's opens with its verdict
         which: the trials that satisfy it · count: how many and which
at       words of lines, any of which the answer must cite
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from qa.answer import Answer

_TABLE = Path(__file__).parent / "questions.csv"


@dataclass(frozen=True)
class Question:
    """One row."""

    trial: str | None
    kind: str
    text: str
    must: tuple[tuple[str, ...], ...]
    at: tuple[str, ...]
    trials: frozenset[str]


def questions() -> list[Question]:
    """Every row of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return [_question(row) for row in csv.DictReader(file)]


def _question(row: dict[str, str]) -> Question:
    kind, must = row["kind"], row["must"]
    trials = frozenset(re.findall(r"NCT\d{8}", must)) if kind in ("which", "count") else frozenset[str]()
    groups = () if trials else tuple(tuple(g.split("/")) for g in must.split(";") if g)
    at = tuple(filter(None, row["at"].split(";")))
    return Question(row["trial"] or None, kind, row["question"], groups, at, trials)


def right(question: Question, answer: Answer) -> bool:
    """Whether the answer says what it must, and declines what no record tells."""
    if question.kind == "unanswerable":
        return answer.status == "not_stated" or "not stated" in answer.answer.lower()
    if answer.status == "not_stated":
        return False
    if question.trials:
        return question.trials == set(answer.trials)
    text = answer.answer.lower()
    groups = question.must
    if question.kind == "patient" and groups[0][0] in ("yes", "no"):
        if not text.startswith(groups[0]):
            return False
        groups = groups[1:]
    return all(any(word in text for word in group) for group in groups)


def cited(question: Question, answer: Answer) -> bool:
    """Whether a cited line is one of those that answer."""
    return not question.at or any(words in c.quote for c in answer.citations for words in question.at)
