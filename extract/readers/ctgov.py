"""CT.gov API v2 JSON: a study, {"studies": […]}, an array of studies, or JSON Lines.

A record is taken as it is, every key of it. It has no lines of its own: citations name lines of its reading text, and
`places` says which of them hold the value at a JSON pointer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from extract.readers.json_records import Member, RawMember, member_of, raw_members
from extract.readers.reading_places import ReadingText
from extract.readers.reading_text import reading_text
from extract.reading import Passage, Reading
from extract.source import LineRange, Source
from trialcite.errors import InputError, MalformedRecord

FORMAT = "ctgov-v2"

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_NAMES = re.compile(rb'"(?:(?:protocol|results|annotation|document|derived)Section|studies)"\s*:')


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One study object as it came.

    `member` places it in a file that holds several ("line 17", "/studies/3", "/3"). `sha256` is that of the file's
    bytes when the file is this one object, else of `orjson.dumps(record)`. `scalars` is how many it holds.
    """

    member: str | None
    record: dict[str, Any]
    sha256: str
    scalars: int


def recognises(head: bytes) -> bool:
    """Whether the first bytes of a file (some kilobytes) are those of v2 JSON, whole or broken."""
    return bool(_BEGINS.match(head) and _NAMES.search(head))


def records(stream: BinaryIO, *, where: str) -> Iterator[RawRecord | InputError]:
    """Every study of the stream, in order and in constant memory, or why there is none in its place.

    A broken line of JSON Lines is one error and the rest go on. Faults of the stream itself are raised.
    """
    for raw in raw_members(stream, where=where):
        yield raw if isinstance(raw, InputError) else record_of(raw, where=where)


def record_of(raw: RawMember, *, where: str) -> RawRecord | InputError:
    """The study in the bytes of one value, or why there is none."""
    member = member_of(raw, where=where)
    return member if isinstance(member, InputError) else _study(member, where)


def read(record: RawRecord, *, path: str) -> Reading:
    """The reading of one record. Its text, passages and places are made when they are first asked for."""
    return RecordReading(record, path)


class RecordReading(Reading):
    """A reading that says its record only when somebody wants to hear it: an extraction may not."""

    _raw: RawRecord
    _path: str

    def __init__(self, raw: RawRecord, path: str) -> None:
        # The dataclass is frozen, and its own __init__ would want the text now.
        self.__dict__.update(record=raw.record, member=raw.member, _raw=raw, _path=path)

    @cached_property
    def source(self) -> Source:
        return Source.of_lines(self._said.lines, path=self._path, format=FORMAT, sha256=self._raw.sha256)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return self._said.passages

    @cached_property
    def places(self) -> Mapping[str, LineRange]:
        return self._said.places

    @cached_property
    def _said(self) -> ReadingText:
        return reading_text(self._raw.record, self._raw.scalars)


def _study(member: Member, where: str) -> RawRecord | MalformedRecord:
    at = f" at {member.place}" if member.place else ""
    if not isinstance(member.value, dict):
        return MalformedRecord(f"not a study but {_kind(member.value)}{at}", where=where)
    node: Any = member.value
    for key in ("protocolSection", "identificationModule", "nctId"):
        node = node.get(key) if isinstance(node, dict) else None
    if not isinstance(node, str) or not node.strip():
        return MalformedRecord(f"no study: it has no protocolSection.identificationModule.nctId{at}", where=where)
    return RawRecord(member.place, member.value, member.sha256, member.scalars)


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")
