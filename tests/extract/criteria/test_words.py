"""The words of a criterion: which they are, and where they stand in the text as it was given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.phrases import NORMAL
from extract.criteria.words import _WORD, Words, words_of

PIECES = ("or", "and", "1", "1,2", "500", "7.5", "mg", "non-", "x's", *"<>=≥≤/,.;()& \t\u00a0\\")
TIGHT = st.lists(st.sampled_from(PIECES)).map(lambda pieces: " ".join(pieces).replace("  ", ""))
TEXTS = TIGHT | st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pregnant women", ["pregnant", "women"]),
        ("non-smokers, or ex_smokers", ["non", "smoker", ",", "or", "ex", "smoker"]),
        ("Crohn's disease", ["crohn", "disease"]),
        ("1 500 or 1,500 cells/mm3", ["1 500", "or", "1,500", "cell", "/", "mm", "3"]),
        ("> / = 2", ["> / =", "2"]),
        ("age \\>= 18", ["age", ">=", "18"]),
        ("ALT &gt; 3&nbsp;x ULN", ["alt", ">", "3", "x", "uln"]),
        ("  ", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert Words(text).words == words


@given(TEXTS)
def test_words_are_those_that_the_pattern_finds_in_the_whole_text(text: str) -> None:
    found = Words(text)
    whole = [(m.start(1), m.end(1)) for m in _WORD.finditer(found.simple)]
    assert list(zip(*found.places(), strict=True)) == whole


@given(TEXTS)
def test_each_word_is_what_stands_at_its_place(text: str) -> None:
    found = Words(text)
    starts, ends = found.places()
    assert [NORMAL[found.simple[a:b]] for a, b in zip(starts, ends, strict=True)] == found.words
    assert all(a < b for a, b in zip(starts, ends, strict=True))


@given(TEXTS)
def test_a_place_is_that_of_its_character_in_the_text_as_given(text: str) -> None:
    found = Words(text)
    for place, char in enumerate(found.text):
        stood = text[found.original(place) :]
        assert stood[:1] == char or stood[:1] == "&"


def test_the_last_words_are_remembered() -> None:
    text = "adults with asthma"
    assert words_of(text) is words_of(text)
