"""Memo: each value is made once, and memory is bounded."""

from __future__ import annotations

import pytest

from extract.memo import Memo


def test_a_value_is_made_once() -> None:
    asked: list[str] = []

    def upper(word: str) -> str:
        asked.append(word)
        return word.upper()

    memo = Memo(upper, 8)
    assert [memo["a"], memo["b"], memo["a"]] == ["A", "B", "A"]
    assert asked == ["a", "b"]


def test_when_it_is_full_it_begins_anew() -> None:
    memo = Memo(str, 3)
    assert [memo[n] for n in range(10)] == [str(n) for n in range(10)]
    assert len(memo) <= 3


def test_what_is_still_asked_for_is_taken_over() -> None:
    asked: list[int] = []

    def text(n: int) -> str:
        asked.append(n)
        return str(n)

    memo = Memo(text, 3)
    for n in range(1, 40):
        assert (memo[0], memo[n]) == ("0", str(n))
    assert asked == list(range(40))


def test_what_failed_is_not_remembered() -> None:
    memo = Memo(int, 8)
    with pytest.raises(ValueError, match="invalid literal"):
        memo["x"]
    assert not memo


def test_a_long_text_is_not_remembered() -> None:
    memo = Memo(len, 8)
    assert [memo["x"], memo["x" * 5000]] == [1, 5000]
    assert list(memo) == ["x"]
