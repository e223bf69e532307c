"""Conditions printed on one line, a space between: cut where the record itself says so, or the words do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.rules.conditions import Record, split_conditions
from tests.extract.pages import filled, page_with

NOTHING = Record("", "")


@pytest.mark.parametrize(
    "conditions",
    [
        ["Insomnia"],
        ["Cold Feet"],
        ["Chronic Kidney Disease", "Heart Failure"],
        ["Arthritis, Acute", "Arthritis, Septic"],
        ["Rheumatoid Arthritis", "Psoriatic Arthritis", "Ankylosing Spondylitis"],
        ["Stage III Skin Cancer", "Stage IV Skin Cancer"],
        ["Chronic Obstructive Pulmonary Disease (COPD)", "Asthma"],
        ["Cancer of the Head and Neck"],
        ["Cough Due to Cold (Common or Not)"],
        ["Restless Legs Syndrome", "Restless Legs Syndrome in Pregnancy"],
    ],
)
def test_the_words_alone_tell(conditions: list[str]) -> None:
    assert split_conditions(" ".join(conditions), NOTHING) == conditions


@pytest.mark.parametrize(
    ("conditions", "title", "text"),
    [
        (["Anxiety", "Fatigue"], "", "Patients report anxiety and fatigue."),
        (["Anxiety Fatigue"], "A Pilot Study of Anxiety Fatigue", "Anxiety fatigue is what comes of worry."),
        (
            ["Insomnia", "Type 2 Insomnia"],
            "A Walk a Day",
            "People with type 2 insomnia walk, and others with insomnia.",
        ),
        (["Winter Type 3 Foot Chill"], "Walks and Winter Type 3 Foot Chill", ""),
        (["Cold Feet", "Wet Socks"], "Wet Socks", "Everybody has cold feet. Nobody has wet socks."),
    ],
)
def test_the_record_tells(conditions: list[str], title: str, text: str) -> None:
    assert split_conditions(" ".join(conditions), Record(title, text)) == conditions


@pytest.mark.parametrize(
    "line", ["lower case words only", "Pain of the Foot", "Fever (Of Unknown Origin)", "Low, Middle, High"]
)
def test_no_cut_stands_inside_brackets_behind_a_comma_beside_a_joining_word_or_before_a_small_letter(line: str) -> None:
    assert split_conditions(line, NOTHING) == [line]


@given(
    st.lists(st.sampled_from(["Pain", "pain", "of", "(Foot", "Foot)", "II", "A,", "-", "HIV", "Type", "–"]), min_size=1)
)
def test_no_word_is_lost(words: list[str]) -> None:
    line = " ".join(words)
    assert " ".join(split_conditions(line, Record(line, f"{line}, {line} and {line}"))) == line


def test_a_line_too_long_for_a_list_is_unreadable() -> None:
    draft = filled(page_with(conditions="Pain " * 1001))
    assert draft.outcomes["/protocolSection/conditionsModule/conditions/*"] == "unreadable"
