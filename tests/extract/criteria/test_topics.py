"""Topics of criteria: a closed vocabulary, several allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.topics import topics, vocabulary
from extract.criteria.words import words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aged 18 or older", ["age"]),
        ("Pregnant women", ["sex", "pregnancy_and_contraception"]),
        ("Signed informed consent", ["consent"]),
        ("Histologically confirmed stage III melanoma", ["diagnosis", "disease_stage"]),
        ("Haemoglobin below 9 g/dL", ["laboratory"]),
        ("ECOG performance status 0-1", ["performance_status"]),
        ("Known hypersensitivity to the excipients", ["allergy"]),
        ("Alcohol abuse", ["substance_use"]),
        ("Any condition that in the opinion of the investigator is unsafe", ["investigator_judgement"]),
        ("Enrolled in another clinical trial", ["trial_participation"]),
        ("Chronic hepatitis B infection", ["infection"]),
        ("Life expectancy of at least 6 months", ["life_expectancy"]),
        ("HIV\\-positive, or with hepatitis &amp; sepsis", ["infection"]),
        ("Blue eyes", []),
    ],
)
def test_topics(text: str, expected: list[str]) -> None:
    assert topics(text) == expected


@pytest.mark.parametrize("topic", vocabulary())
def test_every_phrase_of_the_vocabulary_is_found(topic: str) -> None:
    phrases = vocabulary()[topic]
    assert len(phrases) == len({tuple(words_of(p).words) for p in phrases}), "a phrase stands twice"
    for phrase in phrases:
        assert topic in topics(phrase.upper())
        assert topic in topics(f"whoever is {phrase}, or so")


@given(st.text(max_size=120))
def test_topics_come_from_the_vocabulary_in_its_order(text: str) -> None:
    found = topics(text)
    assert found == [topic for topic in vocabulary() if topic in found]
