"""What is named on the command line as inputs, one a record, in constant memory.

An input is a record: a file, a member of an archive, or a value of a file of JSON values. Its bytes travel with it,
so that it can be worked on in another process or on another machine; parsing is left to who works on it.
"""

from __future__ import annotations

import glob
import gzip
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from extract.bulk.archives import Limits, Member, Metered, tar_members, zip_members
from extract.inputs import ARCHIVES, STDIN, SUFFIXES, expand, is_record_name, read_whole
from extract.readers import MAX_FILE_BYTES, ctgov
from extract.readers.json_records import RawMember, raw_members
from trialcite.errors import InputError, UnreadableInput

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_TAR, _TAR_AT = b"ustar", 257
_HEAD = 4096
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that is passed over, and why."""

    reason: str


Content = bytes | RawMember | InputError | Skipped
"""A whole file's bytes, the bytes of one JSON value of it, or why there are none."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One input. `container` is the file, `member` the name of the member when the file is an archive.

    `read` says how many bytes of the container were read when this input had been.
    """

    container: str
    member: str | None
    content: Content
    read: int = 0

    @property
    def where(self) -> str:
        """How a message names it."""
        return f"{self.container}/{self.member}" if self.member else self.container


def named(paths: Iterable[Path]) -> Iterator[Path | InputError]:
    """The files behind paths, patterns and folders, archives among them. What is not there is an error in its place."""
    for path in paths:
        if path != STDIN and not path.exists() and glob.has_magic(str(path)):
            found = sorted(glob.iglob(str(path), recursive=True))  # noqa: PTH207 - an absolute pattern, too
            if not found:
                yield UnreadableInput("no file of such a name", where=str(path))
            yield from expand(map(Path, found), also=ARCHIVES)
        else:
            yield from expand([path], also=ARCHIVES)


def listed(lines: Iterable[str]) -> Iterator[Path]:
    """The paths of a list, one a line; blank lines are passed over."""
    return (Path(line.rstrip("\r\n")) for line in lines if line.strip())


def units(paths: Iterable[Path | InputError], limits: Limits | None = None) -> Iterator[Unit]:
    """Every input of the files, in order; a file that cannot be opened, or breaks off, is one with its reason."""
    limits = limits or Limits()
    for path in paths:
        if isinstance(path, InputError):
            yield Unit(path.where or "", None, path)
        else:
            yield from _of_file(path, limits)


def _of_file(path: Path, limits: Limits) -> Iterator[Unit]:
    where = str(path)
    try:
        with _opened(path) as stream:
            for unit in _of_stream(stream, where, None, limits, layer=0):
                yield Unit(unit.container, unit.member, unit.content, _position(stream))
    except InputError as e:
        yield Unit(where, None, e)
    except OSError as e:
        yield Unit(where, None, UnreadableInput(e.strerror or "cannot be read", where=where))


def _opened(path: Path) -> BufferedReader[Any]:
    if path == STDIN:
        return cast("BufferedReader", sys.stdin.buffer)
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadableInput("not a regular file", where=str(path))
    return path.open("rb")


def _position(stream: BufferedReader[Any]) -> int:
    return stream.tell() if stream.seekable() else 0


def _of_stream(
    stream: BufferedReader[Any], container: str, member: str | None, limits: Limits, *, layer: int
) -> Iterator[Unit]:
    """The inputs in a stream, which may be an archive or compressed. What breaks in it is an input with the reason."""
    at = Unit(container, member, b"").where
    head = stream.peek(_HEAD)[:_HEAD]
    try:
        if layer > limits.layers:
            raise UnreadableInput("packed too many times over", where=at)
        if head.startswith(_GZIP):
            with gzip.open(stream) as inner:
                packed = stream if layer == 0 and stream.seekable() else None
                metered = _metered(inner, packed, limits, at)
                yield from _of_stream(metered, container, member, limits, layer=layer + 1)
        elif head.startswith(_ZIP) or head[_TAR_AT:].startswith(_TAR):
            yield from _of_archive(stream, container, member, limits, layer, is_zip=head.startswith(_ZIP))
        else:
            yield from _of_records(stream, head, container, member)
        _check(stream)
    except InputError as e:
        yield Unit(container, member, e)


def _metered(
    unpacked: IO[bytes] | gzip.GzipFile, packed: BinaryIO | None, limits: Limits, where: str
) -> BufferedReader[Metered]:
    return BufferedReader(Metered(unpacked, packed, limits, where), _BUFFER)


def _check(stream: BufferedReader[Any]) -> None:
    """Raises the reason why a stream ended too early, if it did."""
    if isinstance(stream.raw, Metered) and stream.raw.fault:
        raise stream.raw.fault


def _of_archive(
    stream: BufferedReader[Any], container: str, member: str | None, limits: Limits, layer: int, *, is_zip: bool
) -> Iterator[Unit]:
    if member is not None:
        raise UnreadableInput("an archive inside an archive", where=f"{container}/{member}", hint="unpack it first")
    if is_zip and not (layer == 0 and stream.seekable()):
        raise UnreadableInput("a zip archive is read from a file only", where=container, hint="save it first")
    files = zip_members(cast(BinaryIO, stream), limits, container) if is_zip else tar_members(stream, limits, container)
    for file in files:
        if isinstance(file, InputError):
            _check(stream)  # where the archive's own stream broke, that is the reason
            yield Unit(container, None, file)
        else:
            yield from _of_member(file, container, limits, layer)


def _of_member(file: Member, container: str, limits: Limits, layer: int) -> Iterator[Unit]:
    if isinstance(file.stream, InputError):
        yield Unit(container, file.name, file.stream)
    elif not is_record_name(file.name.rpartition("/")[2], SUFFIXES + ARCHIVES):
        yield Unit(container, file.name, Skipped("not a record by its name"))
    else:
        buffered = _metered(file.stream, None, limits, f"{container}/{file.name}")
        yield from _of_stream(buffered, container, file.name, limits, layer=layer + 1)


def _of_records(stream: BufferedReader[Any], head: bytes, container: str, member: str | None) -> Iterator[Unit]:
    where = Unit(container, member, b"").where
    if ctgov.recognises(head):
        for raw in raw_members(stream, where=where):
            if isinstance(raw, RawMember) and raw.place is None:
                _check(stream)
            yield Unit(container, member, raw)
        return
    data = read_whole(stream, MAX_FILE_BYTES)
    _check(stream)
    if len(data) > MAX_FILE_BYTES:
        limit = f"a file that is read whole has at most {MAX_FILE_BYTES >> 20} MB"
        raise UnreadableInput("larger than a record can be", where=where, hint=limit)
    yield Unit(container, member, data)
