"""Inputs that were made to do harm, or are damaged: each is named in the journal with its reason, the rest is done."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from extract.bulk.archives import Limits
from extract.bulk.units import units
from tests.extract.bulk.common import journal, record, run, written

PAGE = b"Study Type\n\nInterventional\n"
LIMITS = Limits(ratio=50, free_bytes=1 << 16, total_bytes=8 << 20, members=20)


def zipped(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def tarred(*members: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w:gz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]  # mode is a parameter
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return data.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def device(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.CHRTYPE
    return info


def with_a_wrong_sum(archive: bytes) -> bytes:
    """A zip archive whose directory has a wrong CRC for its first member."""
    data = bytearray(archive)
    data[data.index(b"PK\x01\x02") + 16] ^= 1
    return bytes(data)


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2 << 30)


def written_as(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


LINE = b'{"protocolSection": {"identificationModule": {"nctId": "NCT99000077"}}}\n'
LETTERS = b"a" * (4 << 20)

# File name, how it is made, and what becomes of its inputs: (member, status, words of the reason).
Outcome = list[tuple[str | None, str, str]]
HOSTILE: list[tuple[str, Callable[[Path], object], Outcome]] = [
    ("bomb.zip", written_as(zipped(("a.txt", PAGE), ("b.txt", LETTERS), ("c.txt", PAGE))),
     [("a.txt", "done", ""), ("b.txt", "failed", "50 times its size"), ("c.txt", "done", "")]),
    ("bomb.txt.gz", written_as(gzip.compress(LETTERS)), [(None, "failed", "50 times its size")]),
    ("bomb.tar.gz", written_as(tarred(("a.txt", PAGE), ("b.txt", LETTERS))),
     [("a.txt", "done", ""), ("b.txt", "failed", "broken"), (None, "failed", "50 times its size")]),
    ("layers.txt.gz", written_as(gzip.compress(gzip.compress(gzip.compress(gzip.compress(PAGE))))),
     [(None, "failed", "packed too many times over")]),
    ("total.zip", written_as(zipped(*((f"{n}.txt", os.urandom(3 << 20)) for n in range(3)))),
     [("0.txt", "failed", "binary"), ("1.txt", "failed", "binary"), (None, "failed", "more than may be unpacked")]),
    ("many.zip", written_as(zipped(*((f"{n:02}.txt", PAGE) for n in range(25)))),
     [*((f"{n:02}.txt", "done", "") for n in range(20)), (None, "failed", "more than may be unpacked")]),
    ("many.tar", written_as(tarred(*((f"{n:02}.txt", PAGE) for n in range(25)), mode="w")),
     [*((f"{n:02}.txt", "done", "") for n in range(20)), (None, "failed", "more than may be unpacked")]),
    ("names.zip", written_as(zipped(("../../etc/x.txt", PAGE), ("/etc/x.txt", PAGE), ("C:\\x.txt", PAGE),
                                    ("a\nb.txt", PAGE), ("n" * 2000 + ".txt", PAGE), ("ok/x.txt", PAGE),
                                    ("logo.png", b"\x89PNG"))),
     [("../../etc/x.txt", "failed", "leads out"), ("/etc/x.txt", "failed", "leads out"),
      ("C:\\x.txt", "failed", "leads out"),
      ("a\nb.txt", "failed", "cannot be shown"), ("n" * 2000 + ".txt", "failed", "too long"), ("ok/x.txt", "done", ""),
      ("logo.png", "skipped", "not a record by its name")]),
    ("links.tar.gz", written_as(tarred(link("a.txt", "/etc/passwd"), device("b.txt"), link("c.txt", "c.txt"),
                                       ("d.txt", PAGE))),
     [("a.txt", "failed", "not a regular file"), ("b.txt", "failed", "not a regular file"),
      ("c.txt", "failed", "not a regular file"), ("d.txt", "done", "")]),
    ("inner.zip", written_as(zipped(("a.zip", zipped(("b.txt", PAGE))), ("c.txt.gz", gzip.compress(PAGE)))),
     [("a.zip", "failed", "an archive inside an archive"), ("c.txt.gz", "done", "")]),
    ("cut.jsonl.gz", written_as(gzip.compress(LINE * 2000 + os.urandom(9000).hex().encode() + b"\n")[:-4000]),
     [*((f"line {n}", "done", "") for n in range(1, 2001)), ("line 2001", "failed", "broken JSON"),
      (None, "failed", "broken compressed data")]),
    ("cut.zip", written_as(zipped(("a.txt", PAGE))[:-30]), [(None, "failed", "broken zip archive")]),
    ("cut.tar.gz", written_as(tarred(("a.txt", PAGE), ("b.txt", os.urandom(50_000)))[:-20_000]),
     [("a.txt", "done", ""), ("b.txt", "failed", "broken"), (None, "failed", "broken compressed data")]),
    ("sum.zip", written_as(with_a_wrong_sum(zipped(("a.txt", PAGE), ("b.txt", PAGE)))),
     [("a.txt", "failed", "broken compressed data"), ("b.txt", "done", "")]),
    ("deep.json", written_as(b'{"protocolSection":' * 10_000 + b"1" + b"}" * 10_000), [(None, "failed", "JSON")]),
    ("deep.jsonl", written_as(LINE + b'{"protocolSection":' * 100 + b"1" + b"}" * 100 + b"\n" + LINE),
     [("line 1", "done", ""), ("line 2", "failed", "64 deep"), ("line 3", "done", "")]),
    ("sparse.txt", sparse, [(None, "failed", "larger than a record can be")]),
    ("sparse.jsonl", sparse, [(None, "failed", "larger than a record can be")]),
    ("pipe.txt", os.mkfifo, [(None, "failed", "not a regular file")]),
    ("loop.txt", lambda path: path.symlink_to(path), [(None, "failed", "ymbolic link")]),
    ("zero.txt", lambda path: path.symlink_to("/dev/zero"), [(None, "failed", "not a regular file")]),
    ("folder-loop", lambda path: path.symlink_to(path.parent), []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "outcome"), HOSTILE, ids=[name for name, *_ in HOSTILE])
def test_a_hostile_input_is_named_and_the_rest_is_done(
    tmp_path: Path, examples: Path, name: str, make: Callable[[Path], object], outcome: Outcome
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "0-first.txt").write_bytes(PAGE)
    make(folder / name)
    (folder / "z-last.txt").write_bytes(PAGE)
    run([folder], tmp_path / "out", limits=LIMITS)
    rows = journal(tmp_path / "out")
    assert [(file, status) for file, _, status, _ in rows if file != name] == [
        ("0-first.txt", "done"), ("z-last.txt", "done")
    ]  # fmt: skip
    found = [(member, status, reason or "") for file, member, status, reason in rows if file == name]
    assert [f[:2] for f in found] == [o[:2] for o in outcome]
    assert [o[2] for o, f in zip(outcome, found, strict=True) if o[2] not in f[2]] == []
    done = sum(status == "done" for *_, status, _ in rows)
    assert len(written(tmp_path / "out")["studies.jsonl"].splitlines()) == done


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.txt", PAGE)))
    data[6] |= 1  # the flag in the member's own header, and the one in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    run([tmp_path / "locked.zip"], tmp_path / "out")
    assert [(status, "encrypted" in str(reason)) for *_, status, reason in journal(tmp_path / "out")] == [
        ("failed", True)
    ]


def test_a_stream_of_any_length_is_read_a_record_at_a_time(tmp_path: Path, examples: Path) -> None:
    path = tmp_path / "many.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for n in range(3000):
            stream.write(record(n, examples) + b"\n" if n < 3 else LINE)
    read = [unit.read for unit in units([path])]
    assert len(read) == 3000
    assert read[0] <= read[-1]


def test_archives_are_read_where_they_are_named(tmp_path: Path, examples: Path) -> None:
    names = sorted(p.name for p in examples.iterdir())
    files = [(f"trials/{name}", (examples / name).read_bytes()) for name in names]
    (tmp_path / "a.zip").write_bytes(zipped(*files))
    (tmp_path / "b.tar.gz").write_bytes(tarred(*files))
    run([tmp_path], tmp_path / "packed")
    rows = journal(tmp_path / "packed")
    assert [(file, member) for file, member, *_ in rows] == [
        (archive, f"trials/{name}") for archive in ("a.zip", "b.tar.gz") for name in names
    ]
    assert {status for _, _, status, _ in rows} == {"done"}
