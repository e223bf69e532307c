"""From paths to files: sorted, hidden ones passed over, what is missing named in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.inputs import expand
from trialcite.errors import InputError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.txt", "c.json.gz", "d.JSONL", "logo.png", ".hidden.txt", "deep/z.txt", ".git/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    return tmp_path


def names(found: list[Path | InputError], below: Path) -> list[str]:
    return [str(f.relative_to(below)) if isinstance(f, Path) else type(f).__name__ for f in found]


def test_a_folder_gives_its_records_sorted(tree: Path) -> None:
    assert names(list(expand([tree])), tree) == ["a.txt", "b.txt", "c.json.gz", "d.JSONL", "deep/z.txt"]


def test_a_named_file_is_always_tried_and_order_is_kept(tree: Path) -> None:
    found = list(expand([tree / "logo.png", tree / "missing.txt", tree / "a.txt"]))
    assert names(found, tree) == ["logo.png", "UnreadableInput", "a.txt"]
    assert "missing.txt: no such file" in str(found[1])


def test_a_folder_without_records_is_said(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_text("x")
    (error,) = expand([tmp_path])
    assert isinstance(error, InputError)
    assert "no records in this folder" in str(error)
    assert ".jsonl" in str(error)


def test_a_folder_that_loops_is_read_once(tree: Path) -> None:
    (tree / "deep" / "up").symlink_to(tree)
    assert names(list(expand([tree])), tree).count("deep/z.txt") == 1
