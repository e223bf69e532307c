"""Prompt templates are data: every file is whole, and what fills a slot stays what it is."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from prompts.template import Block, Template, load, template_ids

SAMPLE = Template(
    id="sample", version=2, response_model="X", system=(Block(text="Read $what.", why="odd"),), user="[$text]"
)
RESPONSE_MODELS = {
    "Probe": "prompts.probe",
    "Reply": "extract.model.replies",
    "CriteriaFound": "extract.model.bounds",
    "ClaimsFound": "qa.model.replies",
    "QuestionRead": "qa.model.replies",
}


@pytest.mark.parametrize("name", template_ids())
def test_every_template_names_itself_and_a_real_response_model(name: str) -> None:
    template = load(name)
    assert template.id == name
    assert template.version >= 1
    module = importlib.import_module(RESPONSE_MODELS[template.response_model])
    assert issubclass(getattr(module, template.response_model), BaseModel)


def test_reasons_are_not_sent() -> None:
    prompt = SAMPLE.render(what="this", text="that")
    assert (prompt.system, prompt.user, prompt.name) == ("Read this.", "[that]", "sample@2")


def test_an_empty_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        SAMPLE.render(what="this")


@given(st.text())
def test_what_fills_a_slot_is_never_read_as_a_template(text: str) -> None:
    assert SAMPLE.render(what="", text=text + "$what${what}$$").user == f"[{text}$what${{what}}$$]"
