"""What must never be lost: damaged indexes, full disks, readers beside writers. Rounds of each: test_fault_rounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index import schema, upkeep
from index.library import Library
from index.vectors import VectorsBusy, VectorsFolder
from tests.index.readings import ASTHMA, DIABETES, Letters, make
from trialcite.errors import LibraryUnwritable


@pytest.fixture(autouse=True)
def vector_index_from_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "VECTOR_INDEX_FROM", 1_000)


def _filled(folder: Path) -> Path:
    """Two trials, and a long record so that there is a vector index."""
    with Library.create(folder, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="asthma.txt"))
        library.add(*make(DIABETES, path="diabetes.txt"))
        library.add(*make("\n\n".join(f"Visit {n} of the plan." for n in range(1_200)), path="plan.txt"))
    assert (folder / "vectors.seal").is_file()
    return folder


def _all_is_there(folder: Path, documents: int = 3) -> None:
    """Every source and extraction comes back, and a search over all finds each document's own words."""
    with Library.open(folder, embedder=Letters()) as library:
        assert len(library) == documents
        for d in library.documents():
            assert library.get(d.id).extraction.document == d
        assert library.search("glucalin every evening", k=1)[0].document == "NCT99000102"
        assert library.search("velocimab severe asthma", k=1)[0].text.count("Velocimab")


def _overwrite(pattern: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for path in folder.glob(pattern):
            if path.is_file():
                path.write_bytes(b"\xff" * max(8, path.stat().st_size))

    return damage


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: shutil.rmtree(folder / name)


def _from_another(name: str) -> Callable[[Path], None]:
    def swap(folder: Path) -> None:
        other = _filled(folder.with_name("other"))
        shutil.rmtree(folder / name)
        shutil.copytree(other / name, folder / name)

    return swap


@pytest.mark.parametrize(
    "damage",
    [
        _overwrite("vectors/*/*.bin"),
        _overwrite("vectors/chroma.sqlite3"),
        _overwrite("vectors/**/*"),
        _overwrite("vectors.seal"),
        _remove("vectors"),
        _from_another("vectors"),
        _overwrite("lexical/*.idx"),
        _overwrite("lexical/*.term"),
        _overwrite("lexical/meta.json"),
        _overwrite("lexical/*"),
        _remove("lexical"),
        _from_another("lexical"),
    ],
    ids=[
        "hnsw",
        "chroma",
        "vectors",
        "seal",
        "no vectors",
        "other's vectors",
        "postings",
        "terms",
        "meta",
        "lexical",
        "no lexical",
        "other's lexical",
    ],
)
def test_damaged_indexes_are_done_without_and_made_anew(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = _filled(tmp_path / "library")
    damage(folder)
    _all_is_there(folder)
    Library.create(folder, embedder=Letters()).close()
    _all_is_there(folder)
    with Library.open(folder, embedder=Letters()) as healed:
        assert healed.search("glucalin")
        assert not healed.notes


def test_a_library_that_was_moved_or_copied_keeps_its_indexes(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(_filled(tmp_path / "library"), copy, copy_function=shutil.copyfile)
    _all_is_there(copy)
    with Library.open(copy, embedder=Letters()) as library:
        assert library.search("asthma")
        assert not library.notes


def test_reading_leaves_the_vector_index_as_it_was(tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library")
    files = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.glob("vectors/*/*")}
    for _ in range(2):
        with Library.open(folder, embedder=Letters()) as one, Library.open(folder, embedder=Letters()) as other:
            assert one.search("asthma")
            assert other.search("diabetes")
            assert not one.notes + other.notes
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.glob("vectors/*/*")} == files


def test_a_writer_with_nothing_to_do_leaves_the_indexes_as_they_are(tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library")
    sealed = {p: p.stat().st_mtime_ns for p in folder.glob("*.seal")}
    assert len(sealed) == 2
    Library.create(folder, embedder=Letters()).close()
    assert {p: p.stat().st_mtime_ns for p in folder.glob("*.seal")} == sealed


def test_an_emptied_database_of_chroma_is_noticed(tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library")
    (folder / "vectors" / "chroma.sqlite3").write_bytes(b"")
    _all_is_there(folder)
    Library.create(folder, embedder=Letters()).close()
    with Library.open(folder, embedder=Letters()) as healed:
        assert healed.search("glucalin")
        assert not healed.notes


def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library")
    with Library.create(folder, embedder=Letters()) as library:
        pages = library._store._db.execute("PRAGMA page_count").fetchone()[0]
        library._store._db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(LibraryUnwritable, match="full"):
            library.add(*make("word " * 100_000, path="big.txt"))
        assert "big" not in library
        library._store._db.execute("PRAGMA max_page_count=1000000")
    _all_is_there(folder)


def test_a_vector_index_is_never_open_to_a_writer_and_a_reader(tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library")
    with Library.open(folder, embedder=Letters()) as reader:
        reader.search("asthma")
        with pytest.raises(VectorsBusy), VectorsFolder(folder / "vectors", "any").writing(anew=True):
            pass
        with Library.create(folder, embedder=Letters()) as writer:
            writer.add(*make("Zirconium implants.", path="zirconium.txt"))
            writer.flush()
            assert [n for n in writer.notes if "next add tries again" in n]
        assert reader.search("zirconium implants", k=1)[0].document == "zirconium"
    Library.create(folder, embedder=Letters()).close()
    with Library.open(folder, embedder=Letters()) as after:
        assert after.search("zirconium implants", k=1)[0].document == "zirconium"
        assert not after.notes


def test_an_older_library_is_brought_to_the_present_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _filled(tmp_path / "library")
    step = ("CREATE TABLE later (x)", "INSERT INTO later VALUES (1)")
    monkeypatch.setattr("index.database.MIGRATIONS", (*schema.MIGRATIONS, step))
    with Library.create(folder, embedder=Letters()) as library:
        assert library._store._db.execute("SELECT x FROM later").fetchone() == (1,)
    _all_is_there(folder)
    with Library.create(folder, embedder=Letters()) as library:
        assert library._store._db.execute("SELECT COUNT(*) FROM later").fetchone() == (1,)
