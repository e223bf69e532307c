"""Every phrase of the lexicon is read as what it is listed under."""

from __future__ import annotations

import pytest

from extract.criteria import parse, roles
from extract.criteria.lexer import lex
from extract.criteria.vocabulary import lexicon, number_words, vocabulary

WORDS = lexicon()
BEFORE = [(name, phrase) for name, listed in WORDS["comparison"]["before"].items() for phrase in listed]
AFTER = [(name, phrase) for name, listed in WORDS["comparison"]["after"].items() for phrase in listed]
SIDES = {"ge": (3.0, True, None), "gt": (3.0, False, None), "le": (None, True, 3.0), "lt": (None, False, 3.0)}


def sides(text: str) -> tuple[float | None, bool, float | None]:
    (found,) = parse(text)
    bound = found.lower or found.upper
    assert bound
    return found.lower.value if found.lower else None, bound.inclusive, found.upper.value if found.upper else None


@pytest.mark.parametrize(("name", "phrase"), BEFORE)
def test_comparisons_before_the_value(name: str, phrase: str) -> None:
    assert sides(f"albumin {phrase} 3 g/dL") == SIDES[name]


@pytest.mark.parametrize(("name", "phrase"), AFTER)
def test_comparisons_after_the_value(name: str, phrase: str) -> None:
    assert sides(f"albumin 3 g/dL {phrase}") == SIDES[name]


@pytest.mark.parametrize(
    ("name", "phrase"), [(n, p) for n, listed in WORDS["comparison"]["before_age"].items() for p in listed]
)
def test_comparisons_of_age(name: str, phrase: str) -> None:
    assert sides(f"{phrase} 3 years") == SIDES[name]
    assert parse(f"{phrase} 3 years")[0].variable == "age"


@pytest.mark.parametrize(
    ("limit", "phrase"), [(name, phrase) for name, listed in WORDS["limit"].items() for phrase in listed]
)
def test_limits(limit: str, phrase: str) -> None:
    (found,) = parse(f"albumin above the {phrase}")
    assert (found.relative_to, found.lower and found.lower.value) == (limit, 1.0)


@pytest.mark.parametrize("phrase", WORDS["number"])
def test_number_words(phrase: str) -> None:
    (found,) = parse(f"at least {phrase} months of rest")
    assert found.lower
    assert found.lower.value == WORDS["number"][phrase]
    assert number_words().issuperset(phrase.split())


@pytest.mark.parametrize("name", WORDS["words"])
def test_every_word_of_the_grammar_has_its_role(name: str) -> None:
    for phrase in WORDS["words"][name]:
        tokens = lex(phrase)
        assert tokens.roles[0] & roles.OF_WORDS[name], phrase
        assert tokens.count == 1, phrase


def test_the_vocabulary_is_made_without_contradiction() -> None:
    known = vocabulary()
    assert len(known.alone) > 500
    assert all(known.alone.values())
    assert all(head.entry or head.node for head in known.heads.values())
