"""What is asked for is data: every row is whole, and a reply has a place for each."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from extract.model.asks import Ask, asks, described, groups
from extract.model.replies import CitedPassage, proposals, reply_model
from extract.rules.fields import fields
from prompts.template import load, template_ids

ALL = tuple(asks().values())
NOT_ASKED = {"hasResults", "relatedTrials", "interventionArms"}


def test_every_field_is_asked_for_but_for_facts_about_the_page() -> None:
    assert set(asks()) == set(fields()) - NOT_ASKED
    assert len(asks()) == sum(len(g.asks) for g in groups().values())


@pytest.mark.parametrize("ask", ALL, ids=lambda a: a.name)
def test_every_row_is_whole(ask: Ask) -> None:
    assert ask.about
    assert ask.about[0].islower()
    assert all(cue == cue.lower() for cue in ask.cues)
    assert ask.cues or ask.field.kind == "text", "a number, date or code proves nothing without what it is about"
    if ask.of:
        vocabulary = asks()["studyType"].vocabulary
        assert vocabulary
        assert ask.of in vocabulary.words


def test_every_list_has_a_member_that_makes_an_item() -> None:
    for items in {a.items for a in ALL if a.items}:
        assert any(a.key for a in ALL if a.items == items), items


@pytest.mark.parametrize("name", template_ids())
def test_prompts_hold_no_value_that_could_leak(name: str) -> None:
    template = load(name)
    texts = [b.text for b in template.system] + [template.user] * (name != "probe")
    for text in [*texts, described(ALL)]:
        without_codes = re.sub(r"; one of .*", "", text).replace("YYYY-MM-DD, YYYY-MM or YYYY", "")
        assert not re.search(r"\d", without_codes.replace("12 characters", "")), "an example would be copied"


def test_a_reply_has_a_place_for_every_field_and_all_may_be_null() -> None:
    model = reply_model(ALL)
    assert list(proposals(model(), ALL)) == []
    assert list(proposals(model.model_validate(dict.fromkeys(model.model_fields)), ALL)) == []


def test_what_a_reply_holds_comes_back_by_pointer() -> None:
    one = {"first_line": 3, "last_line": 3, "quote": "words"}
    reply = reply_model(ALL).model_validate(
        {
            "briefTitle": one,
            "phases": [{**one, "value": "PHASE2"}, {**one, "value": "PHASE3"}],
            "armGroups": [
                {"label": one, "interventionNames": [one, one]},
                {"description": {"first_line": 1, "last_line": 9, "first_words": "a b", "last_words": "c d"}},
            ],
        }
    )
    found = {pointer: (ask.name, type(cited)) for ask, pointer, cited in proposals(reply, ALL)}
    design, arms = "/protocolSection/designModule", "/protocolSection/armsInterventionsModule/armGroups"
    assert {p: name for p, (name, _) in found.items()} == {
        "/protocolSection/identificationModule/briefTitle": "briefTitle",
        f"{design}/phases/0": "phases",
        f"{design}/phases/1": "phases",
        f"{arms}/0/label": "armLabels",
        f"{arms}/0/interventionNames/0": "armInterventions",
        f"{arms}/0/interventionNames/1": "armInterventions",
        f"{arms}/1/description": "armDescriptions",
    }
    assert found[f"{arms}/1/description"][1] is CitedPassage


WRONG_SHAPES = [
    {"phases": [{"first_line": 1, "last_line": 1, "quote": "x", "value": "PHASE9"}]},
    {"overallStatus": {"first_line": 1, "last_line": 1, "quote": "x", "value": "recruiting"}},
    {"briefTitle": {"quote": "no lines"}},
    {"enrollment": {"first_line": 1, "last_line": 1, "quote": "x", "value": "many"}},
]


@pytest.mark.parametrize("reply", WRONG_SHAPES)
def test_codes_and_types_are_part_of_the_shape(reply: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        reply_model(ALL).model_validate(reply)


def test_a_reply_that_is_longer_than_the_schema_says_is_not_invalid() -> None:
    many = [{"first_line": 1, "last_line": 1, "quote": "x" * 3000}] * 300
    assert len(list(proposals(reply_model(ALL).model_validate({"conditions": many}), ALL))) == 300


def test_the_schema_bounds_every_string_and_list() -> None:
    schema = reply_model(ALL).model_json_schema()
    for definition in [schema, *schema["$defs"].values()]:
        for row in definition["properties"].values():
            for option in row.get("anyOf", [row]):
                if option.get("type") == "string" and "enum" not in option and "const" not in option:
                    assert "maxLength" in option or "maxLength" in row
                if option.get("type") == "array":
                    assert "maxItems" in option or "maxItems" in row
