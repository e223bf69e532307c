"""The page reader: headings told from text that reads like one, nothing dropped, nothing glued to a neighbour."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.evidence import fold
from extract.readers import page
from extract.readers.page_layout import SectionSpec, layout
from tests.extract.pages import DAMAGE, HEAD, SECTIONS, Damage, filled, page_of, page_with, said, source_of


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_page_is_recognised_through_damage(damage: Damage) -> None:
    assert page.recognises(damage(page_with()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A letter about warm feet.",
        '{"protocolSection": {"identificationModule": {"nctId": "NCT99000101"}}}',
        "Study Design\nInterventions\nLocations\nSponsors\nConditions\nEligibility Criteria\n",
        "Recruitment Status: Recruiting\nStudy Start Date: 2024-05\nIntervention Model: Parallel\n",
    ],
)
def test_other_texts_are_no_pages(text: str) -> None:
    assert not page.recognises(text)


def test_three_labels_of_its_own_make_a_page() -> None:
    assert page.recognises("Clinical Phase\nNA\nSponsor Role lead\nBlinding Strategy: NONE\n")
    assert not page.recognises("Clinical Phase\nNA\nSponsor Role lead\n")


HEADINGS = {spec.name: spec.heading for spec in layout().sections}


def words(text: str, section: str) -> list[str]:
    """The lines of a section's passages."""
    source = source_of(text)
    found = [p for p in page.read(source).passages if p.section == section]
    return [line for p in found for line in source.span(*p.lines).split("\n") if line.strip()]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_passages_stand_in_order_and_hold_every_line_but_furniture(damage: Damage) -> None:
    source = source_of(damage(page_with()))
    passages = page.read(source).passages
    assert all(a.lines[1] < b.lines[0] for a, b in pairwise(passages))
    held = {number for p in passages for number in range(p.lines[0], p.lines[1] + 1)}
    dropped = {" ".join(line.split()) for n, line in enumerate(source.lines, 1) if n not in held} - {""}
    shape = layout()
    headings = {s.heading for s in shape.sections} | {s.helper for s in shape.sections}
    labels = {label for s in (shape.header, *shape.sections) for label in s.fields}
    navigation = {"Skip to main content", "Home > Trials", "Share this page", "© 2025 Nobody"}
    assert dropped <= headings | labels | navigation | {"Inclusion Criteria", "Exclusion Criteria"}


@pytest.mark.parametrize(
    ("section", "label", "expected"),
    [
        ("Trial", "Title", "Warm Baths for Cold Feet"),
        ("Basic Information", "Total Enrollment", "1,240 participants"),
        ("Study Groups", "Socks", "Socks"),
        ("Interventions", "Wool socks", "Wool socks"),
        ("Eligibility Criteria", "Exclusion Criteria", "1. Open wounds of the feet"),
        ("Eligibility Criteria", "Maximum Eligible Age", "70 Years"),
    ],
)
def test_a_label_narrows_a_passage(section: str, label: str, expected: str) -> None:
    source = source_of(page_with())
    passages = [p for p in page.read(source).passages if (p.section, p.label) == (section, label)]
    assert source.line(passages[0].lines[0]) == expected


UNKNOWN = {
    "with a helper sentence": "Data Sharing\n\nFind out which data of the participants are shared.\n\nNobody asked.",
    "with a title registries use": "Outcome Measures\n\nMinutes until sleep.",
}


