"""The library as its users see it: what is added is there, found, replaced and removed, whoever reads meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.library import Added, Library, Unchanged, Updated, find_library
from index.schema import MIGRATIONS
from tests.index.readings import ASTHMA, DIABETES, Letters, make
from trialcite.errors import (
    EmbedderMismatch,
    LibraryDamaged,
    LibraryLocked,
    LibraryNotFound,
    LibraryTooNew,
    UnknownDocument,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".trialcite"


@pytest.fixture
def filled(folder: Path) -> Path:
    with Library.create(folder, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="asthma.txt"))
        library.add(*make(DIABETES, path="diabetes.txt"))
    return folder


def test_what_is_added_comes_back_as_it_was(filled: Path) -> None:
    reading, extraction = make(ASTHMA, path="asthma.txt")
    with Library.open(filled) as library:
        stored = library.get("NCT99000101")
        assert (stored.id, stored.document) == ("NCT99000101", extraction.document)
        assert stored.source == reading.source
        assert stored.reading == reading
        assert stored.passages == reading.passages
        assert stored.extraction == extraction
        assert stored.extraction_json == extraction.to_json()
        assert [d.id for d in library.documents()] == ["NCT99000101", "NCT99000102"]
        assert len(library) == 2
        assert "NCT99000101" in library
        assert "NCT99000199" not in library


def test_adding_again(folder: Path) -> None:
    embedder = Letters()
    with Library.create(folder, embedder=embedder) as library:
        made = make(ASTHMA, path="a.txt")
        assert not library.holds("a.txt", made[0].source.sha256)
        assert library.add(*made) == Added("NCT99000101")
        assert library.holds("a.txt", made[0].source.sha256)
        assert not library.holds("a.txt", made[0].source.sha256, member="/1")
        assert library.add(*made) == Unchanged("NCT99000101")
        library.flush()
        embedded = embedder.embedded
        assert library.add(*made) == Unchanged("NCT99000101")
        library.flush()
        assert embedder.embedded == embedded
        assert library.add(*make(ASTHMA + "\nMore.", path="a.txt")) == Updated("NCT99000101")
        assert library.add(*make(ASTHMA, path="b.txt")) == Updated("NCT99000101", replaced="a.txt")
        assert len(library) == 1
        assert library.get("NCT99000101").document.path == "b.txt"


def test_files_of_one_name_are_told_apart(folder: Path) -> None:
    with Library.create(folder, embedder=Letters()) as library:
        assert library.add(*make("One protocol.", path="a/notes.txt")) == Added("notes")
        assert library.add(*make("Another protocol.", path="b/notes.txt")) == Added("notes~2")
        assert library.add(*make("Another protocol!", path="b/notes.txt")) == Updated("notes~2")
        assert library.get("notes~2").extraction.document.id == "notes~2"
        assert library.get("notes").source.text == "One protocol."


def test_a_file_that_tells_of_another_trial_now(folder: Path) -> None:
    with Library.create(folder, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="a.txt"))
        assert library.add(*make(DIABETES, path="a.txt")) == Updated("NCT99000102")
        assert [d.id for d in library.documents()] == ["NCT99000102"]


@pytest.mark.parametrize("unit", ["chunk", "line"])
@pytest.mark.parametrize("document", [None, "NCT99000101"])
def test_search_finds_the_line_and_says_where(filled: Path, unit: str, document: str | None) -> None:
    with Library.open(filled, embedder=Letters()) as library:
        hit = library.search("FEV1 below 60% of predicted", document=document, unit=unit, k=3)[0]  # type: ignore[arg-type]  # parametrized
        assert (hit.document, hit.lines, hit.text) == (
            "NCT99000101",
            (18, 18),
            "2. FEV1 below 60% of the predicted value;",
        )
        assert (hit.section, hit.label, hit.path) == ("Eligibility Criteria", "inclusion criterion", "asthma.txt")
        assert hit.sha256 == library.get("NCT99000101").document.sha256


def test_lines_of_a_passage_are_found_one_by_one(filled: Path) -> None:
    with Library.open(filled, embedder=Letters()) as library:
        chunk = library.search("Northmoor Chest Clinic", document="NCT99000101", k=1)[0]
        line = library.search("Northmoor Chest Clinic", document="NCT99000101", unit="line", k=1)[0]
        assert (chunk.lines, chunk.text) == ((29, 30), "Northmoor Chest Clinic\nBelmarsh, Freedonia")
        assert (line.lines, line.text) == ((29, 29), "Northmoor Chest Clinic")


def test_hits_are_distinct_ordered_and_quoted_from_their_lines(filled: Path) -> None:
    with Library.open(filled, embedder=Letters()) as library:
        hits = library.search("type 2 diabetes severe asthma", unit="line", k=50)
        assert len({(h.document, h.lines) for h in hits}) == len(hits) > 20
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
        assert all(h.text in library.get(h.document).source.span(*h.lines) for h in hits)
        assert len(library.search("asthma", k=2)) == 2


def test_the_context_helps_and_is_not_quoted(filled: Path) -> None:
    with Library.open(filled, embedder=Letters()) as library:
        hit = library.search("sponsors", document="NCT99000102", k=1)[0]
        assert (hit.section, hit.text) == ("Sponsors", "Freedonian Society for Metabolism")


def test_removed_and_replaced_documents_are_not_found(filled: Path) -> None:
    with Library.create(filled, embedder=Letters()) as library:
        library.remove("NCT99000101")
        assert {h.document for h in library.search("severe asthma", k=20)} == {"NCT99000102"}
        library.add(*make(DIABETES.replace("glucalin", "sweetamab"), path="diabetes.txt"))
        found = library.search("sweetamab glucalin", k=20, unit="line")
        assert not [h for h in found if "glucalin" in h.text]
        assert [h for h in found if "sweetamab" in h.text]
        with pytest.raises(UnknownDocument, match="NCT99000101"):
            library.remove("NCT99000101")
    with Library.open(filled, embedder=Letters()) as library:
        assert {h.document for h in library.search("severe asthma", k=20)} == {"NCT99000102"}
        with pytest.raises(UnknownDocument):
            library.get("NCT99000101")


def test_what_is_added_is_found_before_it_is_indexed(filled: Path) -> None:
    with Library.open(filled, embedder=Letters()) as reader, Library.create(filled, embedder=Letters()) as writer:
        assert reader.search("zirconium implants", k=1)[0].document != "zirconium"
        writer.add(*make("Zirconium implants in the jaw.", path="zirconium.txt"))
        assert reader.search("zirconium implants", k=1)[0].document == "zirconium"
        writer.flush()
        assert reader.search("zirconium implants", k=1)[0].document == "zirconium"
        assert writer.search("zirconium implants", k=1)[0].document == "zirconium"


def test_the_indexes_follow_during_a_long_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.INDEXED_AT_ONCE", 30)
    with Library.create(folder, embedder=Letters()) as library:
        behind = []
        for n in range(8):
            library.add(*make(ASTHMA.replace("NCT99000101", f"NCT99{n:06}"), path=f"{n}.txt"))
            behind.append(library.stats().behind["lexical"])
        assert behind == [1, 2, 0, 1, 2, 0, 1, 2]


def test_without_an_embedder_words_are_searched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with Library.create(folder) as library:
        library.add(*make(ASTHMA, path="asthma.txt"))
        library.flush()
        assert library.search("current smokers", k=1)[0].lines == (20, 20)
        (note,) = library.notes
        assert note.startswith("searching by words alone: the embedding weights are not installed")
    with Library.create(folder, embedder=Letters()) as library:  # now there is one: it makes what was left out
        assert not library.notes
    with Library.open(folder, embedder=Letters()) as library:
        assert library._store.without_vectors() == []


def test_vectors_of_two_embedders_are_not_mixed(filled: Path) -> None:
    other = Letters("letters/2")
    with Library.open(filled, embedder=other) as library:
        with pytest.raises(EmbedderMismatch, match="reindex --embedder letters"):
            library.search("asthma")
        assert library.get("NCT99000101").source.line(3) == "NCT ID: NCT99000101"
    with Library.create(filled, embedder=other) as library:
        library.reindex(everything=True)
    with Library.open(filled, embedder=other) as library:
        assert library.search("asthma")


def test_one_writes_and_others_read(filled: Path) -> None:
    with Library.create(filled, embedder=Letters()):
        with pytest.raises(LibraryLocked, match=r"process \d+ on .* is writing since"):
            Library.open(filled, write=True)
        with Library.open(filled, embedder=Letters()) as reader:
            assert reader.search("asthma")
    Library.open(filled, write=True, embedder=Letters()).close()


def test_libraries_that_cannot_be_opened(tmp_path: Path, filled: Path) -> None:
    with pytest.raises(LibraryNotFound, match="trialcite add"):
        Library.open(tmp_path / "none")
    database = filled / "library.sqlite"
    with Library.create(filled, embedder=Letters()) as library:
        library._store._db.execute("PRAGMA user_version=99")
    for write in (False, True):
        with pytest.raises(LibraryTooNew, match="later trialcite"):
            Library.open(filled, write=write)
    database.write_bytes(b"no database at all" * 1000)
    for write in (False, True):
        with pytest.raises(LibraryDamaged):
            Library.open(filled, write=write)


def test_the_nearest_library_upward(filled: Path) -> None:
    deep = filled.parent / "a" / "b"
    deep.mkdir(parents=True)
    assert find_library(deep) == filled == find_library(filled.parent)
    with pytest.raises(LibraryNotFound):
        find_library(Path(filled.anchor))


def test_stats(filled: Path) -> None:
    with Library.create(filled, embedder=Letters()) as library:
        library.add(*make("One more.", path="more.txt"))
        stats = library.stats()
        assert (stats.documents, stats.chunks, stats.formats) == (3, 24, {"page-text": 3})
        assert (stats.embedder, stats.embedder_name, stats.dimension) == ("letters/1", "letters", 64)
        assert (stats.schema, stats.without_vectors, stats.other_version) == (len(MIGRATIONS), 1, 0)
        assert stats.behind == {"lexical": 1, "vectors": 0}
        assert stats.sizes["truth"] > 0 == stats.sizes["vectors"]
        library.flush()
        assert (library.stats().without_vectors, library.stats().behind["lexical"]) == (0, 0)
        library._store._db.execute("UPDATE documents SET version = '0' WHERE id = 'more'")
        assert library.stats().other_version == 1
        assert [(c.part, c.ok) for c in library.health()] == [
            ("database", True),
            ("word index", True),
            ("vector index", True),
        ]


def test_one_document_is_searched_without_the_indexes_of_all(filled: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from index.library import Library
with Library.open(Path({str(filled)!r})) as library:
    list(library.documents()), library.get("NCT99000101").extraction
    light = set(sys.modules)
print(*sorted({{"numpy", "onnxruntime", "tantivy", "chromadb", "openai", "onnx"}} & light))
from tests.index.readings import Letters
with Library.open(Path({str(filled)!r}), embedder=Letters()) as library:
    library.search("asthma", document="NCT99000101")
print(*sorted({{"chromadb", "openai", "onnxruntime", "onnx"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["", "", ""]
