"""Quotes stand at their lines, and pointers are RFC 6901."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.evidence import fold, pointer, stands_at, steps
from extract.source import Source

SOURCE = Source(path="t", format="plain-text", sha256="", text="Minimum\u00a0Eligible  Age\n\n18 Years\nMaximum Age\n")


@pytest.mark.parametrize(
    ("quote", "lines", "stands"),
    [
        ("18 Years", (3, 3), True),
        ("18 Years", (1, 4), True),
        ("18 Years", (4, 4), False),
        ("18  years", (3, 3), False),
        ("Minimum Eligible Age", (1, 1), True),
        ("Age 18 Years", (1, 3), True),
        ("Age 18", (1, 1), False),
        ("8 Year", (3, 3), True),
        ("", (3, 3), False),
        (" \n", (1, 4), False),
        ("18 Years", (3, 9), False),
        ("18 Years", (0, 3), False),
        ("18 Years", (4, 3), False),
    ],
)
def test_a_quote_stands_at_its_lines(quote: str, lines: tuple[int, int], stands: bool) -> None:
    assert stands_at(quote, lines, SOURCE) is stands


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_pointers_escape_what_they_must() -> None:
    assert pointer("a/b", 0, "m~n") == "/a~1b/0/m~0n"


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(0, 99)), max_size=5))
def test_steps_undo_pointer(parts: list[str | int]) -> None:
    assert steps(pointer(*parts)) == [str(p) for p in parts]
