"""Members of zip and tar archives as streams, one after the other, nothing unpacked to disk.

An archive may have been made to do harm: what is read of it is bounded, a member whose name would lead out of a
folder is refused, and links and devices are passed over. A refusal is a value in the member's place.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedIOBase, RawIOBase
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO, BinaryIO, cast

from extract.bulk.zip_directory import Archive
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

_BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError)
"""What reading damaged data may raise, besides OSError."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be unpacked. The registry's whole dump has 600,000 members, 12 GB, and a ratio of about 8."""

    ratio: int = 200
    free_bytes: int = 16 << 20
    """So much may be unpacked whatever the ratio: a short text of one letter packs well."""
    total_bytes: int = 1 << 40
    members: int = 5_000_000
    layers: int = 3
    """Compression and archives inside each other: a gzipped file in a tar that is gzipped."""
    name_length: int = 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name and its bytes, open until the next one is asked for, or why it cannot be read."""

    name: str
    stream: IO[bytes] | InputError


class Metered(RawIOBase):
    """What a decompressor gives, as long as it is sound and stands in proportion to what it took.

    `packed` is the stream that it takes from. Where it breaks or swells beyond the limits, the stream ends, so that a
    buffer above hands on what came before; `fault` then says why, and who reads has to ask for it.
    """

    def __init__(self, unpacked: IO[bytes] | GzipFile, packed: BinaryIO | None, limits: Limits, where: str) -> None:
        self._unpacked, self._packed, self._limits, self._where = unpacked, packed, limits, where
        self._given = 0
        self.fault: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any writable buffer
        if self.fault:
            return 0
        try:
            data = cast("BufferedIOBase", self._unpacked).read1(len(buffer))
        except (*_BROKEN, OSError) as e:
            self.fault = MalformedRecord(f"broken compressed data ({e})", where=self._where)
            return 0
        self._given += len(data)
        self.fault = self._excess()
        buffer[: len(data)] = data
        return 0 if self.fault else len(data)

    def _excess(self) -> InputError | None:
        limits, given = self._limits, self._given
        if given > limits.total_bytes:
            return _too_much(self._where, "unpacks to more than may be unpacked")
        if self._packed and given > max(limits.free_bytes, limits.ratio * self._packed.tell()):
            return _too_much(self._where, f"unpacks to more than {limits.ratio} times its size")
        return None


def _lent(name: str, stream: IO[bytes] | InputError) -> Iterator[Member]:
    """The one member, its bytes closed when whoever takes members goes on, or takes no more."""
    with nullcontext() if isinstance(stream, InputError) else stream:
        yield Member(name, stream)


def zip_members(stream: BinaryIO, limits: Limits, where: str) -> Iterator[Member | InputError]:
    """The files of a zip archive in the order of its directory."""
    total = 0
    try:
        with Archive(stream) as archive:
            for count, info in enumerate(archive.entries(), start=1):
                total += info.file_size
                if count > limits.members or total > limits.total_bytes:
                    yield _too_much(where, "holds more than may be unpacked")
                    return
                if not info.is_dir():
                    name = info.orig_filename
                    yield from _lent(name, _fault_of_name(name, limits, where) or _zipped(archive, info, limits, where))
    except (zipfile.BadZipFile, OSError) as e:
        yield MalformedRecord(f"broken zip archive ({e})", where=where)


def _zipped(archive: Archive, info: zipfile.ZipInfo, limits: Limits, where: str) -> IO[bytes] | InputError:
    at = f"{where}/{info.filename}"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return UnreadableInput("not a regular file", where=at)
    if info.file_size > max(limits.free_bytes, limits.ratio * info.compress_size):
        return _too_much(at, f"unpacks to more than {limits.ratio} times its size")
    try:
        return archive.open(info)
    except RuntimeError:
        return UnreadableInput("encrypted", where=at, hint="unpack the archive first")
    except (zipfile.BadZipFile, NotImplementedError) as e:
        return MalformedRecord(f"broken zip archive ({e})", where=at)


def tar_members(stream: IO[bytes], limits: Limits, where: str) -> Iterator[Member | InputError]:
    """The files of a tar archive in their order, read from a stream that need not be seekable."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for count, info in enumerate(iter(archive.next, None), start=1):
                archive.members.clear()  # type: ignore[attr-defined]  # tarfile would remember every one of them
                if count > limits.members:
                    yield _too_much(where, "holds more than may be unpacked")
                    return
                if not info.isdir():
                    name = info.name
                    yield from _lent(name, _fault_of_name(name, limits, where) or _tarred(archive, info, where))
    except tarfile.TarError as e:
        yield MalformedRecord(f"broken tar archive ({e})", where=where)


def _tarred(archive: tarfile.TarFile, info: tarfile.TarInfo, where: str) -> IO[bytes] | InputError:
    file = archive.extractfile(info) if info.isreg() else None
    return file or UnreadableInput("not a regular file", where=f"{where}/{info.name}")


def _fault_of_name(name: str, limits: Limits, where: str) -> InputError | None:
    """Why a member of this name is refused. Nothing is written under it, but it is shown, and others may write."""
    if len(name) > limits.name_length or not name.isprintable():
        return UnreadableInput("a member whose name is too long or cannot be shown", where=where)
    climbs = ".." in PurePosixPath(name.replace("\\", "/")).parts
    if climbs or name.startswith(("/", "\\")) or PureWindowsPath(name).drive:
        return UnreadableInput(f"a member whose name leads out of the archive: {name}", where=where)
    return None


def _too_much(where: str, what: str) -> UnreadableInput:
    return UnreadableInput(what, where=where, hint="if it can be trusted, unpack it first")
