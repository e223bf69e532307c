"""Ten rounds of each fault, with fixed seeds: nothing is lost, searching works right after, the next add heals."""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from index import upkeep
from index.library import Library
from index.schema import MIGRATIONS
from tests.index.readings import ASTHMA, DIABETES, Letters, make
from trialcite.errors import LibraryLocked, LibraryTooNew, LibraryUnwritable

ROUNDS = 10
FILLING = 1_200
"""Enough for a vector index, and for Chroma to write its files."""

WRITER = """
import sys
from pathlib import Path
from index import upkeep
from index.library import Library
from tests.index.readings import ASTHMA, Letters, make
upkeep.VECTOR_INDEX_FROM = 1_000
first, many = int(sys.argv[2]), int(sys.argv[3])
with Library.create(Path(sys.argv[1]), embedder=Letters()) as library:
    for n in range(first, first + many):
        library.add(*make(ASTHMA.replace("NCT99000101", f"NCT99{n:06}"), path=f"{n}.txt"))
        print(n, flush=True)
        if n % 4 == 3:
            library.flush()
print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def vector_index_from_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "VECTOR_INDEX_FROM", 1_000)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trials, and a long record so that there is a vector index; copied by every test, used by none."""
    folder = tmp_path_factory.mktemp("pristine") / "library"
    before, upkeep.VECTOR_INDEX_FROM = upkeep.VECTOR_INDEX_FROM, 1_000
    with Library.create(folder, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="asthma.txt"))
        library.add(*make(DIABETES, path="diabetes.txt"))
        library.add(*make("\n\n".join(f"Visit {n} of the plan." for n in range(FILLING)), path="plan.txt"))
    upkeep.VECTOR_INDEX_FROM = before
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "library"))


def searched(folder: Path, documents: int | None = None, *, whole: bool = True) -> list[str]:
    """Every document comes back, and a search over all finds each one's own words. Returns what is said of it."""
    with Library.open(folder, embedder=Letters()) as library:
        assert documents in (None, len(library))
        assert library.search("glucalin every evening", k=1)[0].document == "NCT99000102"
        assert "Velocimab" in library.search("velocimab severe asthma", k=1)[0].text
        if whole:
            for d in library.documents():
                assert library.get(d.id).extraction.document == d
                assert library.get(d.id).source.sha256 == d.sha256
        return library.notes


def healed(folder: Path, documents: int | None = None) -> None:
    """The next writer heals, without being told; then all is well and agrees."""
    Library.create(folder, embedder=Letters()).close()
    assert not searched(folder, documents, whole=False)
    with Library.open(folder, embedder=Letters()) as library:
        assert [c.detail for c in library.health() if not c.ok] == []
        assert (library.stats().without_vectors, set(library.stats().behind.values())) == (0, {0})


# Killed writers


def test_killed_at_any_point(folder: Path) -> None:
    rng, added = random.Random(7), 3
    for turn in range(ROUNDS):
        arguments = [sys.executable, "-c", WRITER, str(folder), str(1000 + 40 * turn), "40"]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            said = [writer.stdout.readline() for _ in range(rng.randrange(1, 9))]
            time.sleep(rng.random() * 0.1)
            writer.kill()
            said += writer.stdout.readlines()
        acknowledged = [int(line) for line in said if line.strip().isdigit() and line.endswith("\n")]
        with Library.open(folder, embedder=Letters()) as reader:
            assert all(f"NCT99{n:06}" in reader for n in acknowledged)
            assert len(reader) >= added + len(acknowledged)
            added = len(reader)
        searched(folder, added, whole=False)
    searched(folder, added)
    healed(folder, added)


# Damaged indexes


def _damage(path: Path, rng: random.Random) -> str:
    """What a bad disk or a clumsy hand does to one file."""
    data = bytearray(path.read_bytes())
    what = rng.choice(("cut", "zeros", "noise", "gone", "empty", "longer"))
    at = rng.randrange(max(1, len(data)))
    match what:
        case "cut":
            data = data[:at]
        case "zeros":
            data[at : at + 4096] = bytes(min(4096, len(data) - at))
        case "noise":
            data[at : at + 512] = rng.randbytes(min(512, len(data) - at))
        case "empty":
            data.clear()
        case "longer":
            data += rng.randbytes(100)
    path.unlink()
    if what != "gone":
        path.write_bytes(data)
    return f"{what} {path.name}"


