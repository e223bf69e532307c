"""Follow-ups lean on the question before."""

from __future__ import annotations

import pytest

from qa.conversation import Conversation
from qa.engine import Engine
from trialcite.errors import UnknownDocument

pytestmark = pytest.mark.weights


def test_the_trial_of_an_answer_is_the_one_spoken_of(engine: Engine) -> None:
    chat = Conversation(engine)
    chat.ask("who sponsors NCT99000021?")
    assert chat.trial == "NCT99000021"
    assert "Phase 3" in chat.ask("what phase is it?").answer


def test_the_other_one_is_the_trial_before(engine: Engine) -> None:
    chat = Conversation(engine, trial="NCT99000021")
    chat.about("NCT99000022")
    assert "88" in chat.ask("how many participants are there?").answer
    assert "420" in chat.ask("and the other one?").answer


def test_a_question_of_its_own_is_asked_as_it_is(engine: Engine) -> None:
    chat = Conversation(engine, trial="NCT99000024")
    chat.ask("who is the sponsor?")
    assert "310" in chat.ask("and how many patients do they want?").answer


@pytest.mark.parametrize(
    ("before", "then", "asked"),
    [
        ("what is the BMI range?", "and for HbA1c?", "what is the HbA1c range?"),
        ("what is the BMI range?", "and the upper limit?", "upper limit - what is the BMI range?"),
        ("is it blinded?", "who exactly?", "who exactly - is it blinded?"),
        ("is it blinded?", "and why was it done?", "why was it done?"),
        ("which arms are there?", "how many?", "how many - which arms are there?"),
        ("what phase is it?", "and what about NCT99000022?", "what phase is it?"),
        ("what phase is it?", "who pays for it?", "who pays for it?"),
        ("what phase is it?", "differ from NCT99000022?", "differ from NCT99000022? NCT99000021"),
    ],
)
def test_a_follow_up_is_completed_by_the_question_before(engine: Engine, before: str, then: str, asked: str) -> None:
    chat = Conversation(engine, trial="NCT99000021")
    chat.ask(before)
    chat.ask(then)
    assert chat.history[-1][0] == asked


def test_a_trial_that_is_named_is_the_one_spoken_of(engine: Engine) -> None:
    chat = Conversation(engine, trial="NCT99000021")
    chat.ask("what phase is it?")
    assert chat.ask("and NCT99000022?").trials == ["NCT99000022"]
    assert chat.ask("what about the other one?").trials == ["NCT99000021"]


def test_an_unknown_trial_is_an_error(engine: Engine) -> None:
    with pytest.raises(UnknownDocument):
        Conversation(engine, trial="NCT00000000").ask("what phase is it?")
