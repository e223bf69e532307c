"""CT.gov v2 JSON in every shape it comes in, whole and broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.readers import ctgov, json_records
from extract.readers.ctgov import RawRecord, read, recognises
from extract.source import MAX_RECORD_BYTES
from tests.extract.records import alike, rich_record, small_record
from trialcite.errors import EmptyInput, InputError, MalformedRecord, NotText, UnreadableInput

ONE, TWO, THREE = (small_record(f"NCT9900000{n}", briefTitle="Zoë\n{[,") for n in (1, 2, 3))
A, B, C = (orjson.dumps(r) for r in (ONE, TWO, THREE))
PRETTY = orjson.dumps(ONE, option=orjson.OPT_INDENT_2)
BOM = b"\xef\xbb\xbf"


def read_all(data: bytes) -> list[RawRecord | InputError]:
    return list(ctgov.records(BytesIO(data), where="f"))


def shape(data: bytes) -> list[tuple[str | None, str] | type[InputError]]:
    """Each record as (member, last digit of its number), each error as its type."""
    found: list[tuple[str | None, str] | type[InputError]] = []
    for r in read_all(data):
        if isinstance(r, InputError):
            found.append(type(r))
        else:
            found.append((r.member, r.record["protocolSection"]["identificationModule"]["nctId"][-1]))
    return found


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (A, True),
        (BOM + b"\r\n " + PRETTY, True),
        (A[:-5], True),
        (b'{"studies": [', True),
        (b'{"totalCount": 1, "studies" : [', True),
        (b'[{"hasResults": false, "derivedSection": {', True),
        (b'{"broken\n' + A, True),
        (b'{"resourceType": "ResearchStudy"}', False),
        (b'The record says {"protocolSection": {', False),
        (b"", False),
        (b"[]", False),
        (b"\x00\x01", False),
    ],
)
def test_recognises(head: bytes, known: bool) -> None:
    assert recognises(head) is known


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(A, [(None, "1")], id="one object"),
        pytest.param(BOM + b"\n" + A + b"\r\n\r\n", [(None, "1")], id="one object among blank lines"),
        pytest.param(PRETTY, [(None, "1")], id="one object over many lines"),
        pytest.param(PRETTY.replace(b"\n", b"\r\n"), [(None, "1")], id="over many Windows lines"),
        pytest.param(A + b"\n" + B, [("line 1", "1"), ("line 2", "2")], id="lines"),
        pytest.param(BOM + A + b"\r\n\r\n \r\n" + B + b"\r\n", [("line 1", "1"), ("line 4", "2")], id="lines, blanks"),
        pytest.param(b"[" + A + b"\n ,\n" + B + b" ]\n", [("/0", "1"), ("/1", "2")], id="array"),
        pytest.param(b"[" + A + b"]", [("/0", "1")], id="array of one"),
        pytest.param(b'{"studies":[' + A + b"," + B + b"]}", [("/studies/0", "1"), ("/studies/1", "2")], id="page"),
        pytest.param(
            b'{\n "totalCount": 9,\n "nextPageToken": "x",\n "studies": [\n' + PRETTY + b'\n],\n "more": {} }',
            [("/studies/0", "1")],
            id="page, other keys around",
        ),
    ],
)
def test_shapes(data: bytes, expected: list[tuple[str | None, str]]) -> None:
    assert shape(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [EmptyInput], id="nothing"),
        pytest.param(b" \r\n\n", [EmptyInput], id="blank lines"),
        pytest.param(b'{"studies": [ ]}', [EmptyInput], id="no studies"),
        pytest.param(A[:-3], [MalformedRecord], id="one, truncated"),
        pytest.param(PRETTY[:-9], [MalformedRecord], id="one over many lines, truncated"),
        pytest.param(A + b"\n" + B[:-3] + b"\n" + C, [("line 1", "1"), MalformedRecord, ("line 3", "3")], id="a line"),
        pytest.param(A[:-3] + b"\n" + B, [MalformedRecord, ("line 2", "2")], id="the first line"),
        pytest.param(A[:-3] + b"\nxx\n" + B, [MalformedRecord, MalformedRecord, ("line 3", "2")], id="two lines"),
        pytest.param(A + b"\n" + B[:20], [("line 1", "1"), MalformedRecord], id="the last line, truncated"),
        pytest.param(b"[" + A + b"," + B[:-3], [("/0", "1"), MalformedRecord], id="array cut in a record"),
        pytest.param(b"[" + A + b"," + B, [("/0", "1"), ("/1", "2"), MalformedRecord], id="array cut after a record"),
        pytest.param(b"[" + A + b",", [("/0", "1"), MalformedRecord], id="array cut after a comma"),
        pytest.param(b"[" + A + b" " + B + b"]", [("/0", "1"), MalformedRecord], id="array without a comma"),
        pytest.param(b"[" + A + b"] and so on", [("/0", "1"), MalformedRecord], id="text after an array"),
        pytest.param(b'{"studies":[' + A + b"]", [("/studies/0", "1"), MalformedRecord], id="page without its end"),
        pytest.param(b'[1,"x",null,true,[],' + A + b"]", [*[MalformedRecord] * 5, ("/5", "1")], id="no objects"),
        pytest.param(b'[{"x":NaN},' + A + b"]", [MalformedRecord, ("/1", "1")], id="NaN"),
        pytest.param(b'[{"x":' + b"9" * 9999 + b"}," + A + b"]", [MalformedRecord, ("/1", "1")], id="a huge number"),
        pytest.param(b'{"protocolSection":{"identificationModule":{}}}', [MalformedRecord], id="no number"),
        pytest.param(
            b'{"protocolSection":{"identificationModule":{"nctId":" "}}}', [MalformedRecord], id="a blank number"
        ),
        pytest.param(b'{"protocolSection":[{"identificationModule":1}]}', [MalformedRecord], id="another shape"),
        pytest.param(A.replace(b"NCT", b"\xff") + b"\n" + B, [MalformedRecord, ("line 2", "2")], id="Latin-1 line"),
        pytest.param(b"[" + A.replace(b"NCT", b"\xff") + b"," + B + b"]", [MalformedRecord, ("/1", "2")], id="Latin-1"),
        pytest.param(A.replace(b"NCT", b"\\ud800") + b"\n" + B, [MalformedRecord, ("line 2", "2")], id="half a pair"),
        pytest.param(b'{"protocolSection":' * 70 + b"1" + b"}" * 70, [MalformedRecord], id="70 deep"),
        pytest.param(b'{"protocolSection":' * 99999 + b"1" + b"}" * 99999, [MalformedRecord], id="99,999 deep"),
        pytest.param(b"[" * 99999, [MalformedRecord], id="99,999 arrays"),
        pytest.param(
            b"[" + A + b"," + b'{"a":' * 9999 + b"1" + b"}" * 9999 + b"]", [("/0", "1"), MalformedRecord], id="deep"
        ),
    ],
)
def test_broken(data: bytes, expected: list[Any]) -> None:
    assert shape(data) == expected


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (A[:-3], f"line 1, column {len(A.decode()) - 2}:"),
        (b'{\n  "protocolSection": tru\n}', "line 2, column 22:"),
        (A + b"\n" + b'{"protocolSection":}', "line 2, column 20:"),
        (b"[" + A + b",\n\n  " + b'{"protocolSection":}]', "line 3, column 22:"),
        (b"[" + A + b"\n,", "line 2, column 2:"),
    ],
)
def test_a_break_is_placed(data: bytes, place: str) -> None:
    error = read_all(data)[-1]
    assert isinstance(error, MalformedRecord)
    assert error.where == "f"
    assert place in error.message


def test_a_record_that_is_no_study_is_named() -> None:
    errors = read_all(b'{"protocolSection":{}}\n[1]\n"x"')
    assert [str(e) for e in errors] == [
        "f: no study: it has no protocolSection.identificationModule.nctId at line 1",
        "f: not a study but an array at line 2",
        "f: not a study but a string at line 3",
    ]


LONG_LINE = b'\n "x": "' + b"x" * (MAX_RECORD_BYTES // 39) + b'",'
HUGE = b'{"protocolSection":"' + b"x" * MAX_RECORD_BYTES + b'"}'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(A + b"\n" + HUGE + b"\n" + B, [("line 1", "1"), UnreadableInput, ("line 3", "2")], id="a line"),
        pytest.param(HUGE, [UnreadableInput], id="one object"),
        pytest.param(b"{" + LONG_LINE * 40 + b"}", [UnreadableInput], id="one object over lines"),
        pytest.param(b"[" + A + b"," + HUGE + b"]", [("/0", "1"), UnreadableInput], id="in an array"),
    ],
)
def test_no_record_is_larger_than_can_be(data: bytes, expected: list[Any]) -> None:
    assert shape(data) == expected


class Endless(RawIOBase):
    """A stream that repeats a piece for ever and knows how much was asked for."""

    def __init__(self, head: bytes, piece: bytes) -> None:
        self.given = 0
        self._pending, self._piece = head, piece

    def read(self, size: int = -1) -> bytes:
        while len(self._pending) < size:
            self._pending += self._piece
        taken, self._pending = self._pending[:size], self._pending[size:]
        self.given += len(taken)
        return taken


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"", A + b"\n", id="lines"),
        pytest.param(b"[" + A, b"," + A, id="array"),
        pytest.param(b'{"studies": [' + A, b"," + A, id="page"),
    ],
)
def test_records_come_while_the_stream_goes_on(head: bytes, piece: bytes) -> None:
    stream = Endless(head, piece)
    found = ctgov.records(stream, where="f")  # type: ignore[arg-type]  # a RawIOBase reads like a BinaryIO
    first = [next(found) for _ in range(5_000)]
    assert all(isinstance(r, RawRecord) and r.record == ONE for r in first)
    assert stream.given < 5_000 * len(piece) + 3 * json_records.CHUNK


def test_faults_of_the_stream_are_raised() -> None:
    class Torn(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise EOFError("torn")
            return super().read(size)

    found = ctgov.records(Torn(A + b"\n" + B + b"\n" + C[:9]), where="f")
    with pytest.raises(EOFError):
        list(found)


@pytest.mark.parametrize("data", [A, BOM + b" \n" + A + b"\r\n \n", PRETTY + b"\n"])
def test_a_file_of_one_object_has_its_own_hash(data: bytes) -> None:
    (record,) = read_all(data)
    assert isinstance(record, RawRecord)
    assert record.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "data", [A + b"\n" + B, b"[ " + A + b"," + B + b"]", b'{"studies":[' + PRETTY + b"," + B + b"]}"]
)
def test_a_member_is_hashed_by_what_it_says(data: bytes) -> None:
    hashes = [r.sha256 for r in read_all(data) if isinstance(r, RawRecord)]
    assert hashes == [hashlib.sha256(orjson.dumps(r)).hexdigest() for r in (ONE, TWO)]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda v: (
        st.lists(v, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), v, max_size=3)
    ),
)


@given(st.lists(values, min_size=2, max_size=5), st.sampled_from([None, 1, 3]), st.booleans())
def test_any_values_in_any_layout(items: list[Any], indent: int | None, escaped: bool) -> None:
    """An array gives the values that JSON Lines gives."""
    array = json.dumps(items, indent=indent, ensure_ascii=escaped).encode()
    lines = b"\n".join(orjson.dumps(i) for i in items)
    by_array, by_line = (
        [m.value for m in json_records.members(BytesIO(data), where="f") if not isinstance(m, InputError)]
        for data in (array, b"{}\n" + lines + b"\n")
    )
    assert alike(by_array, items)
    assert alike(by_line[1:], items)


@given(st.binary(max_size=60), st.integers(0, len(A)))
def test_any_bytes_give_records_or_errors(junk: bytes, at: int) -> None:
    for data in (junk, A[:at] + junk + A[at:], b"[" + A + junk, A + b"\n" + junk + b"\n" + B):
        for found in read_all(data):
            assert isinstance(found, RawRecord | MalformedRecord | EmptyInput | NotText)


def readings() -> Iterator[ctgov.RecordReading]:
    for found in read_all(b"[" + orjson.dumps(rich_record()) + b"]"):
        assert isinstance(found, RawRecord)
        reading = read(found, path="trials.json")
        assert isinstance(reading, ctgov.RecordReading)
        yield reading


def test_a_reading() -> None:
    (reading,) = readings()
    assert reading.record == rich_record()
    assert reading.member == "/0"
    assert (reading.source.path, reading.source.format) == ("trials.json", "ctgov-v2")
    assert reading.source.sha256 == hashlib.sha256(orjson.dumps(rich_record())).hexdigest()
    status = reading.places["/protocolSection/statusModule/overallStatus"]
    assert reading.source.span(*status) == "Overall status: Terminated"
    assert reading.passages[0].section == "Identification"


def test_a_reading_says_nothing_before_it_is_asked() -> None:
    (reading,) = readings()
    assert reading.record is not None
    assert reading.member == "/0"
    assert not {"source", "passages", "places"} & vars(reading).keys()