@pytest.mark.parametrize(("part", "seed"), [("vectors", 11), ("lexical", 12)])
def test_damaged_indexes(folder: Path, part: str, seed: int) -> None:
    rng = random.Random(seed)
    for turn in range(ROUNDS):
        files = [p for p in (folder / part).rglob("*") if p.is_file() and not p.name.startswith(".")]
        files.sort(key=lambda p: (p.suffix, p.stat().st_size))  # some names are made by chance
        what = {_damage(path, rng) for path in rng.sample(files, min(len(files), rng.choice((1, 1, 2))))}
        said = searched(folder, 3, whole=turn == 0)
        assert all("compar" in note or "word index" in note for note in said), what
        healed(folder, 3)


def test_an_index_damaged_while_it_is_open(folder: Path) -> None:
    with Library.open(folder, embedder=Letters()) as library:
        assert library.search("glucalin every evening", k=1)[0].document == "NCT99000102"
        for path in (folder / "lexical").iterdir():
            if not path.name.startswith("."):
                path.write_bytes(b"\xff" * path.stat().st_size)
        with suppress(OSError):
            (folder / "vectors" / "chroma.sqlite3").unlink()
        assert library.search("glucalin every evening", k=1)[0].document == "NCT99000102"
    healed(folder, 3)


# A full disk


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """No file of this process may grow above so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(folder: Path) -> None:
    rng, documents = random.Random(13), 3
    refused = 0
    for turn in range(ROUNDS):
        name = f"NCT99{2000 + turn:06}"
        record = make(ASTHMA.replace("NCT99000101", name) + "\n\nMore words.\n" * 4_000, path=f"{turn}.txt")
        said = ""
        try:
            with (
                _files_at_most(rng.choice((200, 4_096, 50_000, 300_000, 900_000, 1_200_000))),
                Library.create(folder, embedder=Letters()) as library,
            ):
                library.add(*record)
                library.flush()
        except LibraryUnwritable as e:
            said = str(e)
            refused += 1
        assert not said or "see who may write there" in said
        with Library.open(folder, embedder=Letters()) as library:
            documents += name in library
        searched(folder, documents, whole=turn % 3 == 0)
    assert refused
    searched(folder, documents)
    healed(folder, documents)


# Two writers


def test_two_writers(folder: Path) -> None:
    rng = random.Random(14)
    arguments = [sys.executable, "-c", WRITER, str(folder), "3000", "60"]
    said: list[str] = []
    added = 0
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        writer.stdout.readline()
        for turn in range(ROUNDS):
            try:
                with Library.create(folder, embedder=Letters()) as mine:
                    mine.add(*make("Zirconium implants in the jaw.", path=f"mine{turn}.txt"))
                    added += 1
            except LibraryLocked as e:
                said.append(str(e))
            searched(folder, whole=False)
            time.sleep(rng.random() * 0.02)
        assert writer.stdout.read().endswith("done\n")
    assert len(said) + added == ROUNDS
    assert said
    assert all(f"process {writer.pid} on " in line for line in said)
    healed(folder, 63 + added)


# A library from a newer version


def _open(folder: Path) -> None:
    Library.open(folder, embedder=Letters()).close()


def _write(folder: Path) -> None:
    Library.open(folder, write=True, embedder=Letters()).close()


def _create(folder: Path) -> None:
    Library.create(folder, embedder=Letters()).close()


def test_a_library_from_a_newer_version(folder: Path) -> None:
    rng = random.Random(15)
    ways: list[Callable[[Path], None]] = [_open, _write, _create]
    for _ in range(ROUNDS):
        later = len(MIGRATIONS) + rng.randrange(1, 1_000)
        with Library.create(folder, embedder=Letters()) as library:
            library._store._db.execute(f"PRAGMA user_version={later}")
        before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix not in (".lock", "")}
        with pytest.raises(LibraryTooNew, match=f"schema {later}.*upgrade trialcite"):
            rng.choice(ways)(folder)
        assert {p: p.read_bytes() for p in before if p.is_file()} == before
        _set_version(folder, len(MIGRATIONS))
        searched(folder, 3, whole=False)
    healed(folder, 3)


def _set_version(folder: Path, version: int) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "library.sqlite")) as db:
        db.execute(f"PRAGMA user_version={version}")
