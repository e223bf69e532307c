"""Numbered lines: what a person sees in an editor, and positions that go there and back."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.source import MAX_RECORD_BYTES, Source, decode, sha256, source_from_bytes
from trialcite.errors import EmptyInput, InputError, NotText, UnreadableInput


def source(text: str) -> Source:
    return Source(path="t.txt", format="plain-text", sha256="", text=text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one", ["one"]),
        ("one\n", ["one"]),
        ("one\ntwo", ["one", "two"]),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("one\rtwo", ["one", "two"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("one\n\n", ["one", ""]),
        ("\none", ["", "one"]),
        ("a\r\nb\nc\rd", ["a", "b", "c", "d"]),
        ("page\x0cbreak\nb", ["page\x0cbreak", "b"]),
        ("a\u2028b\u0085c\x0bd\ne", ["a\u2028b\u0085c\x0bd", "e"]),
        ("a\u00a0b\tc\nd", ["a\u00a0b\tc", "d"]),
        ("", [""]),
    ],
)
def test_lines_are_those_of_an_editor(text: str, lines: list[str]) -> None:
    assert list(source(text).lines) == lines
    assert len(source(text)) == len(lines)


def test_a_source_of_lines_is_that_of_their_text() -> None:
    lines = ["one", "", "two"]
    made = Source.of_lines(lines, path="t.txt", format="plain-text", sha256="")
    assert made == source("one\n\ntwo")
    assert made.lines == source("one\n\ntwo").lines


TEXTS = st.text(alphabet=st.sampled_from(list("ab é漢𝛼\t\u00a0\x0c\u2028\n\r")), min_size=1, max_size=60)


@given(TEXTS)
def test_positions_go_there_and_back(text: str) -> None:
    s = source(text)
    for number in range(1, len(s) + 1):
        for column in range(len(s.line(number)) + 1):
            offset = s.offset(number, column)
            assert s.position(offset) == (number, column)
            if column < len(s.line(number)):
                assert text[offset] == s.line(number)[column]


@given(TEXTS)
def test_lines_and_their_ends_are_the_whole_text(text: str) -> None:
    s = source(text)
    assert s.span(1, len(s)) in (text, text[:-1], text[:-2])
    rebuilt = "".join(
        text[s.offset(n) : s.offset(n + 1)] if n < len(s) else text[s.offset(n) :] for n in range(1, len(s) + 1)
    )
    assert rebuilt == text


@given(TEXTS, st.data())
def test_the_lines_of_a_span_hold_it(text: str, data: st.DataObject) -> None:
    s = source(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = s.lines_of(start, end)
    assert s.offset(first) <= start
    assert last == len(s) or end <= s.offset(last + 1)


@pytest.mark.parametrize("number", [0, -1, 3])
def test_no_such_line(number: int) -> None:
    with pytest.raises(IndexError):
        source("one\ntwo").line(number)


TRIAL = "Überschrift ≥ 7,0 mmol/l\nZweite Zeile für Patientinnen und Patienten über 18 Jahre\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TRIAL.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TRIAL.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TRIAL.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TRIAL.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TRIAL.encode("utf-32-le"), "utf-32-le"),
    ],
)
def test_the_mark_is_not_part_of_line_one(data: bytes, encoding: str) -> None:
    s = source_from_bytes(data, path="t.txt", format="plain-text")
    assert (s.text, s.encoding, s.sha256) == (TRIAL, encoding, sha256(data))


def test_an_old_encoding_is_told_from_enough_text() -> None:
    text = "Die Studie prüft, ob Patientinnen und Patienten über 18 Jahre länger leben. Ärztliche Prüfung nötig. " * 20
    decoded, encoding = decode(text.encode("cp1252"), where="t.txt")
    assert decoded == text
    assert encoding in ("cp1252", "latin_1", "iso8859_15", "cp1250")


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", EmptyInput, "empty"),
        (b" \n\t\r\n", EmptyInput, "empty"),
        ("\u00a0\n\u2003".encode(), EmptyInput, "white space"),
        (codecs.BOM_UTF8, EmptyInput, "white space"),
        (bytes(range(256)) * 20, NotText, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), NotText, "binary"),
        (codecs.BOM_UTF16_LE + b"a\x00b", NotText, "UTF-16"),
        (b"%PDF-1.7\n" + bytes([0xE2, 0xE3, 0xCF, 0xD3]) + bytes(40), NotText, "binary"),
        (b"a" * (MAX_RECORD_BYTES + 1), UnreadableInput, "32 MB"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, error: type[InputError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        decode(data, where="folder/t.txt")
    assert "folder/t.txt" in str(caught.value)


def test_a_line_of_one_megabyte() -> None:
    s = source_from_bytes(b"first\n" + b"x" * 1_000_000 + b"\nlast", path="t.txt", format="plain-text")
    assert (len(s), len(s.line(2)), s.line(3)) == (3, 1_000_000, "last")
