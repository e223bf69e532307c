"""`diff` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trialcite.run import trialcite


@pytest.fixture
def versions(examples: Path, tmp_path: Path) -> tuple[Path, Path]:
    text = (examples / "NCT99000005.json").read_text()
    record = json.loads(text)
    status = record["protocolSection"]["statusModule"]
    status["overallStatus"] = "WITHDRAWN"
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(record))
    return examples / "NCT99000005.json", newer


def test_a_record_equals_itself(examples: Path) -> None:
    result = trialcite("diff", examples / "NCT99000001.txt", examples / "NCT99000001.txt")
    assert result.code == 0
    assert result.out.splitlines()[-1].startswith("no difference in ")


def test_both_sides_are_shown_with_their_lines(versions: tuple[Path, Path]) -> None:
    result = trialcite("diff", *versions)
    assert result.code == 1
    assert "statusModule/overallStatus changed" in result.out
    assert "+ " in result.out
    assert "│ WITHDRAWN" in result.out
    assert all(len(line) <= 80 for line in result.out.splitlines()[2:])
    assert result.out.splitlines()[-1].startswith("1 field differs, 0 criteria differ; ")


def test_as_json_it_names_pointers_values_and_lines(versions: tuple[Path, Path]) -> None:
    row = json.loads(trialcite("diff", *versions, "--json").out)
    (change,) = row["fields"]
    assert not row["same"]
    assert change["b"]["pointer"] == "/protocolSection/statusModule/overallStatus"
    assert change["b"]["value"] == "WITHDRAWN"
    assert len(change["a"]["lines"]) == 2
