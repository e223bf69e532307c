"""Tokens and the budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.usage import Ledger, Usage, estimate_tokens
from trialcite.errors import TokenBudgetSpent


@given(st.text(), st.text())
def test_an_estimate_grows_with_the_text(a: str, b: str) -> None:
    assert estimate_tokens(a) <= estimate_tokens(a, b) <= estimate_tokens(a) + estimate_tokens(b)
    assert (estimate_tokens(a) == 0) is (a == "")


def test_usage_adds_up() -> None:
    assert Usage(1, 10, 5) + Usage(1, 20, 7, 27) == Usage(2, 30, 12, 27)
    assert Usage(2, 30, 12, 27).total == 42
    assert Usage(1, 2, 3, 4).to_json() == {
        "calls": 1,
        "prompt_tokens": 2,
        "completion_tokens": 3,
        "estimated_tokens": 4,
    }


@given(st.integers(0, 100), st.lists(st.integers(0, 40)))
def test_a_budget_is_never_exceeded(budget: int, wanted: list[int]) -> None:
    ledger = Ledger(budget)
    for tokens in wanted:
        try:
            with ledger.reserve(tokens):
                ledger.count(Usage(1, tokens, 0), replayed=False)
        except TokenBudgetSpent:
            assert ledger.sent.total + tokens > budget
    assert ledger.sent.total <= budget


def test_calls_side_by_side_do_not_count_on_the_same_remainder() -> None:
    ledger = Ledger(100)
    with ledger.reserve(60), pytest.raises(TokenBudgetSpent), ledger.reserve(60):
        pass
    with ledger.reserve(100):  # released again
        pass


def test_replays_are_counted_apart_and_cost_no_budget() -> None:
    ledger = Ledger(10)
    ledger.count(Usage(1, 50, 50), replayed=True)
    assert (ledger.sent.total, ledger.replayed.total) == (0, 100)
    with ledger.reserve(10):
        pass
