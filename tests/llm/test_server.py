"""The whole way with a real model server and a model that knows nothing: `make test-llm`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from extract.evidence import stands_at
from extract.extractor import Extracted, extract_paths
from extract.model.complete import Completed, Policy
from extract.model.run import ModelRun
from prompts.client import ModelClient
from prompts.settings import ModelSettings
from prompts.store import ReplyStore
from tests.conftest import ROOT
from tests.llm.server import CONTEXT_TOKENS
from tests.trialcite.run import trialcite

pytestmark = pytest.mark.llm


@pytest.fixture
def settings(endpoint: str) -> ModelSettings:
    """Settings for it. Replies are short, because nonsense goes on for as long as it may."""
    return ModelSettings(
        base_url=endpoint,
        model="random",
        context_tokens=CONTEXT_TOKENS,
        reply_tokens=1500,
        concurrency=1,
        timeout=300,
        deadline=300,
    )


def test_the_endpoint_is_found_to_decode_within_a_schema(settings: ModelSettings) -> None:
    async def report() -> list[tuple[str, bool]]:
        async with ModelClient(settings) as client:
            assert (await client.dialect()).mode == "JSON_SCHEMA"
            return [(r.mode, r.works) for r in await client.report_modes()]

    assert asyncio.run(report())[0] == ("JSON_SCHEMA", True)


def completed(paths: list[Path], settings: ModelSettings, policy: Policy, store: ReplyStore) -> list[Completed]:
    with ModelRun(settings, policy, store=store) as run:
        return [d for d in run.complete(extract_paths(paths)) if isinstance(d, Completed)]


def check(paths: list[Path], settings: ModelSettings, policy: Policy, tmp_path: Path) -> None:
    """Nonsense changes nothing, says so, and replays."""
    by_rules = [e for e in extract_paths(paths) if isinstance(e, Extracted)]
    store = ReplyStore(tmp_path / "replies.sqlite", program="test")
    done = completed(paths, settings, policy, store)
    assert len(done) == len(by_rules)
    for one, plain in zip(done, by_rules, strict=True):
        got, source = one.extraction, plain.reading.source
        assert got.study == plain.extraction.study
        assert got.criteria == plain.extraction.criteria
        assert all(stands_at(e.quote, e.lines, source) for proofs in got.evidence.values() for e in proofs)
        assert got.run.method == "rules+llm"
        assert got.run.usage
        assert got.run.usage["prompt_tokens"] > 0
        assert got.run.usage["estimated_tokens"] == 0
    again = completed(paths, settings, policy, store)
    assert [d.extraction.to_bytes() for d in again] == [d.extraction.to_bytes() for d in done]


@pytest.mark.parametrize("policy", ["fill", "full"])
def test_nonsense_changes_nothing_in_an_example(policy: Policy, settings: ModelSettings, tmp_path: Path) -> None:
    check([ROOT / "examples" / "NCT99000001.txt"], settings, policy, tmp_path)


def test_nonsense_changes_nothing_in_a_text_of_no_layout(settings: ModelSettings, tmp_path: Path) -> None:
    check([ROOT / "examples" / "NCT99000006.txt"], settings, "fill", tmp_path)


@pytest.mark.corpus
def test_nonsense_changes_nothing_in_the_seeds(corpus: Path, settings: ModelSettings, tmp_path: Path) -> None:
    check(sorted((corpus / "seeds").glob("*.txt")), settings, "full", tmp_path)


def test_the_commands(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALCITE_LLM_BASE_URL", endpoint)
    monkeypatch.setenv("TRIALCITE_LLM_MODEL", "random")
    monkeypatch.setenv("TRIALCITE_LLM_REPLY_TOKENS", "800")
    monkeypatch.setenv("TRIALCITE_LLM_CONTEXT_TOKENS", str(CONTEXT_TOKENS))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page = ROOT / "examples" / "NCT99000002.txt"
    doctor = trialcite("doctor", "--llm")
    assert "JSON_SCHEMA" in doctor.out + doctor.err
    log = tmp_path / "audit.jsonl"
    result = trialcite("extract", page, "--llm", "fill", "--llm-log", log)
    assert result.code == 0
    assert json.loads(result.out)["run"]["method"] == "rules+llm"
    plain = trialcite("extract", page, "--llm", "off")
    assert json.loads(result.out)["study"] == json.loads(plain.out)["study"]
    assert {json.loads(row)["event"] for row in log.read_text().splitlines()} >= {"attempt"}
    assert trialcite("extract", page, "--llm", "fill").out == result.out


@pytest.mark.weights
def test_nonsense_changes_no_answer(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALCITE_LLM_BASE_URL", endpoint)
    monkeypatch.setenv("TRIALCITE_LLM_REPLY_TOKENS", "400")
    monkeypatch.setenv("TRIALCITE_LLM_CONTEXT_TOKENS", str(CONTEXT_TOKENS))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library = tmp_path / "library"
    assert trialcite("add", ROOT / "examples", "--library", library, "-q").code == 0
    for question in ("how is it given?", "what trough level of tacrolimus is aimed at?"):
        asked = ("ask", question, "--trial", "NCT99000001", "--library", library, "--json")
        plain = json.loads(trialcite(*asked).out)
        row = json.loads(trialcite(*asked, "--llm", "full", "--llm-model", "random").out)
        assert (row["status"], row["answer"]) == (plain["status"], plain["answer"])
        assert row["heard"]["model"] == "random"
