"""`criteria`, `check` and `match` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trialcite.run import trialcite


def test_plain_lines_become_constraints() -> None:
    result = trialcite("criteria", "-", stdin=b"HbA1c 7.5% to 10%\n\nAble to consent\n")
    first, second = map(json.loads, result.out.splitlines())
    (constraint,) = first["constraints"]
    assert (constraint["variable"], constraint["lower"]["value"], constraint["upper"]["value"]) == ("hba1c", 7.5, 10.0)
    assert (second["text"], second["constraints"]) == ("Able to consent", [])
    assert "consent" in second["topics"]


def test_rows_keep_their_other_keys(tmp_path: Path) -> None:
    rows = tmp_path / "criteria.jsonl"
    rows.write_text('{"doc": "a", "line": 3, "text": "Age > 18 years"}\n')
    out = tmp_path / "constraints.jsonl"
    assert trialcite("criteria", rows, "-o", out).code == 0
    row = json.loads(out.read_text())
    assert (row["doc"], row["line"], row["constraints"][0]["variable"]) == ("a", 3, "age")


@pytest.mark.parametrize(
    ("data", "says"),
    [(b'{"text": 3}', "line 1 has no text"), (b'{"text": "a"}\n{', "line 2 is not JSON"), (b"\xff\xfe", "not UTF-8")],
)
def test_a_broken_row_is_named(data: bytes, says: str) -> None:
    result = trialcite("criteria", "-", stdin=data)
    assert result.code == 3
    assert says in result.err


def test_check_names_both_lines_and_fails(examples: Path) -> None:
    result = trialcite("check", examples / "NCT99000003.txt")
    assert result.code == 1
    assert "age-disagreement" in result.out
    assert result.out.count("NCT99000003.txt:") == 3


def test_check_passes_what_agrees_with_itself(examples: Path) -> None:
    result = trialcite("check", examples / "NCT99000001.txt", "--json")
    assert (result.code, result.out) == (0, "")


def test_match_says_the_deciding_line(examples: Path) -> None:
    page = examples / "NCT99000001.txt"
    result = trialcite("match", page, "--patient", "82-year-old man", "--json")
    verdict = json.loads(result.out)
    deciding = next(j for j in verdict["judgements"] if j["status"] == "violated" and j["id"] == "maximumAge")
    assert verdict["verdict"] == "excluded"
    assert page.read_text().splitlines()[deciding["lines"][0] - 1] == "75 Years"


def test_match_never_guesses(examples: Path, tmp_path: Path) -> None:
    patient = tmp_path / "patient.json"
    patient.write_text("{}")
    verdict = json.loads(trialcite("match", examples / "NCT99000001.txt", "--patient", patient, "--json").out)
    assert verdict["verdict"] == "cannot_tell"
    assert verdict["ask"]


@pytest.mark.parametrize(("who", "code"), [("none.json", 3), ("", 2)])
def test_a_patient_that_cannot_be_read(examples: Path, who: str, code: int) -> None:
    assert trialcite("match", examples / "NCT99000001.txt", "--patient", who).code == code
