"""What ranking is made of: terms, names of the same thing, places, hints, and their sum."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.reading import Passage
from extract.source import Source
from index.chunks import Chunk, chunks
from index.hints import asked, hints, shipped
from index.hints_fitting import examples
from index.hit import Unit
from index.minilm import MiniLM
from index.places import place_of, places
from index.pool import Pool, rows_of
from index.query import Concept, _named, abbreviations_in, concepts
from index.ranking import WEIGHTS, Weights, best, match, scores
from index.terms import fold, terms, terms_of_all


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("haematoma", "hematoma"),
        ("Tumours", "tumor"),
        ("randomised", "randomized"),
        ("oesophageal", "esophageal"),
        ("dialysed", "dialyzed"),
        ("centre", "center"),
        ("programme", "program"),
        ("labelled", "labeled"),
        ("sulphate", "sulfate"),
        ("stage III", "stage 3"),
        ("NYHA class III or IV", "NYHA class 3 or 4"),
        ("Phase I/II", "phase 1/2"),
        ("two episodes", "2 episodes"),
        ("1,000 cells", "1000 cells"),
        ("7.0 mmol/L", "7 mmol/L"),
        ("Sjögren", "Sjogren"),
        ("injected", "injections"),
    ],
)
def test_written_in_two_ways_is_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@given(st.lists(st.text(st.sampled_from("stage iv type 3 or,10.0tumours\n\0"), max_size=30)))
def test_many_texts_at_once_have_the_terms_they_have_alone(texts: list[str]) -> None:
    assert terms_of_all(texts) == [terms(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HbA1c ≥7.5%", ["hba1c", "7.5"]),
        ("given IV or by mouth", ["given", "iv", "mouth"]),
        ("vitamin i", ["vitamin", "i"]),
        ("grades 1,2", ["grade", "1", "2"]),
        ("1.50 mg", ["1.50", "mg"]),
        ("10.0.1", ["10.0.1"]),
        ("four days", ["4", "day"]),
        ("the of and", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text())
def test_folding_twice_changes_nothing_more_that_matters(text: str) -> None:
    assert terms(text) == terms(text.upper().lower()) or not text.isascii()
    assert isinstance(fold(text), str)


def test_names_of_the_same_thing_are_in_one_row_each() -> None:
    rows = {same for found in _named().values() for _, same in found}
    counted = Counter(run for same in rows for run in same)
    assert [run for run, n in counted.items() if n > 1] == []
    assert all(len(same) > 1 for same in rows)


def test_a_query_is_widened_by_other_names() -> None:
    found = concepts("heart attack within six months")
    assert found[0].runs[0] == ("heart", "attack")
    assert set(found[0].runs) == {("heart", "attack"), ("myocardi", "infarct"), ("mi",)}
    assert found[1:] == [Concept((("within",),)), Concept((("6",),)), Concept((("month",),))]
    assert concepts("") == []
    assert len(concepts("pain pain pain")) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean grip strength (MGS) at home", {"MGS": "mean grip strength"}),
        ("the Freedonian Fatigue Index (FFI) and others", {"FFI": "Freedonian Fatigue Index"}),
        ("severe illness (see below)", {}),
        ("weight (kg)", {}),
        ("Independent Review Committee (IRC-1) decides", {}),
        ("(ABC) at the start", {}),
    ],
)
def test_a_record_abbreviates(text: str, expected: dict[str, str]) -> None:
    assert abbreviations_in([text]) == expected


@given(st.lists(st.text(st.sampled_from("abAB ()-12."), max_size=60), max_size=5))
def test_any_text_may_look_like_abbreviations(texts: list[str]) -> None:
    for short, long in abbreviations_in(texts).items():
        assert long.lower().startswith(short[0].lower())
        assert any(long in " ".join(t.split()) for t in texts)


@pytest.mark.parametrize(
    ("section", "label", "text", "place"),
    [
        ("Study Design", "Blinding Strategy", "DOUBLE", "masking"),
        ("Eligibility Criteria", "inclusion criterion, Cohort B", "Age 18 or more", "inclusion"),
        ("Eligibility Criteria", "Minimum Eligible Age", "18 Years", "age"),
        ("Study Design", None, "Phase: Phase 2", "phase"),
        ("Study Groups", "Placebo", "Matching tablets", "arms"),
        ("Adverse Events 1:", None, "Nausea 3/40", "harms"),
        ("LOCATION", None, "Port Elgin", "locations"),
        ("Data Sharing", None, "On request", None),
        ("Chapter 7", "Anything", "No such: place", None),
    ],
)
def test_where_a_text_stands(section: str, label: str | None, text: str, place: str | None) -> None:
    assert place_of(section, label, text) == place


def test_the_tables_of_places_and_phrasings_agree() -> None:
    ids = [p.id for p in places()]
    assert set(asked().phrasings) == set(ids)
    assert len(set(ids)) == len(ids)
    names = [name for p in places() for name in p.names]
    assert all(place_of(name, None, "") == p.id for p in places() for name in p.names)
    assert names == [name.lower() for name in names]
    phrasings = [phrasing for some in asked().phrasings.values() for phrasing in some]
    assert len(set(phrasings)) == len(phrasings)
    texts, labels = examples()
    assert len(texts) == len(labels) > 1_500
    assert not any("{" in text for text in texts)


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("is it placebo-masked?", "masking"),
        ("who funds the glucalin project", "sponsor"),
        ("which side effects were seen", "harms"),
        ("when will the project finish", "completion"),
    ],
)
def test_hints_by_words_alone(question: str, place: str) -> None:
    expected = hints(question, None, None)
    assert max(expected, key=lambda p: expected[p]) == place
    assert sum(expected.values()) == pytest.approx(1)


def test_hints_know_nothing_of_a_query_without_known_words() -> None:
    assert len(set(hints("zxqv", None, None).values())) == 1


def test_the_shipped_weights_belong_to_one_embedder() -> None:
    weights = shipped(MiniLM.fingerprint)
    assert weights is not None
    assert weights.shape == (MiniLM.dimension + 1, len(places()))
    assert shipped("another") is None


def _pool(text: str, section: str = "Text", label: str | None = None) -> Pool:
    source = Source(path="", format="", sha256="", text=text)
    cut = chunks(source, [Passage(section, (n, n), label) for n in range(1, len(source) + 1)], [])
    return Pool(rows_of([(1, i, c) for i, c in enumerate(cut)], {1: text}), None)


def test_words_count_by_rarity_and_are_a_share() -> None:
    pool = _pool("the dose of glucalin\nthe dose of insulin\nthe dose of both\nsomething else")
    values = pool.lexical(concepts("glucalin dose"))
    assert 1 >= values[0] > values[1] == values[2] > values[3] == 0


def test_another_name_counts_like_the_word_itself() -> None:
    values = _pool("no heart attack before\nno infection before\nno MI before").lexical(
        concepts("myocardial infarction")
    )
    assert values[0] > 0.3 < values[2]
    assert values[1] == 0


def test_neighbours_are_the_lines_beside_within_a_section() -> None:
    pool = _pool("a\nb\nc\n\nd")
    assert pool.around(np.array([1.0, 0.0, 0.0, 8.0])).tolist() == pytest.approx([0, 1 / 2, 1 / 3, 8])


def test_criteria_have_no_neighbours() -> None:
    pool = _pool("a\nb\nc", "Eligibility Criteria", "inclusion criterion")
    assert pool.around(np.array([3.0, 0.0, 0.0])).tolist() == [3, 0, 0]


def test_the_place_decides_between_equal_matches() -> None:
    source = Source(path="", format="", sha256="", text="DOUBLE\nDOUBLE")
    cut = [Chunk((1, 1), 0, 6, "A", None, "phase"), Chunk((2, 2), 7, 13, "B", None, "masking")]
    pool = Pool(rows_of([(1, i, c) for i, c in enumerate(cut)], {1: source.text}), None)
    asked_for = hints("is it blinded", None, None)
    values = scores(match(concepts("is it blinded"), None, pool), asked_for, pool)
    assert values[1] > values[0]
    plain = scores(np.zeros(2), asked_for, pool, Weights(place=0, group=0))
    assert plain[0] == plain[1]


@pytest.mark.parametrize(("unit", "lines"), [("chunk", [(1, 3), (5, 5)]), ("line", [(3, 3), (1, 1), (5, 5)])])
def test_best_takes_each_place_and_text_once(unit: Unit, lines: list[tuple[int, int]]) -> None:
    source = Source(path="", format="", sha256="", text="same\nsame\nother\n\nlast")
    cut = chunks(source, [Passage("A", (1, 3)), Passage("B", (5, 5))], [])
    pool = Pool(rows_of([(1, i, c) for i, c in enumerate(cut)], {1: source.text}), None)
    values = np.array([5.0, 3.0, 2.5, 4.0, 1.0])
    assert [r.span.lines for r, _ in best(pool, values, unit=unit, k=9)] == lines
    assert len(best(pool, values, unit=unit, k=1)) == 1
    assert WEIGHTS.words > 0
