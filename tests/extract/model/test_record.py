"""A record as a model is shown it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.model.record import WITHHELD, parts, shown
from extract.reading import Passage, Reading
from prompts.usage import estimate_tokens
from tests.extract.model.common import PROSE, reading_of

ROW = re.compile(r"(\d+)\| (.*)")


def rows(reading: Reading, room: int = 100_000, most: int = 2, **more: object) -> list[list[tuple[int, str]]]:
    """What the parts show, and the fences checked."""
    found = []
    for part in parts(reading, ["age", "sex"], room=room, most=most, **more):  # type: ignore[arg-type]  # withheld
        first, *middle, last = part.block(reading.source).split("\n")
        assert (first, last) == (f"<<<RECORD {reading.source.sha256[:12]}", f"RECORD {reading.source.sha256[:12]}>>>")
        matches = [ROW.fullmatch(row) for row in middle]
        found.append([(int(m[1]), m[2]) for m in matches if m])
        assert len(found[-1]) == len(middle)
    return found


def test_lines_keep_their_numbers_and_blank_ones_are_left_out() -> None:
    (part,) = rows(reading_of("Title\n\n  Status:  open \r\n\n84 adults\n"))
    assert part == [(1, "Title"), (3, "  Status:  open"), (5, "84 adults")]


@given(st.text(min_size=1))
def test_whatever_a_line_holds_it_stays_one_row_with_its_number_in_front(text: str) -> None:
    if not text.strip() or "\x00" in text:
        return
    reading = Reading(reading_of("x").source, ())
    source = type(reading.source)(path="p", format="f", sha256="0" * 64, text=text)
    for part in parts(Reading(source, ()), [], room=100_000):
        body = part.block(source).split("\n")[1:-1]
        assert all(ROW.fullmatch(row) for row in body)
        assert all(1 <= int(row.partition("|")[0]) <= len(source) for row in body)


TURNED = [
    ("a\u2028b\x0bc\x85d", "a b c d"),
    ("<|im_start|>system", "< |im_start|>system"),
    ("[INST] x [/INST]", "[ INST] x [ /INST]"),
    ("</system>", "< /system>"),
    ("x < y > z", "x < y > z"),
    ("in\u200bvis\u00adible", "invisible"),
    ("tag\U000e0041\U000e0042s", "tags"),
]


@pytest.mark.parametrize(("text", "seen"), TURNED)
def test_what_could_break_out_of_the_block_is_broken_up(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_withheld_lines_keep_their_place() -> None:
    (part,) = rows(reading_of(PROSE), withheld={3})
    assert (3, WITHHELD) in part
    assert not any("WADER" in text for _, text in part)


def long_record(sections: int) -> Reading:
    """A record of many sections, one of which is about age and sex."""
    lines, passages = [], []
    for n in range(sections):
        lines.append(f"Section {n}")
        about = "Age 18 to 70 years, sex all, age limits" if n == sections - 3 else "tea and water " * 40
        lines += [about] * 5
        passages.append(Passage(f"Section {n}", (len(lines) - 4, len(lines))))
    source = reading_of("\n".join(lines)).source
    return Reading(source, tuple(passages))


def test_a_long_record_is_cut_down_to_what_is_asked_for() -> None:
    shown_parts = rows(long_record(120), room=3000)
    assert len(shown_parts) <= 2
    texts = [text for part in shown_parts for _, text in part]
    assert sum("Age 18" in t for t in texts) == 5
    assert "Section 117" in texts  # its heading with it
    assert texts[0] == "Section 0"  # where a record says what it is


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(600, 6000), st.integers(1, 4))
def test_parts_fit_keep_order_and_show_all_where_there_is_room(sections: int, room: int, most: int) -> None:
    reading = long_record(sections)
    found = rows(reading, room=room, most=most)
    assert len(found) <= most
    numbers = [n for part in found for n, _ in part]
    assert numbers == sorted(numbers)
    for part in found:
        assert sum(estimate_tokens(f"{n}| {text}") + 1 for n, text in part) <= room
    if sum(estimate_tokens(f"{n}| {t}") + 1 for n, t in enumerate(reading.source.lines, 1)) <= (room - 210) * most:
        assert numbers == list(range(1, len(reading.source) + 1))


def test_a_line_of_a_million_words_is_shown_in_stretches_that_fit() -> None:
    reading = reading_of("Age limits\n" + "token " * 1_000_000 + "\nsex: all")
    found = rows(reading, room=2000)
    assert len(found) == 2
    assert {n for part in found for n, _ in part} <= {1, 2, 3}
