"""The parser on text nobody wrote: anything goes in, what comes out stands where it says, time stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extract.criteria import parse
from extract.criteria.lexer import lex, number
from extract.criteria.split import split
from extract.criteria.words import words_of
from extract.source import Source

WORDS = """
    ≥ < at least or more 18 7.5 1,500 % mg/dL years age HbA1c ECOG III - to and or ( ) , ; within past before if except
    not males women ULN the between \\ / x
"""
PIECES = st.sampled_from(["at least", "or more", *WORDS.split()])
SENTENCES = st.lists(PIECES, max_size=30).map(" ".join)


@given(st.one_of(st.text(max_size=200), SENTENCES))
@example("≥ 1 (")
@example("between 1 and")
@example("\\")
def test_whatever_comes_out_stands_in_the_text(text: str) -> None:
    for c in parse(text):
        start, end = c.chars
        assert 0 <= start < end <= len(text)
        assert c.quote
        assert c.lower or c.upper or c.values
        if c.lower and c.upper:
            assert c.lower.value <= c.upper.value
        assert c.kind in ("window", "duration", "count") or c.label or c.variable


@given(SENTENCES)
def test_tokens_stand_in_order_and_never_overlap(text: str) -> None:
    tokens = lex(text)
    assert len(tokens.starts) == len(tokens.ends) == tokens.count
    for k in range(tokens.count):
        assert tokens.starts[k] < tokens.ends[k]
        assert k == 0 or tokens.ends[k - 1] <= tokens.starts[k]


@given(st.floats(0, 1e6).map(lambda v: round(v, 2)), st.sampled_from(["", "≥ ", "HbA1c "]))
def test_a_number_is_read_as_it_is_written(value: float, before: str) -> None:
    assert number(f"{value}") == value
    found = parse(f"{before}HbA1c ≥ {value} %")
    assert [c.lower.value for c in found if c.lower] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,500", 1500), ("1 500", 1500), ("12,345,678", 12345678), ("7,5", 7.5), ("0,500", 0.5), ("1.500", 1.5)],
)
def test_separators(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "unit",
    [
        "≥ 18 ",
        "(",
        "ECOG 0-",
        "18-",
        "within 3 ",
        "and ",
        "BMI 20 or ",
        "\\[",
        "< ",
        "a/",
        "if except not ",
        "NYHA ",
        "18 or older, ",
        "1 ",
        "x",
        "HbA1c \\> 7 % ",
        "ALT three times higher than ",
    ],
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        words_of.cache_clear()
        began = time.process_time()
        parse(text)
        return time.process_time() - began

    seconds(1000)
    small = min(seconds(20_000) for _ in range(3))
    assert seconds(160_000) < 8 * 4 * small + 0.05


def test_a_line_of_a_megabyte_is_split_and_parsed_in_linear_time() -> None:
    unit = "adults with HbA1c ≥ 7.5 % and ECOG 0-1 without surgery within the past 3 months before dosing, or \\> 5; "

    def work(size: int) -> tuple[float, int]:
        text = "Inclusion Criteria:\n* " + unit * (size // len(unit))
        source = Source(path="t.txt", format="text", sha256="0" * 64, text=text)
        began = time.process_time()
        found = [parse(criterion.text) for criterion in split(source, (1, len(source)))]
        return time.process_time() - began, sum(map(len, found))

    small, few = work(125_000)
    large, many = work(1_000_000)
    assert abs(many / few - 8) < 0.1
    assert large < 8 * 4 * small + 0.05
