"""What the words of a criterion ask beyond its constraints, and whether two wordings name the same.

Words that ask nothing ("patients must have … at screening") are fillers; what is left is content. Only what is told for
certain is decided, so these lists err towards content: a word they lack makes a criterion undecided, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Literal, NamedTuple

from extract.criteria.phrases import Phrases, expand

_TOKEN = re.compile(r"[a-z]+(?:'s(?![a-z]))?|\d+(?:[.,]\d+)*|[^\s\-'_\u00ad]")
CONSTRAINT = "§"
"""Stands for a constraint in a text that is looked at without it."""


class Rest(NamedTuple):
    """What a text says besides its constraints.

    content: the words that ask something. listed: whether they form a list. alternatives: whether one thing of several
    is enough. conditions: how often something limits, lets off or leaves open. negated: whether something is denied.
    obliged: whether it says what must be.
    """

    content: tuple[str, ...]
    listed: bool
    alternatives: bool
    conditions: int
    negated: bool
    obliged: bool


def rest_of(text: str) -> Rest:
    """What is said besides the constraints, which CONSTRAINT stands for."""
    read = list(_read(text))
    kinds = [kind for _, kind in read]
    return Rest(
        content=tuple(word for word, kind in read if kind == "content"),
        listed=len(_members(read)) > 1,
        alternatives="alternatives" in kinds,
        conditions=kinds.count("conditions"),
        negated="negations" in kinds,
        obliged="obligations" in kinds,
    )


def items(text: str) -> list[tuple[str, ...]]:
    """The members of a list, each as its content; those without any are left out."""
    return _members(list(_read(text)))


def _members(read: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    members: list[list[str]] = [[]]
    for word, kind in read:
        if kind in ("list", "alternatives"):
            members.append([])
        elif kind == "content" or word == CONSTRAINT:
            members[-1].append(word)
    return [tuple(member) for member in members if member]


def sex_of(text: str) -> Literal["male", "female"] | None:
    """The one sex that a text speaks of; None where it speaks of both or of neither."""
    words = {token.word for token in _phrases().tokens(text)}
    male, female = (not words.isdisjoint(_lists()[sex]) for sex in ("male", "female"))
    return None if male == female else "male" if male else "female"


def may_describe(member: tuple[str, ...]) -> bool:
    """Whether a member of a list may describe another instead of being one: "hypertension, uncontrolled"."""
    return len(member) == 1 and member[0].endswith(tuple(_lists()["adjective_endings"]))


def speaks_of_age(quote: str) -> bool:
    """Whether a constraint's words name an age, so that "not more than 5 years" isn't taken for one."""
    return _words_of_age().search(quote) is not None


def is_general(heading: str) -> bool:
    """Whether a heading limits what stands under it to nobody."""
    known = _toml()["headings"]["general"]
    if " ".join(heading.lower().split()).strip(" :") in known:
        return True
    rest = rest_of(heading)
    return not rest.conditions and (not rest.content or rest.content in {rest_of(general).content for general in known})


def names_the_same(name: str, text: str) -> bool:
    """Whether both have the same content, in any order."""
    ours, theirs = rest_of(name).content, rest_of(text).content
    return bool(ours) and set(ours) == set(theirs)


def defines(text: str) -> bool:
    """Whether a constraint says what the words before it mean: "anemia (§)", "hypertension, defined as §"."""
    return _pattern("definitions").search(text) is not None


def exemplifies(text: str) -> bool:
    """Whether a constraint is an example: "liver disease, such as §"."""
    return _pattern("examples").search(text) is not None


def _read(text: str) -> Iterator[tuple[str, str]]:
    """Each phrase of the text with what it is: content, sign, or a list of match.toml."""
    phrases = _phrases()
    tokens, at = phrases.tokens(text), 0
    while at < len(tokens):
        word = tokens[at].word
        count, kind = phrases.longest(text, tokens, at) or (1, "content" if word.isalnum() else "sign")
        yield word if count == 1 else text[tokens[at].start : tokens[at + count - 1].end], kind
        at += count


@cache
def _toml() -> dict[str, dict[str, list[str]]]:
    return loads((files("extract.criteria") / "match.toml").read_text("utf-8"))


def _lists() -> dict[str, list[str]]:
    return _toml()["wording"]


@cache
def _phrases() -> Phrases[str]:
    phrases: Phrases[str] = Phrases(_TOKEN)
    for kind in (
        "fillers",
        "definitions",
        "examples",
        "list",
        "alternatives",
        "conditions",
        "negations",
        "obligations",
    ):
        for template in _lists()[kind]:
            for phrase in expand(template):
                phrases.add(phrase, kind)
    return phrases


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """A constraint behind one of the phrases and a word or two; for definitions also one alone in parentheses."""
    before = rf"\b(?:{_either(_lists()[kind])})[\s:(\[]{{0,4}}(?:\w{{1,20}}\s){{0,2}}{CONSTRAINT}"
    alone = rf"|[(\[]\s{{0,4}}{CONSTRAINT}\s{{0,4}}[)\]]" if kind == "definitions" else ""
    return re.compile(before + alone, re.IGNORECASE)


@cache
def _words_of_age() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{_either(_lists()['age_words'])})(?![a-z])", re.IGNORECASE)


def _either(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True))
