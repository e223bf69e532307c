"""Every row of the tables that questions are read by."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from extract.vocabulary import vocabulary_of
from qa.answers.fields import FORMS
from qa.asking import many, says, superlative, wanted
from qa.facets import facets, mentions
from qa.fields import fields
from qa.patterns import words_of
from qa.phrasing import bank, topics
from qa.words import items, lexicon

_ROWS = list(csv.DictReader(files("qa").joinpath("lexicon.csv").read_text(encoding="utf-8").splitlines()))


def test_lexicon_names_each_concept_once_and_every_kind() -> None:
    names = [row["concept"] for row in _ROWS]
    assert len(names) == len(set(names))
    assert {k for row in _ROWS for k in row["kinds"].split("|") if k} <= set(names)


@pytest.mark.parametrize("row", _ROWS, ids=lambda r: r["concept"])
def test_every_expression_names_its_concept(row: dict[str, str]) -> None:
    for expression in filter(None, row["also"].split("|")):
        assert row["concept"] in {c for item in items(expression) for c in item.concepts}, expression


def test_no_concept_is_a_kind_of_itself() -> None:
    assert all(concept not in kinds for concept, kinds in lexicon().kinds.items())


@pytest.mark.parametrize("field", fields().values(), ids=lambda f: f.id)
def test_a_field_has_a_form_paths_and_phrasings(field: object) -> None:
    from qa.fields import Field

    assert isinstance(field, Field)
    assert field.form in FORMS
    assert field.paths
    assert all(path.startswith("/") for path in field.paths)
    assert len(field.phrasings) >= 2


def test_no_phrasing_belongs_to_two() -> None:
    owners: dict[str, set[str]] = {}
    for text, owner in zip(bank().texts, bank().owners, strict=True):
        owners.setdefault(text.lower(), set()).add(owner)
    assert {t: o for t, o in owners.items() if len(o) > 1} == {}


@pytest.mark.parametrize("facet", facets().values(), ids=lambda f: f.id)
def test_a_facet_has_codes_of_its_field(facet: object) -> None:
    from qa.facets import Facet

    assert isinstance(facet, Facet)
    assert facet.field in fields()
    vocabulary = vocabulary_of(facet.path)
    if vocabulary:
        assert set(facet.values) <= set(vocabulary.words)
    for pattern in facet.says:
        assert pattern.strip() == pattern


@pytest.mark.parametrize("topic", topics().values(), ids=lambda t: t.id)
def test_a_topic_is_of_a_known_kind(topic: object) -> None:
    from qa.phrasing import Topic

    assert isinstance(topic, Topic)
    assert topic.kind in ("criterion", "patient", "narrative")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("which trials have not started enrolling", ["not_yet_recruiting"]),
        ("is it double-blind?", ["double_blind"]),
        ("only for women and not yet recruiting", ["women_only", "not_yet_recruiting"]),
        ("is it not randomised", ["non_randomized"]),
        ("no insurance, is it recruiting?", ["recruiting"]),
        ("just the one centre in china?", ["single_centre"]),
        ("which have at least one site in Peru", []),
        ("is there a comparison group that gets nothing?", ["has_comparison"]),
        ("the weather in spring", []),
    ],
)
def test_facets_are_heard(question: str, expected: list[str]) -> None:
    assert [m.facet.id for m in mentions(words_of(question))] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how often is the drug given", ["frequency"]),
        ("for how many weeks is it taken", ["duration"]),
        ("what dose of it is given", ["dose"]),
        ("what proportion leaves through the kidneys", ["percent"]),
        ("on which days do they come", ["days"]),
        ("why is the dose so low", []),
    ],
)
def test_the_wanted_figure_is_heard(question: str, expected: list[str]) -> None:
    assert wanted(words_of(question)) == expected


def test_questions_over_many_trials_are_told_from_those_about_one() -> None:
    assert many("many", words_of("which trials recruit in spring"))
    assert not many("many", words_of("is it blinded"))
    assert superlative(words_of("which of the two enrolled more patients")) == ("enrollment", True)
    assert says("eligibility", words_of("could she join"))
