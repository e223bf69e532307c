"""JSON values out of a stream of bytes, as they arrive: one object, an array, {"studies": […]}, or JSON Lines.

No more than one value is held at a time, so files of any size are read in constant memory. In JSON Lines a broken line
is an error in its place and the rest go on; behind a break inside an array there is no telling where the next value
begins, so the array ends there.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

import orjson

from extract.source import MAX_RECORD_BYTES, sha256
from trialcite.errors import EmptyInput, InputError, MalformedRecord, UnreadableInput

MAX_DEPTH = 64
"""Objects and arrays inside each other. The registry's deepest value is at 11."""

CHUNK = 1 << 20
_HEAD = 4096
_SPACE = b" \t\r\n"
_BLANK = re.compile(r"[ \t\r\n]*")
_EXTENT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Tells where a value ends; what the value is, orjson says."""

_CONTAINER = re.compile(
    rb'\s*\{\s*(?:"(?:totalCount|nextPageToken)"\s*:\s*(?:\d+|"[^"\\]*")\s*,\s*)*"studies"\s*:\s*\['
)
"""The beginning of a page of the registry's answers."""


class Member(NamedTuple):
    """One JSON value and where it stood: "line 17", "/studies/3", "/3"; None when it was the whole file.

    `sha256` is that of the file's bytes for a whole file, else of the value as orjson writes it. `scalars` is how many
    it holds.
    """

    place: str | None
    value: Any
    sha256: str
    scalars: int


class RawMember(NamedTuple):
    """The bytes of one JSON value, not parsed yet, and where they stood. They begin at `line` and `column` of the file.

    A whole file (place None) still has its byte-order mark.
    """

    place: str | None
    data: bytes
    line: int = 1
    column: int = 1


def members(stream: BinaryIO, *, where: str) -> Iterator[Member | InputError]:
    """Every value of the stream, in order, or why there is none in its place.

    Faults of the stream itself are raised.
    """
    for raw in raw_members(stream, where=where):
        yield raw if isinstance(raw, InputError) else member_of(raw, where=where)


def member_of(raw: RawMember, *, where: str) -> Member | InputError:
    """The value of the bytes, or why they are none."""
    if raw.place is None:
        value = _parsed(raw.data.removeprefix(codecs.BOM_UTF8), where, raw.line)
        return value if isinstance(value, InputError) else _member(value, None, where, sha256(raw.data))
    value = _parsed(raw.data, where, raw.line, raw.column)
    return value if isinstance(value, InputError) else _member(value, raw.place, where)


def raw_members(stream: BinaryIO, *, where: str) -> Iterator[RawMember | InputError]:
    """Every value of the stream, in order, left for others to parse. Faults of the stream itself are raised."""
    head = stream.read(_HEAD)
    data = head.removeprefix(codecs.BOM_UTF8)
    chunks = chain([data], iter(lambda: stream.read(CHUNK), b""))
    container = _CONTAINER.match(data)
    if container:
        return _Array(chunks, container.end(), '{"studies":[', "/studies", where).members()
    if data.lstrip(_SPACE).startswith(b"["):
        return _Array(chunks, data.index(b"[") + 1, "[", "", where).members()
    return _of_lines(_lines(chunks), head[: len(head) - len(data)], where)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its end. `data` is None when it is longer than a record can be."""

    number: int
    data: bytes | None

    @property
    def is_blank(self) -> bool:
        return self.data is not None and not self.data.strip(_SPACE)

    @property
    def continues_an_object(self) -> bool:
        return self.data is not None and self.data[:1] in b'" \t}'


def _lines(chunks: Iterator[bytes]) -> Iterator[_Line]:
    number, pieces, size = 1, list[bytes](), 0
    for chunk in chunks:
        start = 0
        while end := chunk.find(b"\n", start) + 1:
            pieces.append(chunk[start:end])
            size += end - start
            yield _Line(number, b"".join(pieces) if size <= MAX_RECORD_BYTES else None)
            number, pieces, size, start = number + 1, [], 0, end
        size += len(chunk) - start
        pieces = [*pieces, chunk[start:]] if size <= MAX_RECORD_BYTES else []
    if size:
        yield _Line(number, b"".join(pieces) if size <= MAX_RECORD_BYTES else None)


def _of_lines(lines: Iterator[_Line], bom: bytes, where: str) -> Iterator[RawMember | InputError]:
    """JSON Lines; or one object, when only one line has text or when the first is continued by the next."""
    taken: list[_Line] = []
    spoken: list[_Line] = []
    for line in lines:
        taken.append(line)
        if not line.is_blank:
            spoken.append(line)
        if len(spoken) == 2:
            break
    if not spoken:
        yield EmptyInput("the input is empty", where=where)
    elif len(spoken) == 1 or (spoken[1].continues_an_object and not _is_value(spoken[0], where)):
        yield _whole(chain(taken, lines), bom, where)
    else:
        for line in chain(spoken, lines):
            if not line.is_blank:
                yield _of_line(line, where)


def _of_line(line: _Line, where: str) -> RawMember | InputError:
    if line.data is None:
        return _too_large(where, f"line {line.number}")
    return RawMember(f"line {line.number}", line.data.rstrip(b"\r\n"), line.number)


def _is_value(line: _Line, where: str) -> bool:
    raw = _of_line(line, where)
    return isinstance(raw, RawMember) and isinstance(member_of(raw, where=where), Member)


def _whole(lines: Iterator[_Line], bom: bytes, where: str) -> RawMember | InputError:
    pieces, size = [bom], 0
    for line in lines:
        size += len(line.data or b"")
        if line.data is None or size > MAX_RECORD_BYTES:
            return _too_large(where, "the record")
        pieces.append(line.data)
    return RawMember(None, b"".join(pieces))


def _parsed(data: bytes, where: str, line: int, column: int = 1) -> Any | MalformedRecord:
    """The value, whose text begins at that line and column."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as e:
        reason = e.msg if _is_utf8(data) else "not UTF-8"
        return _broken(reason, where, line + e.lineno - 1, e.colno + (column - 1 if e.lineno == 1 else 0))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _member(value: Any, place: str | None, where: str, hashed: str | None = None) -> Member | InputError:
    scalars, depth = extent(value)
    if depth > MAX_DEPTH:
        at = f" at {place}" if place else ""
        return MalformedRecord(f"nested more than {MAX_DEPTH} deep{at}", where=where)
    return Member(place, value, hashed or sha256(orjson.dumps(value)), scalars)


