"""Eligibility text → criteria, one behaviour a row. All texts are invented."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.criteria.split import split
from extract.evidence import fold, stands_at
from extract.extraction import Criterion
from extract.source import Source, source_from_bytes


def criteria(text: str) -> list[Criterion]:
    source = Source(path="t.txt", format="text", sha256="0" * 64, text=text)
    return split(source, (1, len(source)))


def short(text: str) -> list[str]:
    """Each criterion as "inclusion-1@2-3 its words"."""
    return [f"{c.id}@{c.lines[0]}-{c.lines[1]} {c.text}" for c in criteria(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Inclusion Criteria:\n\n1. Adults\n2. Asthma\n\nExclusion Criteria:\n\n1. Smokers",
            ["inclusion-1@3-3 Adults", "inclusion-2@4-4 Asthma", "exclusion-1@8-8 Smokers"],
            id="numbered",
        ),
        pytest.param(
            "INCLUSION:\n- Adults\n• Asthma\nEXCLUSION:\n* Smokers",
            ["inclusion-1@2-2 Adults", "inclusion-2@3-3 Asthma", "exclusion-1@5-5 Smokers"],
            id="bullets of every kind, short headings",
        ),
        pytest.param(
            "Inclusion Criteria\n\n1\\. Adults\n\n2\\. Asthma\n\nExclusion Criteria\n\n\\- Smokers",
            ["inclusion-1@3-3 Adults", "inclusion-2@5-5 Asthma", "exclusion-1@9-9 Smokers"],
            id="escaped markers",
        ),
        pytest.param(
            "Inclusion Criteria:\n(1) Adults\n(2) Asthma\n1、Oxygen",
            ["inclusion-1@2-2 Adults", "inclusion-2@3-3 Asthma", "inclusion-3@4-4 Oxygen"],
            id="brackets, East Asian enumeration comma",
        ),
        pytest.param(
            "Inclusion Criteria:\n1-Age over 18\n2-Able to walk\nExclusion Criteria:\n6-month history of falls\nDizzy",
            [
                "inclusion-1@2-2 Age over 18",
                "inclusion-2@3-3 Able to walk",
                "exclusion-1@5-5 6-month history of falls",
                "exclusion-2@6-6 Dizzy",
            ],
            id="a number and a dash are a marker in company only",
        ),
        pytest.param(
            "Exclusion Criteria:\nE. coli infection\nC. difficile infection",
            ["exclusion-1@2-2 E. coli infection", "exclusion-2@3-3 C. difficile infection"],
            id="names that look lettered",
        ),
        pytest.param(
            "Exclusion Criteria:\nA. Fever\nB. Cough",
            ["exclusion-1@2-2 Fever", "exclusion-2@3-3 Cough"],
            id="lettered with capitals",
        ),
        pytest.param(
            "Exclusion Criteria:\n1. 1 Type diabetes\n2. 2.5 mg daily or more",
            ["exclusion-1@2-2 1 Type diabetes", "exclusion-2@3-3 2.5 mg daily or more"],
            id="a number after the marker stays",
        ),
        pytest.param(
            "Inclusion Criteria:\n\n1. One of:\n\n   * fever\n   * cough\n2. Adults",
            [
                "inclusion-1@3-3 One of:",
                "inclusion-1.1@5-5 fever",
                "inclusion-1.2@6-6 cough",
                "inclusion-2@7-7 Adults",
            ],
            id="nested by indentation",
        ),
        pytest.param(
            "Inclusion Criteria:\n1. One of:\na) fever\nb) cough\ni. dry\nii. wet\n2. Adults",
            [
                "inclusion-1@2-2 One of:",
                "inclusion-1.1@3-3 fever",
                "inclusion-1.2@4-4 cough",
                "inclusion-1.3@5-5 dry",
                "inclusion-1.4@6-6 wet",
                "inclusion-2@7-7 Adults",
            ],
            id="nested without indentation; an unannounced third level joins the second",
        ),
        pytest.param(
            "Inclusion Criteria:\n2. Kidney:\n2.1 Creatinine normal\n2.2 No dialysis\n3. Adults",
            [
                "inclusion-1@2-2 Kidney:",
                "inclusion-1.1@3-3 Creatinine normal",
                "inclusion-1.2@4-4 No dialysis",
                "inclusion-2@5-5 Adults",
            ],
            id="dotted numbers",
        ),
        pytest.param(
            "Inclusion Criteria:\n1. Asthma that was confirmed by a\nphysician within the year\n  2. Adults",
            [
                "inclusion-1@2-3 Asthma that was confirmed by a physician within the year",
                "inclusion-2@4-4 Adults",
            ],
            id="wrapped line; a stray indent nests nothing when the count goes on",
        ),
        pytest.param(
            "Inclusion Criteria:\n\n1. Asthma.\n\n   Note: by any test.\n2. Adults\n\nNote: of any sex.",
            ["inclusion-1@3-5 Asthma. Note: by any test.", "inclusion-2@6-8 Adults Note: of any sex."],
            id="notes belong to what they follow",
        ),
        pytest.param(
            "Inclusion Criteria:\n\nAdults with asthma.\n\nAble to consent.\n\nOR\n\nWith a guardian.",
            [
                "inclusion-1@3-3 Adults with asthma.",
                "inclusion-2@5-7 Able to consent. OR",
                "inclusion-3@9-9 With a guardian.",
            ],
            id="paragraphs; a lone connective is no criterion",
        ),
        pytest.param(
            "Inclusion Criteria\nAdults with asthma\nAble to consent\nExclusion Criteria\nSmokers",
            [
                "inclusion-1@2-2 Adults with asthma",
                "inclusion-2@3-3 Able to consent",
                "exclusion-1@5-5 Smokers",
            ],
            id="unmarked lines without blank lines",
        ),
        pytest.param(
            "Inclusion Criteria: adults with asthma\nExclusion Criteria: 1. Smokers 2. Divers",
            ["inclusion-1@1-1 adults with asthma", "exclusion-1@2-2 Smokers", "exclusion-2@2-2 Divers"],
            id="all on the heading's line, counting on inside it",
        ),
        pytest.param(
            "* Adults\n* In a stable job Exclusion Criteria:\n* Smokers. Exclusion Criteria",
            ["inclusion-1@1-1 Adults", "inclusion-2@2-2 In a stable job", "exclusion-1@3-3 Smokers."],
            id="headings at the end of a line",
        ),
        pytest.param(
            "Inclusion Criteria:\n* Adults\n* Does not meet the exclusion criteria\n* Other inclusion criteria apply.",
            [
                "inclusion-1@2-2 Adults",
                "inclusion-2@3-3 Does not meet the exclusion criteria",
                "inclusion-3@4-4 Other inclusion criteria apply.",
            ],
            id="mentions are no headings",
        ),
        pytest.param(
            "To be eligible a person must meet the following:\n\n1. Adult\n\nPeople are excluded if they:\n\n1. Smoke",
            ["inclusion-1@3-3 Adult", "exclusion-1@7-7 Smoke"],
            id="sentences for headings",
        ),
        pytest.param(
            "* Adults\n* Smokers are excluded",
            ["inclusion-1@1-1 Adults", "exclusion-1@2-2 Smokers are excluded"],
            id="no heading at all: inclusion, unless the words exclude",
        ),
        pytest.param("Exclusion Criteria:\n\n* Smokers", ["exclusion-1@3-3 Smokers"], id="only exclusion"),
        pytest.param(
            "Critères d'inclusion :\n- Adultes\nCritères de non inclusion :\n- Fumeurs\n排除标准：\n1、吸烟",
            ["inclusion-1@2-2 Adultes", "exclusion-1@4-4 Fumeurs", "exclusion-2@6-6 吸烟"],
            id="headings of other languages",
        ),
        pytest.param("\n \n\t\n", [], id="nothing"),
        pytest.param("Inclusion Criteria:\n\n\\-\n\n<!-- -->", [], id="furniture only"),
    ],
)
def test_layouts(text: str, expected: list[str]) -> None:
    assert short(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Key Inclusion Criteria:\n* Adults", [None]),
        ("Inclusion criteria for cohort B\n* Adults", ["cohort B"]),
        ("Exclusion Criteria (Part 2)\n* Smokers", ["Part 2"]),
        ("Partner Inclusion Criteria:\n* Adults", ["Partner"]),
        ("Exclusion Criteria for all groups:\n* Smokers", ["all groups"]),
        ("Inclusion Criteria (all of the following):\n* Adults", [None]),
        ("Inclusion Criteria:\n\nFor patients:\n\n* Adults\n\nFor caregivers:\n\n* Kin", ["patients", "caregivers"]),
        (
            "COHORT 1\n\nInclusion Criteria:\n\n* Adults\n\nCOHORT 2\n\nInclusion Criteria:\n\n* Kin",
            ["COHORT 1", "COHORT 2"],
        ),
        ("Inclusion Criteria:\n\n* Adults\n\nHealthy volunteers\n\n* Kin\n\nExclusion Criteria:\n\n* Smokers", None),
    ],
)
def test_groups(text: str, expected: list[str | None] | None) -> None:
    groups = [c.group for c in criteria(text)]
    assert groups == (expected if expected is not None else [None, "Healthy volunteers", None])


def test_a_list_goes_on_after_a_paragraph() -> None:
    found = criteria("Inclusion Criteria:\n\n1. One\n2. Two\n\nA paragraph between.\n\n3. Three")
    assert [(c.id, c.parent) for c in found] == [(f"inclusion-{n}", None) for n in (1, 2, 3, 4)]


def test_parents_are_named() -> None:
    found = criteria("Exclusion Criteria:\n\n* A:\n\n  * b:\n\n    * c\n* D")
    assert [(c.id, c.parent) for c in found] == [
        ("exclusion-1", None),
        ("exclusion-1.1", "exclusion-1"),
        ("exclusion-1.1.1", "exclusion-1.1"),
        ("exclusion-2", None),
    ]


def test_only_the_given_lines_are_read() -> None:
    source = Source(path="t", format="text", sha256="0", text="Title\nInclusion Criteria\n1. Adults\n18 Years")
    assert [c.text for c in split(source, (2, 3))] == ["Adults"]


# None of them is a word of headings.toml: a line of such words alone may name a group.
WORDS = ["asthma", "walks", "reads", "sober", "fasting", "able", "calm", "upright", "rested"]
WORD = st.sampled_from(WORDS)
SENTENCE = st.lists(WORD, min_size=2, max_size=7).map(" ".join)
MARKS = st.sampled_from(["{n}. ", "{n}) ", "({n}) ", "* ", "- ", "• ", "{n}\\. ", "\\- "])
HEADS = st.sampled_from(
    [
        ("Inclusion Criteria:", "Exclusion Criteria:"),
        ("INCLUSION", "EXCLUSION"),
        ("Key inclusion criteria", "Key exclusion criteria"),
    ]
)


@given(
    MARKS,
    HEADS,
    st.lists(SENTENCE, min_size=1, max_size=9),
    st.lists(SENTENCE, max_size=9),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_planted_lists_come_back(
    mark: str, heads: tuple[str, str], wanted: list[str], unwanted: list[str], spaced: bool, end: str
) -> None:
    between = end * (2 if spaced else 1)
    items = (
        [mark.format(n=n) + s for n, s in enumerate(wanted, 1)],
        [mark.format(n=n) + s for n, s in enumerate(unwanted, 1)],
    )
    text = between.join([heads[0], *items[0], heads[1], *items[1]])
    found = criteria(text)
    assert [c.text for c in found if c.kind == "inclusion"] == wanted
    assert [c.text for c in found if c.kind == "exclusion"] == unwanted


LINES = st.lists(
    st.one_of(
        st.builds(lambda i, m, s: " " * i + m.format(n=1) + s, st.integers(0, 9), MARKS, SENTENCE),
        st.sampled_from(["", "  ", "Inclusion Criteria:", "Exclusion Criteria", "For patients:", "OR", "<!-- -->"]),
        st.text(max_size=40).map(lambda s: " ".join(s.split())),
        SENTENCE,
    ),
    max_size=25,
)


@given(LINES)
def test_every_criterion_stands_at_its_lines_in_order_and_ids_are_unique(lines: list[str]) -> None:
    source = Source(path="t", format="text", sha256="0", text="\n".join(lines) or " ")
    found = split(source, (1, len(source)))
    ids = [c.id for c in found]
    assert len(ids) == len(set(ids))
    assert all(c.parent is None or c.parent in ids for c in found)
    for before, after in pairwise(found):
        assert before.lines[1] <= after.lines[0]
    for c in found:
        words = c.text.split()
        assert stands_at(words[0], c.lines, source)
        assert stands_at(words[-1], c.lines, source)


@given(LINES)
def test_no_words_are_lost_or_told_twice(lines: list[str]) -> None:
    planted = [w for line in lines for w in line.split() if w in WORDS]
    told = [w for c in criteria("\n".join(lines) or " ") for w in c.text.split() if w in planted]
    assert told == planted


@pytest.mark.parametrize(
    "unit", ["(", "1. ", "* ", "Inclusion ", "exclusion criteria ", "a) ", " ", "1.1.", "[", "• x "]
)
def test_time_is_linear_in_a_line(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        criteria(text)
        return time.process_time() - began

    seconds(1000)
    small = min(seconds(50_000) for _ in range(3))
    assert min(seconds(400_000) for _ in range(2)) < 8 * 6 * small + 0.05


@pytest.mark.corpus
def test_the_seed_records_are_exact(corpus: Path) -> None:
    for seed, gold, lines in [
        ("000_0b4233f900717f05.txt", "NCT06727721.json", (145, 177)),
        ("001_9503b3c8ecd39277.txt", "NCT06196996.json", (105, 129)),
    ]:
        source = source_from_bytes((corpus / "seeds" / seed).read_bytes(), path=seed, format="page-text")
        wanted = json.loads((corpus / "gold" / "extraction" / gold).read_text("utf-8"))["criteria"]
        found = split(source, lines)
        for kind in ("inclusion", "exclusion"):
            assert [c.text for c in found if c.kind == kind] == [fold(t) for t in wanted[kind]]
        assert all(stands_at(c.text, c.lines, source) and c.lines[0] == c.lines[1] for c in found)
