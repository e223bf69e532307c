"""`trialcite evaluate` with models behind real HTTP: two endpoints compared, and what a dead one is scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.extract.model.oracle import Oracle
from tests.prompts.stub import Stub, fails, gives, probed
from tests.trialcite.run import trialcite

PAGE = "NCT99000006.txt"
NOBODY = "http://127.0.0.1:9/v1"
"""The discard port: nothing answers there."""


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MODEL", "BASE_URL", "API_KEY"):
        monkeypatch.delenv(f"TRIALCITE_LLM_{name}", raising=False)
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def study(examples: Path) -> dict[str, Any]:
    """What a person knows of the form: more than the rules read."""
    known: dict[str, Any] = json.loads(trialcite("extract", examples / PAGE).out)["study"]
    section = known["protocolSection"]
    section["sponsorCollaboratorsModule"]["collaborators"] = [{"name": "Port Alder Public Health Fund"}]
    return known


def labelled(study: dict[str, Any], tmp_path: Path) -> Path:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(study), "utf-8")
    return gold


def test_two_endpoints_are_compared_on_the_same_trials(study: dict[str, Any], examples: Path, tmp_path: Path) -> None:
    gold = labelled(study, tmp_path)
    prices = tmp_path / "prices.toml"
    prices.write_text("[wise]\ntokens_in = 10.0\ntokens_out = 30.0\n", "utf-8")
    wise, mute = Stub(probed(Oracle({"NCT99000006": study}))), Stub(probed(lambda r: gives({}, r)))
    with wise, mute:
        systems = ["--system", f"fill:wise@{wise.url}", "--against", f"fill:mute@{mute.url}", "--prices", prices]
        result = trialcite("evaluate", "extraction", gold, *systems, "--pages", examples / PAGE, "--json", "-")
    report = json.loads(result.out)
    first, second = report["systems"]
    assert (first["model"], second["model"]) == ("wise", "mute")
    assert first["cost"] == pytest.approx((first["tokens_in"] * 10 + first["tokens_out"] * 30) / 1e6)
    assert second["cost"] is None
    assert min(first["seconds_total"], second["seconds_total"]) > 0
    found = next(m for m in report["measures"] if (m["group"], m["name"]) == ("collaborators", "recall"))
    assert (found["value"], found["against"]["other"]) == (1, 0)


def test_what_the_rules_read_is_not_put_down_to_a_model_that_was_not_heard(
    study: dict[str, Any], examples: Path, tmp_path: Path
) -> None:
    gold = labelled(study, tmp_path)
    result = trialcite("evaluate", "extraction", gold, "--system", f"llm:m@{NOBODY}", "--pages", examples / PAGE)
    assert result.code == 5
    assert "no connection" in result.err
    assert "macro accuracy" not in result.out


def test_questions_that_a_model_did_not_answer_are_not_scored(examples: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    row = {"id": "q", "trial": "NCT99000001", "question": "Who is blinded?", "kind": "field", "must": [], "reject": []}
    questions.write_text(json.dumps(row | {"lines": [[80, 90]]}), "utf-8")
    pages = examples / "NCT99000001.txt"
    with Stub(probed(lambda _: fails(500))) as stub:
        result = trialcite("evaluate", "qa", questions, "--system", f"llm:m@{stub.url}", "--pages", pages)
    assert result.code == 5
    by_rules = trialcite("evaluate", "qa", questions, "--system", "rules", "--pages", pages)
    assert "rules: 1 scored" in by_rules.out


@pytest.mark.parametrize("task", ["criteria", "retrieval"])
def test_no_model_takes_part_in_parsing_and_searching(tmp_path: Path, task: str) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = {
        "criteria": {"id": "a", "input": "BMI > 30", "expected": []},
        "retrieval": {"id": "a", "lines": [1], "query": "age"},
    }
    gold.write_text(json.dumps(rows[task]), "utf-8")
    result = trialcite("evaluate", task, gold, "--system", "llm:m")
    assert result.code == 2
    assert "Traceback" not in result.err
