"""The parts that answers are made of, each by its table of behaviour."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.source import source_from_bytes
from qa.answer import Citation, Claim
from qa.clauses import clauses
from qa.durations import spans
from qa.facets import facets
from qa.facts import person, spelled_out
from qa.figures import holds
from qa.geography import place_in
from qa.patterns import _compiled, words_of
from qa.phrasing import bank, topics
from qa.sentences import sentences
from qa.verification import verified
from qa.wording import dated, listed, plain, relative, years
from qa.words import items, stem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One dose, e.g. 5.5 mg i.v. daily. Then none.", ["One dose, e.g. 5.5 mg i.v. daily.", "Then none."]),
        ("First line.\n\nSecond paragraph", ["First line.", "Second paragraph"]),
        ("It ends here.Then it goes on there", ["It ends here.", "Then it goes on there"]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@given(st.text(max_size=400))
def test_sentences_hold_all_that_is_no_white_space(text: str) -> None:
    kept = "".join(text[a:b] for a, b in sentences(text))
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "days", "ago"),
    [
        ("two months ago", 60.88, True),
        ("for 3 weeks", 21, False),
        ("a year back", 365.25, True),
        ("last week", 7, True),
    ],
)
def test_lengths_of_time(text: str, days: float, ago: bool) -> None:
    found = spans(text)[0]
    assert (round(found.days, 2), found.ago) == (days, ago)


def test_an_age_is_no_length_of_time() -> None:
    assert spans("a 6 year old boy") == []


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("a 58-year-old woman with gout", 58, "female"),
        ("he is 9 and has asthma", 9, "male"),
        ("am I too old at 81?", 81, None),
        ("grandad's 72, one prolapsed disc", 72, "male"),
        ("44F, one-sided radiculopathy", 44, "female"),
        ("68M, prior stroke", 68, "male"),
        ("my niece is expecting and only 17, may she be in it", 17, "female"),
        ("is 85 above the upper age they accept?", 85, None),
        ("would being 17 keep someone out?", 17, None),
        ("is 17 too young", 17, None),
        ("she was 17 when it was begun", 17, "female"),
        ("would a bloke with gout be taken?", None, "male"),
        ("BMI is 31 kg/m2", None, None),
        ("creatinine is 12", None, None),
        ("A1c came back at 11.5", None, None),
        ("30 m above the sea", None, None),
    ],
)
def test_ages_and_sexes(text: str, age: float | None, sex: str | None) -> None:
    who = person(text)
    assert (who.age, who.sex) == (age, sex)


@pytest.mark.parametrize(
    ("text", "variable", "value"),
    [
        ("her HbA1c was 9.4", "hba1c", 9.4),
        ("BMI exactly 20", "bmi", 20),
        ("LVEF 45 %", "lvef", 45),
        ("man, 95 kg", "weight", 95),
    ],
)
def test_measured_values(text: str, variable: str, value: float) -> None:
    assert [(m.variable, m.value) for m in person(text).measured] == [(variable, value)]


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("creat came back 2.7 mg/dl", "creatinine came back 2.7 mg/dl"),
        ("54 yo man w/ colon ca", "54 year old man with colon cancer"),
        ("h/o chemo, mets", "history of chemotherapy, metastases"),
        ("CR after 3 cycles, a PT-206 patient", "CR after 3 cycles, a PT-206 patient"),
    ],
)
def test_shorthand_is_spelled_out(short: str, full: str) -> None:
    assert spelled_out(short) == full


def test_a_number_joined_to_a_name_is_no_value() -> None:
    assert person("already in PT-206").measured == ()
    assert [m.value for m in person("ECOG-1").measured] == [1]


@pytest.mark.parametrize(
    ("question", "name", "there", "not_there"),
    [
        ("How many sites are in Germany?", "Germany", "Charité, Berlin, Germany", "Graz, Austria"),
        ("any site in the US?", "the US", "Boston, Massachusetts, United States", "Leeds, United Kingdom"),
        ("Is there a site in Europe?", "Europe", "Porto, Portugal", "Boston, United States"),
        ("anywhere in texas thats open?", "texas", "Dallas, Texas", "Boston"),
        ("any sites in texas?", "texas", "Houston, Texas, United States", "Boston, United States"),
        ("any site in mexico?", "mexico", "Guadalajara, Jalisco, Mexico", "Albuquerque, New Mexico, United States"),
        ("any site in new mexico?", "new mexico", "Albuquerque, New Mexico, United States", "Guadalajara, Mexico"),
        ("any quebec sites", "quebec", "Montréal, Québec, Canada", "Toronto, Ontario, Canada"),
        ("hospitals in naples doing it", "naples", "Ospedale, Napoli, Italy", "Roma, Italy"),
        ("any centre outside Italy?", "Italy", "Graz, Austria", "Roma, Italy"),
        ("i live in washington state, anywhere near me?", "washington", "Spokane, Washington", "Boston"),
    ],
)
def test_places_that_questions_name(question: str, name: str, there: str, not_there: str) -> None:
    place = place_in(question)
    assert place is not None
    assert place.name == name
    assert place.holds(there.split(", "))
    assert not place.holds(not_there.split(", "))


@pytest.mark.parametrize(
    "question",
    ["Which hospitals take part?", "name the three clinics and their cities", "which city in the country", "let us in"],
)
def test_no_place_is_named(question: str) -> None:
    assert place_in(question) is None


def test_pressures_are_two_values() -> None:
    assert [(m.variable, m.value) for m in person("BP 172/90").measured] == [("sbp", 172), ("dbp", 90)]


def test_a_number_that_is_part_of_a_name_or_a_time_counts_nothing() -> None:
    assert person("diagnosed 7 months ago with type 1 diabetes, phase 2").counted == ()


def test_what_is_denied_is_marked() -> None:
    things = {t.item.text: t.denied for t in person("asthma, no stroke").things}
    assert things == {"asthma": False, "stroke": True}


def test_clauses_of_a_criterion() -> None:
    text = "Other cancers, except basal cell carcinoma; stable asthma is allowed"
    assert [c.role for c in clauses(text)] == ["main", "exception", "permission"]


@pytest.mark.parametrize(
    ("want", "text", "expected"),
    [
        ("dose", "10 mg/kg into a vein", True),
        ("dose", "the AS-S603 tablet", False),
        ("duration", "for 26 weeks", True),
        ("duration", "subjects 21 years of age", False),
        ("frequency", "every 3 weeks", True),
        ("percent", "less than 2% of it", True),
        ("days", "on day 15", True),
        ("size", "a needle of 0.3 mm", True),
        ("size", "a patch of tissue", False),
        ("person", "given by a trained nurse", True),
        ("person", "given at the clinic", False),
    ],
)
def test_figures(want: str, text: str, expected: bool) -> None:
    assert holds(want, text) is expected  # type: ignore[arg-type]  # the parameter is a Literal


def test_patterns_find_words_in_order() -> None:
    question = words_of("Has it opened to patients yet?")
    assert question.find("opened to|for patient*") == (2, 5)
    assert question.find("closed") is None


def test_a_pattern_is_found_wherever_its_expression_matches() -> None:
    # What a pattern cannot do without is looked for first: that must never hide a match.
    patterns = [says for facet in facets().values() for says in facet.says]
    patterns += [cue for topic in topics().values() for cue in topic.cues]
    questions = [words_of(text) for text in [*bank().texts[::8], *patterns, "", "…", "a|b c? d*"]]
    found = 0
    for pattern in patterns[::3]:
        for question in questions:
            match = _compiled(pattern).search(question.plain)
            assert (question.find(pattern) is None) is (match is None), (pattern, question.text)
            found += match is not None
    assert found > len(patterns) / 3


def test_items_are_expressions_before_words() -> None:
    concepts = [item.concepts for item in items("a heart attack")]
    assert concepts == [frozenset({"myocardial infarction"})]


@pytest.mark.parametrize(("a", "b"), [("randomised", "randomized"), ("haemoglobin", "hemoglobin"), ("three", "3")])
def test_spellings_share_a_stem(a: str, b: str) -> None:
    assert stem(a) == stem(b)


def test_wording() -> None:
    assert dated("2029-12-12") == "12 December 2029 (2029-12-12)"
    assert dated("2026-06") == "June 2026 (2026-06)"
    assert dated("soon") == "soon"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert plain("HbA1c \\>9%") == "HbA1c >9%"
    assert years("6 Months") == 0.5
    assert relative("2027-06-01", date(2026, 6, 1)) == "in about 12 months"


def test_a_claim_that_is_not_proved_is_removed() -> None:
    source = source_from_bytes(b"one line\nanother line\n", path="a.txt", format="plain-text")

    def claim(quote: str, sha256: str = source.sha256, document: str = "A") -> Claim:
        citation = Citation(document=document, path="a.txt", lines=(1, 1), quote=quote, sha256=sha256)
        return Claim(text=quote, citations=[citation])

    claims = [
        claim("one line"),
        claim("a lie"),
        claim("one line", "0" * 64),
        claim("one line", document="B"),
        Claim(text="x"),
    ]
    kept, removed = verified(claims, {"A": source})
    assert [c.text for c in kept] == ["one line"]
    assert len(removed) == 4
    assert all(r.reason for r in removed)
