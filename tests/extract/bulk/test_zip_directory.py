"""The directory of a zip archive read an entry at a time, held against what zipfile makes of it."""

from __future__ import annotations

import io
import zipfile

import pytest

from extract.bulk import zip_directory
from extract.bulk.zip_directory import Archive

_SLOTS = (
    "orig_filename",
    "flag_bits",
    "compress_type",
    "CRC",
    "compress_size",
    "file_size",
    "header_offset",
    "external_attr",
)


def archive(count: int, *, comment: bytes = b"", before: bytes = b"") -> bytes:
    data = io.BytesIO()
    data.write(before)
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as made:
        made.comment = comment
        for n in range(count):
            made.writestr(f"été/{n}.txt" if n % 2 else f"{n}.txt", b"x" * (n % 50))
    return data.getvalue()


ARCHIVES = {
    "no members": archive(0),
    "a few": archive(7),
    "a comment at its end": archive(3, comment=b"trials of May"),
    "something before it": archive(5, before=b"#!/bin/sh\n" * 100),
    "more than 16 bits count": archive(65_600),
}


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("chunk", [50, 1 << 20])
def test_the_entries_are_those_of_zipfile(name: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "_CHUNK", chunk)
    data = ARCHIVES[name]
    with zipfile.ZipFile(io.BytesIO(data)) as known, Archive(io.BytesIO(data)) as streamed:
        found = list(streamed.entries())
        assert [[getattr(i, s) for s in _SLOTS] for i in found] == [
            [getattr(i, s) for s in _SLOTS] for i in known.infolist()
        ]
        assert [streamed.read(i) for i in found[:9]] == [known.read(i) for i in known.infolist()[:9]]


def test_a_member_of_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    data = archive(4)
    monkeypatch.undo()
    with Archive(io.BytesIO(data)) as streamed:
        assert [streamed.read(i) for i in streamed.entries()] == [b"x" * n for n in range(4)]


@pytest.mark.parametrize("cut", [1, 10, 21, 60, 200])
def test_what_is_cut_off_is_no_archive(cut: int) -> None:
    with pytest.raises(zipfile.BadZipFile), Archive(io.BytesIO(archive(7)[:-cut])) as streamed:
        list(streamed.entries())