@pytest.mark.parametrize("flat", [False, True], ids=["", "blank lines lost"])
@pytest.mark.parametrize("unknown", UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("below", layout().sections, ids=lambda spec: spec.heading)
def test_a_section_we_do_not_know_is_kept_and_touches_no_neighbour(
    below: SectionSpec, unknown: str, flat: bool
) -> None:
    damage = DAMAGE["blank lines lost"] if flat else str
    whole = page_with()
    heading = f"{below.heading}\n\n{below.helper}"
    text = whole.replace(heading, f"{unknown}\n\n{heading}")
    assert said(damage(text)) == said(damage(whole))
    title, *_, last = unknown.split("\n\n")
    assert words(damage(text), title) == [last]


@pytest.mark.parametrize(
    ("section", "added"),
    [
        ("arms", "\n\nContact the office\n\nfor a leaflet"),
        ("interventions", "\n\nA leaflet"),
        ("sponsors", "\n\nThe baker"),
        ("officials", "\n\nA second address"),
        ("sites", "\n\nBy the river"),
        ("identifiers", "\n\nNo number"),
        ("centralContacts", "\n\nBy pigeon"),
        ("design", "\n\nMade with care"),
        ("conditions", "\n\nAnd more"),
    ],
)
def test_lines_that_fit_nowhere_are_kept_as_they_stand(section: str, added: str) -> None:
    heading = HEADINGS[section]
    text = page_with(**{section: SECTIONS[heading] + added})
    assert said(text) == said(page_with())
    assert set(added.split("\n\n")) - {""} <= {*words(text, heading), *words(text, "Contact the office")} | {
        "Contact the office"
    }


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize(
    ("section", "heading"),
    [
        ("detailedDescription", "Conditions"),
        ("detailedDescription", "Interventions"),
        ("detailedDescription", "Eligibility Criteria"),
        ("briefSummary", "Sponsors"),
        ("briefSummary", "Other Identifiers"),
        ("eligibility", "Locations"),
        ("eligibility", "Study Design"),
        ("eligibility", "Central Contacts"),
    ],
)
def test_a_text_may_hold_lines_that_read_like_headings(section: str, heading: str, damage: Damage) -> None:
    place = HEADINGS[section]
    longer = SECTIONS[place].replace("\n\n", f"\n\n{heading}\n\n", 1)
    values, plain = said(damage(page_with(**{section: longer}))), said(damage(page_with()))
    name = "/eligibilityModule/eligibilityCriteria" if section == "eligibility" else f"/descriptionModule/{section}"
    pointer = f"/protocolSection{name}"
    assert values[pointer] == fold(longer.split("Minimum")[0])
    assert {**values, pointer: plain[pointer]} == plain


def test_a_title_stands_above_the_number_whatever_the_navigation_says() -> None:
    text = "Study Results\n\nMore trials\n\n" + page_of({}, head=HEAD)
    assert filled(text).study["protocolSection"]["identificationModule"]["briefTitle"] == "Warm Baths for Cold Feet"


LINES = page_with().split("\n")


@given(
    keep=st.lists(st.booleans(), min_size=len(LINES), max_size=len(LINES)),
    twice=st.integers(0, len(LINES) - 1),
    swap=st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1)),
)
def test_a_page_torn_to_pieces_is_read_without_a_false_quote(
    keep: list[bool], twice: int, swap: tuple[int, int]
) -> None:
    lines = list(LINES)
    a, b = swap
    lines[a], lines[b] = lines[b], lines[a]
    lines = [line for line, kept in zip(lines, keep, strict=True) if kept] + [lines[twice]] * 2
    draft = filled("\n".join(lines) + "\nx")
    assert "rejected" not in draft.outcomes.values()


TAILS = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\r\t\f\x85"), max_size=30)


@given(st.integers(0, len(page_with())), TAILS)
def test_a_page_cut_anywhere_with_anything_behind_is_read_without_a_false_quote(end: int, tail: str) -> None:
    draft = filled("x\n" + page_with()[:end] + tail)
    assert set(draft.outcomes.values()) <= {"extracted", "not_stated", "unreadable"}


MANY = 3000
HOSTILE = {
    "labels": page_with(basics="Recruitment Status\n" * MANY),
    "headings": HEAD + "\n\n" + "\n".join(list(SECTIONS) * (MANY // len(SECTIONS))),
    "one heading": HEAD + "\n\nConditions" * MANY,
    "unknown headings": HEAD + "\n\nSome Heading\n\nReview what somebody else has written about all this." * MANY,
    "arm types": page_with(arms="Arm\n\nGroup Type OTHER\n\n" * MANY),
    "arms without end": page_with(arms="An arm of the study\n\n" * MANY, interventions=None),
    "one name, many descriptions": page_with(
        arms="Pill\nIntervention Type DRUG\n" * MANY,
        interventions="\n".join("Pill\n" + "x\n" * (k % 60) + "Intervention Type DRUG" for k in range(MANY // 30)),
    ),
    "countries": page_with(sites="A, B, C\n" * MANY, countries="Land " * MANY),
    "roles": page_with(officials="Role: X\n" * MANY, centralContacts="Role: X\n" * MANY),
    "ends of criteria": page_with(eligibility="Eligible Sex\nALL\n" * MANY),
    "long lines": page_with(
        **dict.fromkeys(("briefSummary", "conditions", "arms", "sites", "officials"), "A, (1 " * MANY)
    ),
    "one long word": page_with(**dict.fromkeys(("conditions", "centralContacts", "eligibility"), "1" * MANY * 30)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_are_read_like_any_other(text: str) -> None:
    assert filled(text).study["protocolSection"]["identificationModule"]["nctId"] == "NCT99000101"
