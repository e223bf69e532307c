"""Settings from layered sources, and where each value came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prompts.settings import ModelSettings, from_environment, from_flags, from_table, resolve
from tests.prompts.common import SENTINEL
from trialcite.errors import ModelNotConfigured, UsageError

ENVIRONMENT = {
    "TRIALCITE_LLM_MODEL": "ours",
    "TRIALCITE_LLM_TIMEOUT": "30",
    "OPENAI_MODEL": "theirs",
    "OPENAI_API_KEY": SENTINEL,
    "OPENAI_BASE_URL": "http://localhost:8080/v1/",
    "OPENAI_ORG_ID": "not ours to read",
    "HOME": "/somewhere",
}
CONFIG = from_table({"model": "filed", "base_url": "http://filed:1/v1", "concurrency": 9}, where="trialcite.toml")


def test_earlier_sources_win_and_every_value_knows_its_own() -> None:
    resolved = resolve([from_flags({"model": "flagged", "timeout": None}), *from_environment(ENVIRONMENT), CONFIG])
    assert resolved.settings.model == "flagged"
    assert resolved.settings.base_url == "http://localhost:8080/v1"
    assert dict(resolved.origins) == {
        "model": "--llm-model",
        "timeout": "TRIALCITE_LLM_TIMEOUT",
        "api_key": "OPENAI_API_KEY",
        "base_url": "OPENAI_BASE_URL",
        "concurrency": "trialcite.toml: concurrency",
        **dict.fromkeys(["deadline", "retries", "context_tokens", "reply_tokens", "token_budget"], "default"),
    }


@pytest.mark.parametrize(
    ("layers", "model"),
    [
        (from_environment({}), None),
        (from_environment({"TRIALCITE_LLM_MODEL": "", "OPENAI_MODEL": "theirs"}), "theirs"),
        (from_environment({"TRIALCITE_LLM_MODEL": "ours", "OPENAI_MODEL": "theirs"}), "ours"),
        ([*from_environment({}), CONFIG], "filed"),
    ],
)
def test_rank_of_sources(layers: list[dict[str, object]], model: str | None) -> None:
    assert resolve(layers).settings.model == model  # type: ignore[arg-type]  # Layer, seen through parametrize


def test_without_a_model_there_is_no_model_name() -> None:
    with pytest.raises(ModelNotConfigured) as e:
        _ = resolve([]).settings.model_name
    assert e.value.exit_code == 2


@pytest.mark.parametrize(
    ("environ", "where", "said"),
    [
        ({"TRIALCITE_LLM_TIMEOUT": "soon"}, "TRIALCITE_LLM_TIMEOUT", "number"),
        ({"TRIALCITE_LLM_RETRIES": "-1"}, "TRIALCITE_LLM_RETRIES", "greater than or equal to 0"),
        ({"TRIALCITE_LLM_BASEURL": "http://x/v1"}, "TRIALCITE_LLM_BASEURL", "did you mean base_url"),
        ({"OPENAI_BASE_URL": "localhost:8080"}, "OPENAI_BASE_URL", "not an http or https address"),
        ({"OPENAI_BASE_URL": f"http://u:{SENTINEL}@h/v1"}, "OPENAI_BASE_URL", "give the key as the key"),
    ],
)
def test_a_value_that_cannot_be_names_its_source(environ: dict[str, str], where: str, said: str) -> None:
    with pytest.raises(UsageError) as e:
        resolve(from_environment(environ))
    assert e.value.where == where
    assert said in str(e.value)
    assert SENTINEL not in str(e.value)


def test_an_unknown_key_of_a_file_is_refused() -> None:
    with pytest.raises(UsageError, match="no such setting"):
        from_table({"modle": "x"}, where="trialcite.toml")


def test_shown_settings_hold_no_key() -> None:
    resolved = resolve(from_environment(ENVIRONMENT))
    rows = {field: shown for field, shown, _ in resolved.rows()}
    assert set(rows) == set(ModelSettings.model_fields)
    assert rows["api_key"] == "set, not shown"
    assert rows["token_budget"] == "not set"
    for text in (str(rows), repr(resolved), resolved.settings.model_dump_json(), str(resolved.settings)):
        assert SENTINEL not in text


@pytest.mark.parametrize(
    ("address", "exposed"),
    [("http://127.0.0.1:8080/v1", False), ("https://far.example/v1", False), ("http://far.example/v1", True)],
)
def test_a_key_in_the_clear_is_noticed(address: str, exposed: bool) -> None:
    assert ModelSettings(base_url=address, model="m", api_key=SENTINEL).exposes_key is exposed
    assert not ModelSettings(base_url=address, model="m").exposes_key


def test_settings_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        ModelSettings.model_validate({"colour": "red"})
    with pytest.raises(ValidationError):
        ModelSettings(model="m").model = "n"  # type: ignore[misc]  # that is the test


@given(st.lists(st.dictionaries(st.sampled_from(["model", "retries", "concurrency"]), st.integers(1, 9)), max_size=4))
def test_merging_takes_each_field_from_the_first_layer_that_has_it(tables: list[dict[str, int]]) -> None:
    named = [{k: str(v) if k == "model" else v for k, v in t.items()} for t in tables]
    resolved = resolve([from_table(t, where=str(i)) for i, t in enumerate(named)])
    for field in ("model", "retries", "concurrency"):
        first = next((i for i, t in enumerate(named) if field in t), None)
        assert resolved.origins[field] == ("default" if first is None else f"{first}: {field}")
        if first is not None:
            assert getattr(resolved.settings, field) == named[first][field]
