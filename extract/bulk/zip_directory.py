"""The directory of a zip archive, an entry at a time.

`zipfile` makes an object of every entry when it opens an archive: some 330 MB for the registry's dump of 600,000
members. Here the entries are read as they are needed, and `zipfile` opens the members.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_UTF8, _ZIP64 = 0x800, 1
_FULL = 0xFFFFFFFF
_LONGEST_COMMENT = 1 << 16
_CHUNK = 1 << 20


class Archive(zipfile.ZipFile):
    """A zip archive to read from, whose directory is left where it is: `infolist` is empty, see `entries`.

    Raises zipfile.BadZipFile when there is no directory.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._directory = _directory(stream)
        self._stream = stream
        super().__init__(stream)

    def _RealGetContents(self) -> None:  # noqa: N802 - what zipfile calls to read the directory
        pass

    def entries(self) -> Iterator[zipfile.ZipInfo]:
        """Every entry, in the directory's order. Raises zipfile.BadZipFile where the directory breaks."""
        read, end, shift = self._directory
        data, at = b"", 0
        while read < end or at < len(data):
            size = _size_of(data, at)
            if size is None or at + size > len(data):
                more = self._read(read, min(_CHUNK, end - read))
                if not more:
                    raise zipfile.BadZipFile("its directory is cut off")
                data, at, read = data[at:] + more, 0, read + len(more)
                continue
            yield _entry(data, at, shift)
            at += size

    def _read(self, at: int, size: int) -> bytes:
        self._stream.seek(at)  # whoever reads a member has been elsewhere meanwhile
        return self._stream.read(size)


class _Directory(NamedTuple):
    """Where the directory begins and ends, and how far what stands before the archive moves its members."""

    start: int
    end: int
    shift: int


def _directory(stream: BinaryIO) -> _Directory:
    length = stream.seek(0, 2)
    start = max(0, length - _END.size - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise zipfile.BadZipFile("it has no directory")
    *_, size, offset, _ = _END.unpack_from(tail, at)
    end = start + at
    if found := _end_64(stream, end):
        end, size, offset = found
    if size > end:
        raise zipfile.BadZipFile("its directory is cut off")
    return _Directory(end - size, end, end - size - offset)


def _end_64(stream: BinaryIO, end: int) -> tuple[int, int, int] | None:
    """(end, size, offset) of the directory of an archive with 64-bit numbers."""
    before = end - _LOCATOR_64.size - _END_64.size
    if before < 0:
        return None
    stream.seek(before)
    data = stream.read(_END_64.size + 4)
    if not data.startswith(b"PK\x06\x06") or not data.endswith(b"PK\x06\x07"):
        return None
    *_, size, offset = _END_64.unpack_from(data)
    return before, size, offset


def _size_of(data: bytes, at: int) -> int | None:
    """How many bytes the entry takes that begins there; None when there are too few to tell."""
    if len(data) - at < _ENTRY.size:
        return None
    signature, *fields = _ENTRY.unpack_from(data, at)
    if signature != b"PK\x01\x02":
        raise zipfile.BadZipFile("its directory is damaged")
    name, extra, comment = fields[9:12]
    return _ENTRY.size + int(name) + int(extra) + int(comment)


def _entry(data: bytes, at: int, shift: int) -> zipfile.ZipInfo:
    *_, flags, method, _, _, crc, packed, size, name_size, extra_size, _, _, _, attributes, offset = _ENTRY.unpack_from(
        data, at
    )
    at += _ENTRY.size
    name, extra = data[at : at + name_size], data[at + name_size : at + name_size + extra_size]
    try:
        info = zipfile.ZipInfo(name.decode("utf-8" if flags & _UTF8 else "cp437"))
    except UnicodeDecodeError as e:
        raise zipfile.BadZipFile("a name is not in its encoding") from e
    size, packed, offset = _long_numbers(extra, size, packed, offset)
    info.flag_bits, info.compress_type, info.CRC = flags, method, crc
    info.compress_size, info.file_size, info.header_offset = packed, size, offset + shift
    info.external_attr = attributes
    return info


def _long_numbers(extra: bytes, *numbers: int) -> list[int]:
    """The numbers, those that did not fit into 32 bits taken from the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64:
            long = iter([n for (n,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + size // 8 * 8])])
            return [next(long, n) if n == _FULL else n for n in numbers]
        at += 4 + size
    return list(numbers)
