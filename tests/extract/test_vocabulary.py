"""Every row of the vocabulary: a code has words, the words name the code, and the fields exist."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import orjson
import pytest
from pydantic import BaseModel

from extract.study.study import Sections
from extract.vocabulary import fields, names, vocabulary, vocabulary_of
from tests.extract.records import leaves

ROWS = [
    (name, code, spelling) for name in names() for code, all_ in vocabulary(name).spellings.items() for spelling in all_
]
OPEN = {"Milestone", "MeasureDispersion"}
"""Enumerations where the registry also prints words of its own or the sponsor's."""


@pytest.mark.parametrize(("name", "code", "spelling"), ROWS)
def test_every_spelling_names_its_code_and_no_other(name: str, code: str, spelling: str) -> None:
    terms = vocabulary(name)
    assert terms.code(spelling) == terms.code(spelling.upper()) == terms.code(f" {spelling}. ") == code
    assert terms.code(code) == code


@pytest.mark.parametrize("name", names())
def test_words_tell_codes_apart(name: str) -> None:
    words = list(vocabulary(name).words.values())
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("Status", "RECRUITING", "Recruiting"),
        ("Status", "ACTIVE_NOT_RECRUITING", "Active, not recruiting"),
        ("Phase", "PHASE2", "Phase 2"),
        ("Phase", "NA", "Not applicable"),
        ("Masking", "NONE", "None (open label)"),
        ("Status", "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_words(name: str, code: str, word: str) -> None:
    assert vocabulary(name).word(code) == word


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("Status", "Active, Not Recruiting", "ACTIVE_NOT_RECRUITING"),
        ("Phase", "phase ii", "PHASE2"),
        ("Phase", "N/A", "NA"),
        ("Masking", "Double-Blind", "DOUBLE"),
        ("Sex", "both", "ALL"),
        ("Phase", "phase 9", None),
        ("Phase", "", None),
    ],
)
def test_codes_of_words(name: str, text: str, code: str | None) -> None:
    assert vocabulary(name).code(text) == code


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/protocolSection/statusModule/overallStatus", "Status"),
        ("/protocolSection/designModule/phases/0", "Phase"),
        ("/protocolSection/contactsLocationsModule/locations/12/contacts/3/role", "ContactRole"),
    ],
)
def test_a_field_has_its_vocabulary(pointer: str, name: str) -> None:
    assert vocabulary_of(pointer) == vocabulary(name)


@pytest.mark.parametrize("pointer", ["", "/protocolSection", "/protocolSection/identificationModule/briefTitle"])
def test_other_fields_have_none(pointer: str) -> None:
    assert vocabulary_of(pointer) is None


def text_fields(annotation: Any, at: str = "") -> set[str]:
    """The pointers of all texts below a type of the models."""
    if get_origin(annotation) in (Union, UnionType):
        return set().union(*(text_fields(a, at) for a in get_args(annotation)))
    if get_origin(annotation) is list:
        return text_fields(get_args(annotation)[0], f"{at}/*")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = annotation.model_fields.values()
        return set().union(*(text_fields(f.annotation, f"{at}/{f.alias}") for f in inner))
    return {at} if annotation is str else set()


@pytest.mark.parametrize("pointer", fields())
def test_every_enumerated_field_is_a_text_of_the_models(pointer: str) -> None:
    assert pointer in text_fields(Sections)
    assert fields()[pointer] in names()


@pytest.mark.corpus
def test_the_registry_uses_our_codes(corpus: Path) -> None:
    unknown = set()
    with gzip.open(corpus / "data" / "ctgov" / "studies-dev.jsonl.gz") as lines:
        for line in lines:
            for pointer, value in leaves(orjson.loads(line)):
                terms = vocabulary_of(pointer)
                if terms and terms.name not in OPEN and value not in terms.words:
                    unknown.add((terms.name, value))
    assert unknown == set()
