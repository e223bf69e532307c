"""`add`, `ask`, `search`, `show`, `export`, `doctor` as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.trialcite.run import trialcite
from trialcite.version import __version__


@pytest.fixture(scope="module")
def library(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    assert trialcite("add", examples, "--library", folder, "-q").code == 0
    return folder


@pytest.fixture
def pages(tmp_path: Path, examples: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in ("NCT99000001.txt", "NCT99000002.txt"):
        shutil.copy(examples / name, folder)
    return folder


def test_adding_again_skips_and_pruning_forgets(pages: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    assert "2 added" in trialcite("add", pages, "--library", library).err
    assert "2 unchanged" in trialcite("add", pages, "--library", library).err
    page = pages / "NCT99000001.txt"
    page.write_text(page.read_text().replace("RECRUITING", "COMPLETED", 1))
    assert "1 updated, 1 unchanged" in trialcite("add", pages, "--library", library).err
    page.unlink()
    assert "1 unchanged; " in trialcite("add", pages, "--library", library).err
    result = trialcite("add", pages, "--library", library, "--prune", "-v")
    assert "removed NCT99000001" in result.err
    assert result.err.rstrip().endswith("holds 1")


def test_the_library_is_found_upward_and_made_here(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pages)
    monkeypatch.delenv("TRIALCITE_LIBRARY", raising=False)
    assert trialcite("add", "NCT99000001.txt").code == 0
    assert (pages / ".trialcite").is_dir()
    (pages / "deep").mkdir()
    monkeypatch.chdir(pages / "deep")
    assert trialcite("export").code == 0


def test_bad_inputs_leave_the_library_as_it_was(pages: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    trialcite("add", pages, "--library", library)
    before = trialcite("export", "--library", library).out
    (tmp_path / "bad.txt").write_bytes(bytes(range(256)) * 9)
    result = trialcite("add", tmp_path / "bad.txt", "--library", library)
    assert result.code == 4
    assert "bad.txt: binary data" in result.err
    assert trialcite("add", pages, tmp_path / "bad.txt", "--library", library).code == 3
    assert trialcite("export", "--library", library).out == before


def test_a_field_question_is_answered_with_its_lines(library: Path, examples: Path) -> None:
    result = trialcite("ask", "who is blinded?", "--trial", "NCT99000001", "--library", library, "--json")
    answer = json.loads(result.out)
    assert (result.code, answer["status"]) == (0, "answered")
    page = (examples / "NCT99000001.txt").read_text().splitlines()
    for citation in answer["citations"]:
        first, last = citation["lines"]
        assert citation["quote"] in " ".join(page[first - 1 : last])


def test_an_answer_is_verified_offline(library: Path) -> None:
    answer = trialcite("ask", "who sponsors it?", "--trial", "NCT99000005", "--library", library, "--json").out
    result = trialcite("verify", "-", stdin=answer.encode())
    assert result.code == 0
    assert "none failed" in result.err


def test_an_answer_for_the_eye(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = trialcite("ask", "who is blinded?", "--trial", "NCT99000001", "--library", library).out
    assert "NCT99000001.txt:" in out
    assert " │ " in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_silence_is_an_answer(library: Path) -> None:
    result = trialcite("ask", "which telescope was used?", "--trial", "NCT99000001", "--library", library, "--json")
    assert result.code == 0
    assert json.loads(result.out)["status"] == "not_stated"


def test_a_batch_keeps_its_ids_and_order(library: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "b", "question": "what phase is it?", "trial": "NCT99000001", "kind": "field"},
        {"id": "a", "question": "what phase is it?", "trial": "NCT99999999"},
    ]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "answers.jsonl"
    result = trialcite("ask", "--batch", batch, "-o", out, "--library", library)
    answers = [json.loads(line) for line in out.read_text().splitlines()]
    assert result.code == 3
    assert [(a["id"], a["status"]) for a in answers] == [("b", "answered"), ("a", "failed")]
    assert "NCT99999999" in result.err


def test_search_hits_stand_at_their_lines(library: Path, examples: Path) -> None:
    result = trialcite("search", "kidney function", "--trial", "NCT99000001", "--library", library, "--json", "-k", "3")
    hits = json.loads(result.out)["hits"]
    page = (examples / "NCT99000001.txt").read_text().splitlines()
    assert len(hits) == 3
    for hit in hits:
        first, last = hit["lines"]
        assert " ".join(hit["text"].split()) in " ".join(" ".join(page[first - 1 : last]).split())
    assert [h["score"] for h in hits] == sorted((h["score"] for h in hits), reverse=True)


def test_show_prints_the_lines_that_citations_name(library: Path, examples: Path) -> None:
    out = trialcite("show", "NCT99000001", "--lines", "1-3", "--library", library).out
    page = (examples / "NCT99000001.txt").read_text().splitlines()
    assert [line.split("│ ", 1)[1] for line in out.splitlines()] == page[:3]
    assert trialcite("show", examples / "NCT99000001.txt", "--lines", "1-3").out == out


def test_show_finds_a_field(library: Path) -> None:
    out = trialcite("show", "NCT99000001", "--field", "minimumAge", "--library", library).out
    assert out.split()[-2:] == ["18", "Years"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["ask", "why?", "--trial", "NCT90000000"], 1, "NCT90000000"),
        (["ask"], 2, "give a question"),
        (["ask", "why?", "--batch", "x"], 2, "give a question"),
        (["search"], 2, "give a query"),
        (["show", "NCT99000001", "--lines", "9-2"], 2, "not a range"),
        (["show", "nothing-of-the-kind"], 1, "no such"),
        (["export", "--trial", "NCT90000000"], 1, "NCT90000000"),
        (["search", "x", "-k", "0"], 2, "-k"),
    ],
)
def test_what_cannot_be_done_is_one_line(library: Path, args: list[str], code: int, says: str) -> None:
    result = trialcite(*args, "--library", library)
    assert result.code == code
    assert says in result.err
    assert "Traceback" not in result.err


def test_no_library_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIALCITE_LIBRARY", raising=False)
    result = trialcite("ask", "why?")
    assert result.code == 1
    assert "trialcite add" in result.err


def test_doctor_says_what_works(library: Path) -> None:
    result = trialcite("doctor", "--library", library, "--json")
    assert result.code == 0
    rows = {row["what"]: row for row in json.loads(result.out)}
    assert rows["library"]["state"] == "ok"
    assert rows["trialcite"]["detail"] == f"{__version__} (plain Python)"


LIGHT = """
import sys
from trialcite.cli import main
sys.argv = ["trialcite", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"chromadb", "openai", "instructor"} & set(sys.modules)
    assert not heavy, heavy