def extent(value: Any) -> tuple[int, int]:
    """How many scalars a JSON value holds, and how many objects and arrays stand inside each other."""
    scalars, depth = 0, -1
    objects, arrays = list[dict[str, Any]](), [[value]]
    while objects or arrays:
        below = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(arrays)]
        objects = [v for v in below if type(v) is dict]
        arrays = [v for v in below if type(v) is list]
        scalars += len(below) - len(objects) - len(arrays)
        depth += 1
    return scalars, depth


def _broken(reason: str, where: str, line: int, column: int) -> MalformedRecord:
    return MalformedRecord(f"broken JSON at line {line}, column {column}: {reason}", where=where)


def _too_large(where: str, what: str) -> UnreadableInput:
    limit = f"a record has at most {MAX_RECORD_BYTES >> 20} MB"
    return UnreadableInput(f"{what} is larger than a record can be", where=where, hint=limit)


class _Array:
    """The values of a JSON array, read as they come.

    `start` bytes come before the first value; `opening` says the same in its shortest form.
    """

    def __init__(self, chunks: Iterator[bytes], start: int, opening: str, prefix: str, where: str) -> None:
        # What is not UTF-8 goes through and back unchanged, to be refused with the value that it is in.
        self._pieces = codecs.iterdecode(chunks, "utf-8", "surrogateescape")
        self._start, self._opening, self._prefix, self._where = start, opening, prefix, where
        self._text, self._at = "", 0
        self._line, self._column = 1, 1

    def members(self) -> Iterator[RawMember | InputError]:
        members = self._members()
        while True:
            try:
                member = next(members, None)
            except InputError as e:
                yield e
                return
            if member is None:
                return
            yield member

    def _members(self) -> Iterator[RawMember | InputError]:
        """Raises InputError where the array breaks."""
        self._more()
        self._pass(self._start)
        index, more = 0, self._expect_more() != "]"
        if not more:
            yield EmptyInput("a list of no records", where=self._where)
        while more:
            end = self._end_of_value()
            yield RawMember(f"{self._prefix}/{index}", self._bytes(end), self._line, self._column)
            self._pass(end - self._at)
            index, more = index + 1, self._next() == ","
            if more:
                self._pass(1)
                self._expect_more()
        self._close()

    def _end_of_value(self) -> int:
        """Where the value at hand ends, as much of it read as that takes."""
        while True:
            try:
                end = _EXTENT.raw_decode(self._text, self._at)[1]
                if end - self._at > MAX_RECORD_BYTES:
                    raise self._too_large()
                if end < len(self._text) or not self._more():
                    return end
            except RecursionError as e:
                raise MalformedRecord(f"nested more than {MAX_DEPTH} deep", where=self._where) from e
            except json.JSONDecodeError as e:
                if not self._more():
                    raise self._fault() from e

    def _fault(self) -> InputError:
        found = self._parsed(len(self._text))
        return found if isinstance(found, InputError) else self._broken("not a JSON value")

    def _parsed(self, end: int) -> Any | MalformedRecord:
        return _parsed(self._bytes(end), self._where, self._line, self._column)

    def _bytes(self, end: int) -> bytes:
        return self._text[self._at : end].encode(errors="surrogateescape")

    def _broken(self, reason: str) -> MalformedRecord:
        return _broken(reason, self._where, self._line, self._column)

    def _too_large(self) -> UnreadableInput:
        return _too_large(self._where, f"the record at line {self._line}")

    def _close(self) -> None:
        """Check that nothing but the container's own end follows."""
        if self._expect_more() != "]":
            raise self._broken("expected , or ]")
        while self._more():
            pass
        try:
            orjson.loads((self._opening + self._text[self._at :]).encode(errors="surrogateescape"))
        except orjson.JSONDecodeError as e:
            raise self._broken(e.msg) from e

    def _expect_more(self) -> str:
        """The next character; the end is not expected here."""
        found = self._next()
        if not found:
            raise self._broken("unexpected end of data")
        return found

    def _next(self) -> str:
        """The next character that is no white space, not taken; empty at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._pass(blank.end() - self._at if blank else 0)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _pass(self, count: int) -> None:
        """Step over characters and keep the position."""
        end = self._at + count
        newlines = self._text.count("\n", self._at, end)
        if newlines:
            self._line += newlines
            self._column = end - self._text.rfind("\n", self._at, end)
        else:
            self._column += count
        self._at = end

    def _more(self) -> bool:
        """Read on, as much again as is held, so that a long value is tried few times. False at the end."""
        held = len(self._text) - self._at
        if held > MAX_RECORD_BYTES:
            raise self._too_large()
        pieces, read = [self._text[self._at :]], 0
        for piece in self._pieces:
            pieces.append(piece)
            read += len(piece)
            if read >= min(held, MAX_RECORD_BYTES):
                break
        if read:
            self._text, self._at = "".join(pieces), 0
        return read > 0
