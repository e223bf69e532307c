"""`trialcite extract` and `verify` on files a person has: outputs, exit codes, one clear line for each bad input."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.trialcite.run import trialcite

PAGE = "NCT99000001.txt"


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_page_becomes_one_evidenced_study(examples: Path) -> None:
    result = trialcite("extract", examples / PAGE)
    (row,) = rows(result.out)
    assert result.code == 0
    assert list(row) == ["document", "study", "evidence", "criteria", "findings", "outcomes", "run"]
    assert row["document"]["id"] == "NCT99000001"
    assert row["evidence"]


def test_a_folder_in_sorted_order(examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "studies.jsonl"
    result = trialcite("extract", examples, "-o", out)
    ids = [r["document"]["id"] for r in rows(out.read_text())]
    assert result.code == 0
    assert ids == [f"NCT9900000{n}" for n in range(1, len(ids) + 1)]
    assert f"{len(ids)} studies to {out}" in result.err


def test_stdin_and_the_api_agree_with_the_file(examples: Path) -> None:
    from trialcite import extract

    page = examples / PAGE
    (row,) = rows(trialcite("extract", "-", stdin=page.read_bytes()).out)
    assert row["study"] == extract(page).to_json()["study"]
    assert row["evidence"] == extract(page.read_text()).to_json()["evidence"]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_the_suffix_picks_the_format(examples: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"studies{suffix}"
    assert trialcite("extract", examples, "-o", out).code == 0
    text = out.read_text()
    if suffix == ".csv":
        table = list(csv.DictReader(io.StringIO(text)))
        assert [r["nct_id"] for r in table][:2] == ["NCT99000001", "NCT99000002"]
    else:
        studies = json.loads(text) if suffix == ".json" else rows(text)
        assert len(studies) >= 6


def test_a_table_for_the_eye(examples: Path) -> None:
    out = trialcite("extract", examples, "--format", "table").out
    assert out.splitlines()[0].split()[:2] == ["NCT", "ID"]
    assert max(map(len, out.splitlines())) <= 80


def test_structured_records_cite_on_request(examples: Path) -> None:
    record = examples / "NCT99000005.json"
    (bare,) = rows(trialcite("extract", record).out)
    (full,) = rows(trialcite("extract", record, "--evidence", "all").out)
    assert bare["evidence"] == {}
    assert full["evidence"]
    assert full["study"] == json.loads(record.read_text())


@pytest.fixture
def bad(tmp_path: Path, examples: Path) -> Path:
    """A folder with one good page among bad inputs."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes((examples / PAGE).read_bytes())
    return folder


BAD_INPUTS = {
    "empty.txt": (b"", "empty"),
    "binary.txt": (bytes(range(256)) * 40, "binary"),
    "truncated.json": (b'{"protocolSection": {"identificationModule": {"nctId": "NCT99', "JSON"),
    "other.json": (b'{"a": 1}', ""),
    "wrong.txt": (b"\xff\xfea", "UTF-16"),
    "broken.txt.gz": (gzip.compress(b"text " * 5000)[:60], "gzip"),
    "long.txt": (b"x" * 50_000_000, "MB"),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_a_bad_input_is_one_line_and_the_rest_is_written(bad: Path, tmp_path: Path, name: str) -> None:
    data, says = BAD_INPUTS[name]
    (bad / name).write_bytes(data)
    out = tmp_path / "out.jsonl"
    result = trialcite("extract", bad, "-o", out)
    complaints = [line for line in result.err.splitlines() if line.startswith("trialcite: ")]
    assert result.code == 3
    assert len(complaints) == 1
    assert name in complaints[0]
    assert says in complaints[0]
    assert len(rows(out.read_text())) == 1


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_nothing_readable_leaves_with_4(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD_INPUTS[name][0])
    assert trialcite("extract", tmp_path / name).code == 4


def test_what_may_not_be_read_and_what_is_no_file(bad: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    locked = tmp_path / "locked.txt"
    locked.write_text("x")
    locked.chmod(0)
    result = trialcite("extract", bad / "a.txt", tmp_path / "pipe.txt", locked, tmp_path / "none.txt")
    assert result.code == 3
    assert "pipe.txt: not a regular file" in result.err
    assert "none.txt: no such file or folder" in result.err
    if os.geteuid() != 0:  # root reads everything
        assert "locked.txt: Permission denied" in result.err


def test_an_output_is_whole_or_as_it_was(bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "studies.jsonl"
    out.write_text("before")
    assert trialcite("extract", bad / "a.txt", "-o", out, "--format", "nonsense").code == 2
    assert out.read_text() == "before"
    assert trialcite("extract", bad / "a.txt", "-o", out).code == 0
    assert stat.S_IMODE(out.stat().st_mode) & 0o600 == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["extract"], "PATH"),
        (["extract", "x.txt", "-o", "studies.xlsx"], "no format is known for .xlsx"),
        (["extract", "x.txt", "--formt", "csv"], "--formt"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_leaves_with_2_and_says_what(args: list[str], says: str) -> None:
    result = trialcite(*args)
    assert result.code == 2
    assert says in result.err


def test_verify_passes_what_extract_wrote(examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "studies.jsonl"
    trialcite("extract", examples, "-o", out, "--evidence", "all")
    result = trialcite("verify", out)
    assert (result.code, result.err.count("none failed")) == (0, 1)


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('"lines":[', '"lines":[1', "the quote is not at"),
        ('"quote":"', '"quote":"x', "the quote is not at"),
        ('"sha256":"', '"sha256":"0', "has changed since"),
        ('"path":"', '"path":"/nowhere', "cannot be read"),
        ('"study":{', '"study":{"hidden":1,', "a value without evidence"),
    ],
)
def test_verify_finds_what_was_tampered_with(examples: Path, was: str, now: str, says: str) -> None:
    line = trialcite("extract", examples / PAGE).out
    assert was in line
    result = trialcite("verify", "-", stdin=line.replace(was, now, 1).encode())
    assert result.code == 1
    assert says in result.err


def test_verify_sees_a_changed_source(bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "studies.jsonl"
    trialcite("extract", bad / "a.txt", "-o", out)
    (bad / "a.txt").write_text((bad / "a.txt").read_text().replace("RECRUITING", "COMPLETED"))
    result = trialcite("verify", out)
    assert result.code == 1
    assert "has changed since" in result.err


@pytest.mark.parametrize(
    ("data", "says"), [(b"{", "row 1 is not JSON"), (b'{"a": 1}', "neither"), (b'{"evidence": 1}', "shape")]
)
def test_verify_refuses_what_is_not_ours(data: bytes, says: str) -> None:
    result = trialcite("verify", "-", stdin=data)
    assert result.code == 3
    assert says in result.err
