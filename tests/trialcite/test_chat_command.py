"""`chat` as a user meets it, its questions piped in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trialcite.run import Result, trialcite

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def library(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    assert trialcite("add", examples, "--library", folder, "-q").code == 0
    return folder


def chat(library: Path, *lines: str, options: tuple[str, ...] = ()) -> Result:
    return trialcite("chat", "--library", library, *options, stdin="".join(f"{n}\n" for n in lines).encode())


def test_a_question_leans_on_those_before(library: Path) -> None:
    result = chat(library, "what phase is NCT99000001?", "", "what about NCT99000003?", "and the other one?")
    assert result.code == 0
    answers = [line for line in result.out.splitlines() if line and not line.startswith(" ")]
    assert answers == ["Phase 2.", "No phase applies to this trial.", "Phase 2."]


def test_commands(library: Path) -> None:
    lines = "/trial NCT99000001", "what phase is it?", "/sources", "/json", "/trials", "/help", "/quit", "/nonsense"
    result = chat(library, *lines)
    assert (result.code, result.err) == (0, "")
    answer = json.loads(next(line for line in result.out.splitlines() if line.startswith("{")))
    assert answer["trials"] == ["NCT99000001"]
    first = answer["citations"][0]["lines"][0]
    assert f"\n{first - 1} │ " in result.out
    assert f"\n{first} │ " in result.out
    assert "NCT99000006  " in result.out
    assert "/sources      " in result.out


def test_as_json_each_answer_is_a_line(library: Path) -> None:
    result = chat(library, "what phase is it?", "who pays?", options=("--trial", "NCT99000001", "--json"))
    assert [json.loads(line)["trials"] for line in result.out.splitlines()] == [["NCT99000001"]] * 2


def test_a_line_that_cannot_be_done_is_said_and_the_rest_goes_on(library: Path) -> None:
    result = chat(library, "/nonsense", "/sources", "/trial NCT00000000", "what phase is NCT99000001?")
    assert result.code == 3
    assert "no command /nonsense" in result.err
    assert "nothing was asked yet" in result.err
    assert "NCT00000000" in result.err
    assert "Phase" in result.out
    assert chat(library, "/nonsense").code == 4


def test_an_unknown_trial_is_refused_at_once(library: Path) -> None:
    result = trialcite("chat", "--library", library, "--trial", "NCT00000000", stdin=b"what phase is it?\n")
    assert result.code != 0
    assert "NCT00000000" in result.err
