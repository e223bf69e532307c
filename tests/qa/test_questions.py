"""The regression suite: questions of every kind on invented trials.

Single rows may be wrong, and no rule is written for one; what is held is how many of each kind are right.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from index.library import Library
from qa.answer import Answer
from qa.engine import Engine
from qa.verification import fault
from tests.qa.questions import Question, cited, questions, right

pytestmark = pytest.mark.weights

_LEAST = {
    "field": 0.93,
    "list": 0.85,
    "criterion": 0.88,
    "patient": 0.92,
    "narrative": 0.80,
    "unanswerable": 0.80,
    "which": 0.92,
    "count": 0.75,
    "compare": 0.75,
}


@pytest.fixture(scope="module")
def answers(engine: Engine) -> list[tuple[Question, Answer]]:
    return [(q, engine.ask(q.text, trial=q.trial, now=date(2026, 6, 1))) for q in questions()]


def test_there_are_enough_questions() -> None:
    assert len(questions()) >= 150


@pytest.mark.parametrize("kind", sorted(_LEAST))
def test_share_of_right_answers(kind: str, answers: list[tuple[Question, Answer]]) -> None:
    own = [(q, a) for q, a in answers if q.kind == kind]
    wrong = [(q.text, a.answer) for q, a in own if not right(q, a)]
    assert 1 - len(wrong) / len(own) >= _LEAST[kind], wrong


def test_answers_cite_the_lines_that_tell(answers: list[tuple[Question, Answer]]) -> None:
    own = [(q, a) for q, a in answers if q.at]
    missed = [(q.text, [c.lines for c in a.citations]) for q, a in own if not cited(q, a)]
    assert len(missed) <= 0.06 * len(own), missed


def test_few_answerable_questions_are_declined(answers: list[tuple[Question, Answer]]) -> None:
    declined = [q.text for q, a in answers if q.kind != "unanswerable" and a.status == "not_stated"]
    assert len(declined) <= 0.04 * len(answers), declined


def test_every_claim_is_proved_at_its_lines(answers: list[tuple[Question, Answer]], library: Library) -> None:
    sources = {d.id: library.get(d.id).source for d in library.documents()}
    faults = [(a.question, f) for _, a in answers for c in a.claims if (f := fault(c, sources))]
    removed = Counter(r.reason for _, a in answers for r in a.removed)
    assert not faults
    assert not removed


def test_answers_about_one_trial_are_short(answers: list[tuple[Question, Answer]]) -> None:
    assert all(len(a.answer) <= 1500 for q, a in answers if q.trial)
