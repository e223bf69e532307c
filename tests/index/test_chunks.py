"""Chunks: verbatim, in order, never over a section's or criterion's end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.extraction import Criterion
from extract.reading import Passage
from extract.source import Source
from index.chunks import MAX_CHARS, Chunk, chunks, line_spans
from tests.index.readings import ASTHMA, make

LONG = "Participants are seen every four weeks and asked about side effects. " * 30


def _source(text: str) -> Source:
    return Source(path="a.txt", format="text", sha256="", text=text)


def _cut(text: str, passages: list[Passage], criteria: list[Criterion] | None = None) -> list[tuple[str, str | None]]:
    source = _source(text)
    return [(c.text(source), c.label) for c in chunks(source, passages, criteria or [])]


def test_a_passage_is_a_chunk() -> None:
    reading, extraction = make(ASTHMA)
    cut = chunks(reading.source, reading.passages, extraction.criteria)
    assert [(c.lines, c.section, c.label) for c in cut] == [
        ((1, 1), "Title", None),
        ((3, 3), "Title", None),
        ((7, 7), "Brief Summary", None),
        ((11, 11), "Study Design", None),
        ((13, 13), "Study Design", None),
        ((17, 17), "Eligibility Criteria", "inclusion criterion"),
        ((18, 18), "Eligibility Criteria", "inclusion criterion"),
        ((19, 19), "Eligibility Criteria", "inclusion criterion"),
        ((20, 20), "Eligibility Criteria", "exclusion criterion"),
        ((21, 21), "Eligibility Criteria", "exclusion criterion"),
        ((25, 25), "Sponsors", None),
        ((29, 30), "Locations", None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   \n\t\n", []),
        ("  one\n", ["one"]),
        ("one\r\n\r\ntwo", ["one\r\n\r\ntwo"]),
        (LONG, [LONG[i : i + 690].strip() for i in range(0, len(LONG), 690)]),
        ("word " * 300, [("word " * 140).strip(), ("word " * 140).strip(), ("word " * 20).strip()]),
        ("x" * (MAX_CHARS + 5), ["x" * MAX_CHARS, "x" * 5]),
    ],
    ids=["empty", "white space", "stripped", "line ends kept", "sentences", "words", "no place to cut"],
)
def test_where_text_is_cut(text: str, expected: list[str]) -> None:
    source = _source(text)
    assert [c for c, _ in _cut(text, [Passage("Any", (1, len(source)))])] == expected


def test_lines_before_the_first_criterion_keep_the_passages_label() -> None:
    text = "All of these apply:\n- adults\nwho can walk\n- no pacemaker\nSites decide."
    criteria = [
        Criterion(id="inclusion-1", kind="inclusion", text="adults who can walk", lines=(2, 3)),
        Criterion(id="inclusion-2", kind="inclusion", text="no pacemaker", lines=(4, 4), group="Cohort B"),
    ]
    assert _cut(text, [Passage("Eligibility", (1, 5), "Key points")], criteria) == [
        ("All of these apply:", "Key points"),
        ("- adults\nwho can walk", "inclusion criterion"),
        ("- no pacemaker\nSites decide.", "inclusion criterion, Cohort B"),
    ]


def test_a_nested_criterion_names_what_it_is_nested_in() -> None:
    text = "1. Kidney disease, any of\na. dialysis\ni. at home"
    criteria = [
        Criterion(id="exclusion-1", kind="exclusion", text="Kidney disease, any of", lines=(1, 1)),
        Criterion(id="exclusion-1.1", kind="exclusion", text="dialysis", lines=(2, 2), parent="exclusion-1"),
        Criterion(id="exclusion-1.1.1", kind="exclusion", text="at home", lines=(3, 3), parent="exclusion-1.1"),
    ]
    assert [label for _, label in _cut(text, [Passage("Eligibility", (1, 3))], criteria)] == [
        "exclusion criterion",
        "exclusion criterion, Kidney disease, any of",
        "exclusion criterion, Kidney disease, any of, dialysis",
    ]


def test_criteria_nested_in_a_circle_end() -> None:
    criteria = [
        Criterion(id="a", kind="inclusion", text="one", lines=(1, 1), parent="b"),
        Criterion(id="b", kind="inclusion", text="two", lines=(2, 2), parent="a"),
    ]
    assert len(_cut("one\ntwo", [Passage("E", (1, 2))], criteria)) == 2


def test_lines_of_a_chunk() -> None:
    text = "ahead\n  Arm A\r\n\r\nplacebo  \rdaily\nafter"
    chunk = Chunk((2, 5), text.index("Arm"), text.index("\nafter"), "Arms")
    assert [(line, text[a:b]) for line, a, b in line_spans(chunk, text[chunk.start : chunk.end])] == [
        (2, "Arm A"),
        (4, "placebo"),
        (5, "daily"),
    ]
    source = _source(text)
    assert all(text[a:b] in source.line(line) for line, a, b in line_spans(chunk, text[chunk.start : chunk.end]))


_TEXT = st.text(st.sampled_from("ab. ;\t\n\r\xa0é≥1"), max_size=400) | st.text(max_size=200).map(lambda t: t * 9)


@given(_TEXT, st.data())
def test_chunks_hold_every_word_once_and_in_order(text: str, data: st.DataObject) -> None:
    source = _source(text)
    bounds = sorted(data.draw(st.sets(st.integers(1, len(source)), max_size=4)) | {1, len(source) + 1})
    passages = [Passage(f"s{a}", (a, b - 1)) for a, b in pairwise(bounds)]
    firsts = data.draw(st.sets(st.integers(1, len(source)), max_size=3))
    criteria = [Criterion(id=f"c{n}", kind="inclusion", text="x", lines=(n, n)) for n in firsts]
    cut = chunks(source, passages, criteria)
    assert "".join("".join(c.text(source).split()) for c in cut) == "".join(text.split())
    for c in cut:
        assert c.end - c.start <= MAX_CHARS or c.lines[0] != c.lines[1]
        assert c.text(source) in source.span(*c.lines)
        assert c.lines == source.lines_of(c.start, c.end)
        assert not any(c.lines[0] < n <= c.lines[1] for n in firsts)
        assert any(p.lines[0] <= c.lines[0] <= c.lines[1] <= p.lines[1] and p.section == c.section for p in passages)
        assert all(line in range(c.lines[0], c.lines[1] + 1) for line, _, _ in line_spans(c, c.text(source)))
