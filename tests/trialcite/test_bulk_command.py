"""`trialcite extract` into a folder: what is said, exit codes, options that do not go together."""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest import mock

import pytest

from tests.trialcite.run import trialcite


def test_a_folder_as_output_is_a_bulk_run(examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = trialcite("extract", examples, "-o", out, "--tables", "csv", "--tables", "sqlite", "--workers", 1)
    assert result.code == 0
    assert sorted(p.name for p in out.iterdir() if not p.name.startswith(".")) == [
        "journal.sqlite", "studies.csv", "studies.jsonl", "studies.sqlite"
    ]  # fmt: skip
    assert (out / "studies.jsonl").read_text() == trialcite("extract", examples).out
    assert f"6 studies of 6 inputs to {out}" in result.err
    assert "fields: " in result.err
    again = trialcite("extract", examples, "-o", out, "--tables", "csv", "--tables", "sqlite")
    assert (again.code, "6 done before" in again.err) == (0, True)


def test_what_failed_is_said_once_and_counted(examples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(examples, folder)
    for n in range(3):
        (folder / f"broken{n}.json").write_bytes(b'{"protocolSection": ')
    result = trialcite("extract", folder, "-o", tmp_path / "out", "--workers", 1)
    assert result.code == 3
    assert result.err.count("trialcite: ") == 3
    assert "6 studies of 9 inputs" in result.err
    assert "3 failed" in result.err
    assert "failed: broken JSON (3 times)" in result.err


def test_nothing_readable_leaves_with_4(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    assert trialcite("extract", tmp_path / "a.txt", "-o", tmp_path / "out", "--workers", 1).code == 4


def test_paths_from_a_list_and_patterns(examples: Path, tmp_path: Path) -> None:
    names = f"{examples / 'NCT99000003.txt'}\n\n{examples / 'NCT99000001.txt'}\n"
    options = ("-o", tmp_path / "out", "--workers", 1)
    assert "2 studies of 2" in trialcite("extract", "--from-list", "-", *options, stdin=names.encode()).err
    globbed = trialcite("extract", examples / "*[12].txt", *options, "--fresh")
    assert "2 studies of 2" in globbed.err
    none = trialcite("extract", tmp_path / "*.txt", *options, "--fresh")
    assert (none.code, "no file of such a name" in none.err) == (4, True)


def test_stopped_at_the_first_failure(examples: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    options = ("-o", tmp_path / "out", "--workers", 1)
    result = trialcite("extract", tmp_path / "a.txt", examples, *options, "--fail-fast")
    assert (result.code, "stopped at the first failure" in result.err) == (3, True)
    assert trialcite("extract", tmp_path / "a.txt", examples, *options).code == 3


USAGE: list[tuple[tuple[object, ...], str]] = [
    (("x.txt", "--workers", 2), "-o FOLDER"),
    (("x.txt", "-o", "a.jsonl", "--tables", "csv"), "-o FOLDER"),
    (("x.txt", "-o", "out", "--seed", 2), "--seed is for --sample"),
    (("x.txt", "-o", "out", "--engine", "dask"), "go together"),
    (("x.txt", "-o", "out", "--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--workers", 2), "own workers"),
    (("-o", "out"), "no inputs"),
    (("-", "-o", "out", "--sample", 2), "stdin can be read once"),
    (("--from-list", "nowhere.txt", "-o", "out"), "nowhere.txt"),
    (("x.txt", "-o", "out", "--workers", 0), "--workers"),
]


@pytest.mark.parametrize(("args", "says"), USAGE)
def test_wrong_usage(args: tuple[object, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = trialcite("extract", *args)
    assert (result.code, says in result.err) == (2, True)


def test_another_run_in_the_folder_is_refused(examples: Path, tmp_path: Path) -> None:
    options = ("-o", tmp_path / "out", "--workers", 1)
    assert trialcite("extract", examples, *options).code == 0
    result = trialcite("extract", examples / "NCT99000001.txt", *options)
    assert result.code == 2
    assert "--fresh" in result.err
    assert trialcite("extract", examples / "NCT99000001.txt", *options, "--fresh").code == 0


def test_parquet_says_what_to_install(examples: Path, tmp_path: Path) -> None:
    with mock.patch("extract.bulk.columnar.find_spec", return_value=None):
        result = trialcite("extract", examples, "-o", tmp_path / "out", "--tables", "parquet")
    assert (result.code, "trialcite[parquet]" in result.err) == (2, True)
