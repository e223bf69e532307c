"""Commands with a model: where settings come from, what a dry run says, what a dead endpoint costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prompts.stub import Stub, gives, probed
from tests.trialcite.run import trialcite

NOBODY = "http://127.0.0.1:9/v1"
"""The discard port: nothing answers there."""

SENTINEL = "sk-sentinel-key"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MODEL", "BASE_URL", "API_KEY"):
        monkeypatch.delenv(f"TRIALCITE_LLM_{name}", raising=False)
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_without_a_model_rules_go_alone(examples: Path) -> None:
    row = json.loads(trialcite("extract", examples / "NCT99000006.txt").out)
    assert row["run"]["method"] == "rules"


def test_asking_for_a_model_that_is_not_configured_is_usage(examples: Path) -> None:
    result = trialcite("extract", examples / "NCT99000006.txt", "--llm", "fill")
    assert result.code == 2
    assert "TRIALCITE_LLM_MODEL" in result.err


def test_a_dry_run_says_its_calls_and_writes_nothing(examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    args = ("--llm-model", "m", "--llm-base-url", NOBODY, "--dry-run", "-o", out)
    result = trialcite("extract", examples / "NCT99000006.txt", *args)
    assert result.code == 0
    assert "calls, about" in result.err
    assert not out.exists()


@pytest.mark.parametrize(("required", "code"), [(False, 0), (True, 5)])
def test_a_dead_endpoint_costs_nothing_but_the_model(examples: Path, required: bool, code: int) -> None:
    page = examples / "NCT99000006.txt"
    args = ("--llm-model", "m", "--llm-base-url", NOBODY, *(["--require-llm"] if required else []))
    result = trialcite("extract", page, *args)
    alone = json.loads(trialcite("extract", page).out)
    assert result.code == code
    assert json.loads(result.out)["study"] == alone["study"]
    assert "no connection" in result.err


def test_doctor_says_where_settings_come_from_and_never_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[llm]\nmodel = "from-file"\ntimeout = 7\n')
    monkeypatch.setenv("TRIALCITE_CONFIG", str(config))
    monkeypatch.setenv("TRIALCITE_LLM_MODEL", "from-environment")
    monkeypatch.setenv("OPENAI_API_KEY", SENTINEL)
    monkeypatch.setenv("TRIALCITE_LLM_BASE_URL", NOBODY)
    result = trialcite("doctor", "--llm", "--json")
    said = {row["what"].strip(): row["detail"] for row in json.loads(result.out)}
    assert said["model"] == "from-environment  (TRIALCITE_LLM_MODEL)"
    assert "config.toml [llm]" in said["timeout"]
    assert "OPENAI_API_KEY" in said["api_key"]
    assert "no connection" in said["endpoint"]
    assert SENTINEL not in result.out + result.err


@pytest.mark.parametrize(
    ("config", "says"),
    [("[llm", "cannot be read"), ("[other]", "no such table"), ("[llm]\nmodl = 1", "no such setting")],
)
def test_a_wrong_configuration_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: Path, config: str, says: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config)
    monkeypatch.setenv("TRIALCITE_CONFIG", str(path))
    result = trialcite("extract", examples / "NCT99000006.txt")
    assert result.code == 2
    assert says in result.err


@pytest.fixture(scope="module")
def library(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    assert trialcite("add", examples, "--library", folder, "-q").code == 0
    return folder


ASKED = ("ask", "how is it given?", "--trial", "NCT99000001")


@pytest.mark.weights
@pytest.mark.parametrize(("required", "code"), [(False, 0), (True, 5)])
def test_a_dead_endpoint_leaves_the_rules_answer(library: Path, required: bool, code: int) -> None:
    args = ("--llm", "full", "--llm-model", "m", "--llm-base-url", NOBODY, *(["--require-llm"] if required else []))
    result = trialcite(*ASKED, "--library", library, *args)
    assert result.code == code
    assert result.out == trialcite(*ASKED, "--library", library).out
    assert "no connection" in result.err


@pytest.mark.weights
def test_an_answer_says_what_the_model_was_heard_for(library: Path, tmp_path: Path) -> None:
    quote = "(claims)"
    with Stub(probed(lambda r: gives({"fields": None, "claims": [{"text": quote, "quotes": []}]}, r))) as stub:
        model = ("--llm", "full", "--llm-model", "m", "--llm-base-url", stub.url)
        log = tmp_path / "audit.jsonl"
        row = json.loads(trialcite(*ASKED, "--library", library, "--json", *model, "--llm-log", log).out)
        chat = trialcite("chat", "--library", library, *model, stdin=b"how is NCT99000001 given?\n")
    assert row["heard"]["model"] == "m"
    assert "failure" not in row["heard"]
    assert [r["text"] for r in row["removed"]] == [quote]
    assert {json.loads(line)["event"] for line in log.read_text().splitlines()} >= {"attempt"}
    assert (chat.code, chat.out.count(quote)) == (0, 1), "named as left out, once"


@pytest.mark.weights
def test_a_batch_asks_the_model_and_keeps_its_order(library: Path, tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": "how is it given?", "trial": f"NCT9900000{n}"} for n in (3, 1, 2)]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with Stub(probed(lambda r: gives({"fields": None, "claims": None}, r))) as stub:
        model = ("--llm", "full", "--llm-model", "m", "--llm-base-url", stub.url)
        result = trialcite("ask", "--batch", batch, "--library", library, *model)
        assert stub.calls
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == ["3", "1", "2"]


def test_without_a_model_no_model_package_is_imported(examples: Path) -> None:
    code = "import sys, trialcite.commands.ask, trialcite.answering; print({'openai', 'instructor'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
