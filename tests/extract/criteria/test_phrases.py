"""Phrases found in text: what may differ and what may not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.phrases import NORMAL, Phrases, expand, simplify

TOKEN = re.compile(r"[a-z]+(?:'s)?|\d+|[^\s\-]")


def tree(*phrases: str, exact: tuple[str, ...] = ()) -> Phrases[str]:
    made: Phrases[str] = Phrases(TOKEN)
    for phrase in phrases:
        made.add(phrase, phrase)
    for phrase in exact:
        made.add(phrase, phrase, exact=True)
    return made


@given(st.text(max_size=60))
def test_simplifying_moves_no_character(text: str) -> None:
    assert len(simplify(text)) == len(text)


@pytest.mark.parametrize(
    ("fancy", "plain"),
    [
        ("SpO₂", "spo2"),
        ("kg/m²", "kg/m2"),
        ("Åsberg", "asberg"),
        ("５％", "5%"),
        ("µg", "μg"),
        ("a–b", "a-b"),
        ("İ", "i"),
    ],
)
def test_simplify(fancy: str, plain: str) -> None:
    assert simplify(fancy) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("platelets", "platelet"),
        ("haemoglobin", "hemoglobin"),
        ("oestradiol", "estradiol"),
        ("tumour", "tumor"),
        ("sulphate", "sulfate"),
        ("normalised", "normalized"),
        ("biopsies", "biopsy"),
        ("bishop's", "bishop"),
        ("hours", "hour"),
    ],
)
def test_one_word_in_two_spellings(one: str, other: str) -> None:
    assert NORMAL[one] == NORMAL[other]


@pytest.mark.parametrize(("one", "other"), [("four", "for"), ("virus", "viru"), ("class", "clas"), ("pelvis", "pelvi")])
def test_two_words_stay_two(one: str, other: str) -> None:
    assert NORMAL[one] != NORMAL[other]


@pytest.mark.parametrize(
    ("template", "readings"),
    [
        ("a b", ["a b"]),
        ("(total|) protein", ["total protein", "protein"]),
        ("(a|b) (c|d)", ["a c", "a d", "b c", "b d"]),
        ("25(OH)D", ["25(OH)D"]),
        ("(n|m)mol", ["nmol", "mmol"]),
    ],
)
def test_expand(template: str, readings: list[str]) -> None:
    assert list(expand(template)) == readings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("body mass index", (3, "body mass index")),
        ("Body-Mass  Index", (3, "body mass index")),
        ("BODY mass\nINDEX of 30", (3, "body mass index")),
        ("body mass", (2, "body mass")),
        ("body weight", None),
        ("mass", None),
        ("PT", (1, "PT")),
        ("pt", None),
    ],
)
def test_the_longest_phrase(text: str, expected: tuple[int, str] | None) -> None:
    phrases = tree("body mass", "body mass index", exact=("PT",))
    assert phrases.longest(text, phrases.tokens(text), 0) == expected


def test_a_phrase_has_one_value() -> None:
    phrases = tree("body mass")
    phrases.add("Body-Mass", "body mass")
    with pytest.raises(ValueError, match="already"):
        phrases.add("BODY mass", "another")
    with pytest.raises(ValueError, match="already"):
        phrases.add("", "nothing")


def test_exact_and_loose_at_one_place() -> None:
    phrases = tree("mm", exact=("mM",))
    assert [phrases.longest(t, phrases.tokens(t), 0) for t in ("mm", "MM", "mM")] == [(1, "mm"), (1, "mm"), (1, "mM")]