"""


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["ask", "who is blinded?", "--trial", "NCT99000001"],
        ["ask", "how is the drug taken?", "--trial", "NCT99000001"],
        ["search", "kidney", "--trial", "NCT99000001"],
    ],
)
def test_one_trial_needs_neither_chroma_nor_a_model(library: Path, args: list[str]) -> None:
    where = [] if args == ["--help"] else ["--library", str(library)]
    done = subprocess.run([sys.executable, "-c", LIGHT, *args, *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_add_goes_on(examples: Path, tmp_path: Path, how: signal.Signals) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    text = (examples / "NCT99000001.txt").read_text()
    for n in range(30):
        (pages / f"NCT990001{n:02}.txt").write_text(text.replace("NCT99000001", f"NCT990001{n:02}"))
    library = tmp_path / "library"
    command = [
        sys.executable,
        "-c",
        "from trialcite.cli import main; main()",
        "add",
        str(pages),
        "--library",
        str(library),
    ]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (library / "library.sqlite").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.4)
    os.kill(running.pid, how)
    _, err = running.communicate()
    assert "Traceback" not in err
    assert how is signal.SIGKILL or running.returncode == 0 or "what was finished is kept" in err
    assert trialcite("add", pages, "--library", library).code == 0
    assert len(trialcite("export", "--library", library).out.splitlines()) == 30
    assert trialcite("search", "kidney", "--library", library, "--json").code == 0


def test_filters_and_likeness(library: Path) -> None:
    found = trialcite("search", "age", "--where", "phase=3", "--library", library, "--json").out
    assert {h["document"] for h in json.loads(found)["hits"]} == {"NCT99000005"}
    like = json.loads(trialcite("search", "--like", "NCT99000001", "--library", library, "--json").out)["hits"]
    assert "NCT99000001" not in {h["document"] for h in like}
    wrong = trialcite("search", "age", "--where", "colour=red", "--library", library)
    assert (wrong.code, "no field 'colour'" in wrong.err) == (2, True)


def test_reindexing_changes_nothing_found(library: Path) -> None:
    before = trialcite("search", "kidney function", "--library", library, "--json").out
    assert "documents indexed" in trialcite("reindex", "--library", library).err
    assert trialcite("search", "kidney function", "--library", library, "--json").out == before


def test_stats_tell_what_there_is_and_whether_it_is_whole(library: Path, tmp_path: Path) -> None:
    result = trialcite("library", "stats", "--library", library)
    assert (result.code, result.err) == (0, "")
    said = dict(line.split(maxsplit=1) for line in result.out.splitlines())
    assert said["documents"].startswith(str(len(trialcite("export", "--library", library).out.splitlines())))
    assert said["waiting"] == "nothing"
    copy = tmp_path / "copy"
    shutil.copytree(library, copy)
    shutil.rmtree(copy / "lexical")
    result = trialcite("library", "stats", "--library", copy, "--json")
    found = json.loads(result.out)
    assert (result.code, found["documents"]) == (1, int(said["documents"].split()[0]))
    assert [(c["part"], c["ok"]) for c in found["health"]] == [
        ("database", True),
        ("word index", False),
        ("vector index", True),
    ]
    assert trialcite("reindex", "--library", copy).code == 0
    assert trialcite("library", "stats", "--library", copy).code == 0
