"""Any other text: passages by what most texts share, values by labels and by what is certain."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.evidence import stands_at
from extract.readers import plain, readings_of_text
from extract.reading import Reading
from extract.rules.fields import fields
from extract.rules.plain import _labels, fill
from extract.source import Source


def source(text: str) -> Source:
    return Source(path="t.txt", format="plain-text", sha256="", text=text)


def values(text: str) -> dict[str, object]:
    """Every value by the last two steps of its pointer."""
    draft = fill(plain.read(source(text)))
    found: dict[str, object] = {}
    for pointer in draft.evidence:
        node: Any = draft.study
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        found["/".join(pointer.split("/")[3:])] = node
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phase: II", {"phases/0": "PHASE2"}),
        ("Study phase: Phase 1/2", {"phases/0": "PHASE1", "phases/1": "PHASE2"}),
        ("Phase: I/II", {"phases/0": "PHASE1", "phases/1": "PHASE2"}),
        ("We report a phase 3 trial. This phase 3 trial was small.", {"phases/0": "PHASE3"}),
        ("After the phase 2 trial came a phase 3 trial.", {}),
        ("Number of participants: 1,200", {"enrollmentInfo/count": 1200}),
        ("Number of participants: about a hundred", {}),
        ("Gender: Both", {"sex": "ALL"}),
        ("Sex: Female", {"sex": "FEMALE"}),
        ("Sponsor: North Fjord Hospital", {"leadSponsor/name": "North Fjord Hospital"}),
        ("Sponsor: North Fjord\n  Hospital Trust", {"leadSponsor/name": "North Fjord Hospital Trust"}),
        ("Conditions: asthma; hay fever", {"conditions/0": "asthma", "conditions/1": "hay fever"}),
        ("Start date: 3 May 2024", {"startDateStruct/date": "2024-05-03"}),
        ("Start date: 03/05/2024", {}),
        ("Minimum age: 18 years\nMaximum age: 65 years", {"minimumAge": "18 Years", "maximumAge": "65 Years"}),
        ("Masking: Double-blind", {"designInfo/maskingInfo/masking": "DOUBLE"}),
        ("Registered as NCT99000041.", {"nctId": "NCT99000041"}),
        ("See NCT99000041 and NCT99000042.", {}),
        ("NCT number: NCT99000041\nSee also NCT99000042.", {"nctId": "NCT99000041"}),
        ("Our sponsor was generous. The sex of patients varied.", {}),
    ],
)
def test_values(text: str, expected: dict[str, object]) -> None:
    assert values(text) == expected


AGES = {"minimumAge": "18 Years", "maximumAge": "65 Years"}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("- Adults aged 18 to 65 years\n- Asthma", AGES),
        ("- Adults aged 18 to 65 years\n- Children aged 6 to 11 years in part B", {}),
        ("- Women aged 18 to 65 years if postmenopausal", {}),
        ("- Older than 18 years", {}),
    ],
)
def test_ages_come_from_one_plain_criterion(criteria: str, expected: dict[str, str]) -> None:
    found = values(f"A study\n\nInclusion criteria\n{criteria}\n\nExclusion criteria\n- Aged over 90 years\n")
    assert {k: v for k, v in found.items() if k.endswith("Age")} == expected


def test_the_eligibility_text_is_what_stands_under_its_headings() -> None:
    text = "Methods\n\nWe did things.\n\nInclusion criteria:\n- Asthma\nExclusion criteria:\n- Smoking\n\nRisks\n\nFew."
    assert values(text)["eligibilityCriteria"] == "Inclusion criteria:\n- Asthma\nExclusion criteria:\n- Smoking"


def test_passages_know_their_section_and_label() -> None:
    text = "Title: A study\n\n2. Methods\n\nFirst line\ngoes on.\n\n- one\n  and more\n- two\n"
    found = [(p.section, p.label, p.lines) for p in plain.read(source(text)).passages]
    assert found == [
        ("Text", "Title", (1, 1)),
        ("2. Methods", None, (5, 6)),
        ("2. Methods", None, (8, 9)),
        ("2. Methods", None, (10, 10)),
    ]


@pytest.mark.parametrize(("label", "name"), sorted(_labels().items()))
def test_every_label_names_a_field_and_is_read(label: str, name: str) -> None:
    assert name in fields()
    assert plain.labelled(f"{label.capitalize()}: x") == (label.capitalize(), "x")


LINES = st.lists(
    st.sampled_from(
        [
            "", "  ", "Inclusion criteria", "Exclusion criteria:", "- Age 18 to 65 years", "1. BMI > 30", "Phase: 2",
            "Sponsor: X", "Sponsor:", ":", "Methods", "A sentence that goes on and on, and", "NCT99000001",
            "\u00a0x", "a) y",
        ]
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip


@given(LINES)
def test_any_text_is_read_and_every_quote_stands(lines: list[str]) -> None:
    text = source("\n".join(lines))
    reading = plain.read(text)
    taken = [n for p in reading.passages for n in range(p.lines[0], p.lines[1] + 1)]
    assert len(taken) == len(set(taken))
    for evidences in fill(reading).evidence.values():
        for e in evidences:
            assert stands_at(e.quote, e.lines, text)


@pytest.mark.parametrize("length", [(1 << 16) - 1, 1 << 16, (1 << 16) + 1, 1 << 18])
def test_a_text_of_any_length_is_read_whole(length: int) -> None:
    (reading,) = readings_of_text("a" * length)
    assert isinstance(reading, Reading)
    assert len(reading.source.text) == length
