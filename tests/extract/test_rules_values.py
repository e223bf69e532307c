"""Words into values, and values with their lines into a study."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.rules.draft import Draft
from extract.rules.fields import Field, field_at, fields
from extract.rules.values import Value, codes_of, value_of
from extract.vocabulary import vocabulary_of
from tests.extract.pages import source_of


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("nctId", "NCT99000101", "NCT99000101"),
        ("nctId", "NCT9900010", None),
        ("enrollment", "18 participants", 18),
        ("enrollment", "1,240 participants (planned)", 1240),
        ("enrollment", "0 participants", 0),
        ("enrollment", "about 20", None),
        ("enrollment", "20-30 participants", None),
        ("startDate", "2021-09", "2021-09"),
        ("startDate", "2024-02-29", "2024-02-29"),
        ("startDate", "2023-02-29", None),
        ("startDate", "September 14, 2021", "2021-09-14"),
        ("startDate", "14 Sept. 2021", "2021-09-14"),
        ("startDate", "September 2021", "2021-09"),
        ("startDate", "03/04/2021", None),
        ("startDate", "Smarch 2021", None),
        ("minimumAge", "18 Years", "18 Years"),
        ("minimumAge", "6 months", "6 Months"),
        ("minimumAge", "1 year old", "1 Year"),
        ("minimumAge", "adult", None),
        ("healthyVolunteers", "No", False),
        ("healthyVolunteers", "Yes", True),
        ("healthyVolunteers", "Maybe", None),
        ("hasResults", "Results pending", False),
        ("hasResults", "Results available", True),
        ("overallStatus", "Active, not recruiting", "ACTIVE_NOT_RECRUITING"),
        ("overallStatus", "Recruiting soon", None),
        ("briefTitle", "Any words", "Any words"),
    ],
)
def test_words_become_the_value_of_a_field(name: str, words: str, value: Value | None) -> None:
    assert value_of(fields()[name], words) == value


@pytest.mark.parametrize(
    ("name", "words", "codes"),
    [
        ("phases", "PHASE1/PHASE2", [("PHASE1", "PHASE1"), ("PHASE2", "PHASE2")]),
        ("phases", "NA", [("NA", "NA")]),
        ("phases", "Phase 2/3", [("PHASE2", "Phase 2"), ("PHASE3", "3")]),
        ("phases", "Phase I and IIb", [("PHASE1", "Phase I"), ("PHASE2", "IIb")]),
        ("phases", "Phase 2 of the moon", []),
        ("whoMasked", "Participants Caregivers", [("PARTICIPANT", "Participants"), ("CARE_PROVIDER", "Caregivers")]),
        ("whoMasked", "Outcome Assessors", [("OUTCOMES_ASSESSOR", "Outcome Assessors")]),
        ("whoMasked", "", []),
    ],
)
def test_a_list_of_codes_is_read_whole_or_not_at_all(name: str, words: str, codes: list[tuple[str, str]]) -> None:
    assert list(codes_of(fields()[name], words)) == codes


@pytest.mark.parametrize("field", fields().values(), ids=fields())
def test_every_row_of_the_table_is_a_pointer_of_known_kind(field: Field) -> None:
    assert field.pointer.startswith("/")
    assert field_at(field.pointer) == field
    assert (field.kind == "code") == (vocabulary_of(field.pointer) is not None)
    assert field.kind in {"text", "code", "count", "date", "age", "flag", "nct"}


TITLE = "/protocolSection/identificationModule/briefTitle"
CONDITIONS = "/protocolSection/conditionsModule/conditions"


def test_a_value_stands_with_its_evidence() -> None:
    draft = Draft(source_of("Warm\n\u00a0Baths\n\nfor  feet"))
    assert draft.put(TITLE, "Warm Baths", (1, 2), "Warm Baths")
    assert draft.put(draft.next_item(CONDITIONS), "feet", (4, 4), "for feet")
    assert draft.study == {
        "protocolSection": {
            "identificationModule": {"briefTitle": "Warm Baths"},
            "conditionsModule": {"conditions": ["feet"]},
        }
    }
    assert [(e.lines, e.quote) for e in draft.evidence[f"{CONDITIONS}/0"]] == [((4, 4), "for feet")]
    assert draft.outcomes[TITLE] == draft.outcomes[f"{CONDITIONS}/*"] == "extracted"


@pytest.mark.parametrize("lines", [(1, 1), (2, 3), (0, 1), (3, 2), (9, 9), (-1, 1)])
def test_a_quote_that_is_not_at_its_lines_is_turned_away(lines: tuple[int, int]) -> None:
    draft = Draft(source_of("Warm\nBaths\nCold"))
    assert not draft.put(TITLE, "Warm Baths", lines, "Warm Baths")
    assert not draft.put(TITLE, "", (1, 1), "")
    assert (draft.study, draft.evidence, draft.outcomes[TITLE]) == ({}, {}, "rejected")


def test_a_better_value_takes_the_place_of_a_rejected_or_earlier_one() -> None:
    draft = Draft(source_of("Warm\nBaths"))
    draft.put(TITLE, "x", (1, 1), "x")
    draft.unreadable(TITLE)
    assert draft.put(TITLE, "Warm", (1, 1), "Warm")
    assert draft.put(TITLE, "Baths", (2, 2), "Baths")
    assert draft.study["protocolSection"]["identificationModule"] == {"briefTitle": "Baths"}
    assert [e.lines for e in draft.evidence[TITLE]] == [(2, 2)]
    assert draft.outcomes[TITLE] == "extracted"


def test_list_items_come_in_order() -> None:
    draft = Draft(source_of("Warm"))
    with pytest.raises(IndexError):
        draft.put(f"{CONDITIONS}/1", "Warm", (1, 1), "Warm")


@given(st.lists(st.text("aB \u00a0\t-é≥"), min_size=1, max_size=5), st.data())
def test_every_piece_of_the_source_stands_at_its_lines(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines) + "\nend"
    source = source_of(text)
    first = data.draw(st.integers(1, len(source)))
    last = data.draw(st.integers(first, len(source)))
    said = " ".join(source.span(first, last).split())
    cut = data.draw(st.integers(0, len(said)))
    draft = Draft(source)
    assert draft.put(TITLE, "x", (first, last), said[cut:]) == bool(said[cut:].strip())
