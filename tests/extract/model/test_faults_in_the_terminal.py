"""The fault matrix as a user meets it: the exit code, one line of reason, and the rules' study in every case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.extract.model.test_complete import FAULTS, NO_MODE, SLOW
from tests.prompts.common import SENTINEL
from tests.prompts.stub import Stub, probed
from tests.trialcite.run import trialcite

CASES = {name: probed(script) for name, (script, _) in FAULTS.items()} | NO_MODE


@pytest.mark.parametrize("policy", ["fill", "full"])
@pytest.mark.parametrize("fault", CASES)
def test_a_fault_ends_with_the_rules_study_and_code_5_only_where_the_model_is_required(
    fault: str, policy: str, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = examples / "NCT99000001.txt"
    alone = json.loads(trialcite("extract", page, "--llm", "off").out)["study"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Stub(CASES[fault]) as stub:
        settings = {"BASE_URL": stub.url, "MODEL": "m", "API_KEY": SENTINEL, "RETRIES": "0"}
        if fault in SLOW:
            settings |= {"TIMEOUT": "0.4", "DEADLINE": "0.5"}
        for name, value in settings.items():
            monkeypatch.setenv(f"TRIALCITE_LLM_{name}", value)
        for required in (False, True):
            result = trialcite("extract", page, "--llm", policy, *["--require-llm"] * required)
            assert result.code == (5 if required else 0)
            assert json.loads(result.out)["study"] == alone
            assert "model: " in result.err
            assert "Traceback" not in result.err
            assert SENTINEL not in result.out + result.err
