"""Words as terms: what a question and a line of a record have in common when they say the same in other words.

A text becomes items, one for each word or expression that carries meaning. An item is known by its stem, by the
concepts of the lexicon it names ("heart attack" is "myocardial infarction") and by the kinds of those concepts (a
cardiovascular disease). Stems are those of Snowball's English stemmer on British spellings folded into American.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*(?:\+(?!\w))?")
_INNER = re.compile(r"-")
_APOSTROPHE = re.compile(r"['’]s?$")
_BRITISH = (
    (re.compile(r"aemi"), "emi"),
    (re.compile(r"haem"), "hem"),
    (re.compile(r"oedem"), "edem"),
    (re.compile(r"oestr"), "estr"),
    (re.compile(r"paed"), "ped"),
    (re.compile(r"^oeso"), "eso"),
    (re.compile(r"anaes"), "anes"),
    (re.compile(r"orrhoea"), "orrhea"),
    (re.compile(r"tumour"), "tumor"),
    (re.compile(r"isation"), "ization"),
    (re.compile(r"(?<=[^aeiour])is(e|ed|es|ing)$"), r"iz\1"),
    (re.compile(r"leukaem"), "leukem"),
    (re.compile(r"enrolment"), "enrollment"),
    (re.compile(r"centre"), "center"),
    (re.compile(r"colour"), "color"),
    (re.compile(r"fibre"), "fiber"),
    (re.compile(r"litre"), "liter"),
    (re.compile(r"metre"), "meter"),
    (re.compile(r"programme"), "program"),
    (re.compile(r"behaviour"), "behavior"),
    (re.compile(r"labour"), "labor"),
    (re.compile(r"disk"), "disc"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"caecum"), "cecum"),
    (re.compile(r"coeliac"), "celiac"),
    (re.compile(r"foet"), "fet"),
    (re.compile(r"gynaec"), "gynec"),
)
_ANY_BRITISH = re.compile("|".join(british.pattern for british, _ in _BRITISH))
"""Most words are spelled alike, and to see that takes a tenth of the time."""

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
}
"""Number words are their figures: "three cohorts" and "3 cohorts". One and none are seldom counts."""
_SHORT = 3
"""Abbreviations up to this length are told from words by their capitals."""


class Item(NamedTuple):
    """A word or expression of a text. `start` and `end` place it there."""

    text: str
    stem: str
    concepts: frozenset[str]
    start: int
    end: int


class Lexicon(NamedTuple):
    """Expressions by their stems, each with the concepts it may name and its spelling; the kinds of each concept, all
    the way up; and by its first stem how many words the longest expression has."""

    expressions: dict[tuple[str, ...], tuple[tuple[str, str], ...]]
    kinds: dict[str, frozenset[str]]
    longest: dict[str, int]


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about the subject of a question."""
    return frozenset(_data("stopwords.txt").split())


@cache
def lexicon() -> Lexicon:
    """The lexicon of qa/lexicon.csv."""
    broader: dict[str, set[str]] = {}
    found: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for row in csv.DictReader(_data("lexicon.csv").splitlines()):
        concept = row["concept"]
        broader[concept] = set(filter(None, row["kinds"].split("|")))
        for expression in {concept, *filter(None, row["also"].split("|"))}:
            stems = tuple(stem for stem, _, _ in stems_of(expression))
            found.setdefault(stems, set()).add((concept, expression))
    kinds = {concept: frozenset(_ancestors(concept, broader)) for concept in broader}
    longest: dict[str, int] = {}
    for stems in found:
        longest[stems[0]] = max(len(stems), longest.get(stems[0], 0))
    return Lexicon({stems: tuple(sorted(entries)) for stems, entries in found.items()}, kinds, longest)


@lru_cache(maxsize=1 << 15)
def items(text: str) -> tuple[Item, ...]:
    """The items of a text, in order, stop words left out. An expression of the lexicon is one item, the longest first,
    and its words are items besides, without a concept of their own: "heart attack" also matches "heart"."""
    words = list(stems_of(text))
    known, stops = lexicon(), stop_words()
    result: list[Item] = []
    at = 0
    while at < len(words):
        length, concepts = _expression(words, at, text, known)
        first, last = words[at], words[at + max(length, 1) - 1]
        if length:
            stem = " ".join(w[0] for w in words[at : at + length])
            result.append(Item(text[first[1] : last[2]], stem, concepts, first[1], last[2]))
        elif text[first[1] : first[2]].lower() not in stops:
            result.append(Item(text[first[1] : first[2]], first[0], frozenset(), first[1], first[2]))
        at += max(length, 1)
    return tuple(result)


def _expression(words: list[tuple[str, int, int]], at: int, text: str, known: Lexicon) -> tuple[int, frozenset[str]]:
    """(words taken, concepts) of the longest expression of the lexicon that starts at word `at`; 0 for none."""
    for length in range(min(known.longest.get(words[at][0], 0), len(words) - at), 0, -1):
        span = words[at : at + length]
        entries = known.expressions.get(tuple(w[0] for w in span))
        if entries:
            written = text[span[0][1] : span[-1][2]]
            concepts = _named(entries, written)
            if concepts:
                return length, concepts
    return 0, frozenset()


def _named(entries: Iterable[tuple[str, str]], written: str) -> frozenset[str]:
    """The concepts meant: by the very spelling if one has it ("eGFR", "EGFR"). Short capitals must be written so."""
    exact = {concept for concept, spelling in entries if spelling == written}
    return frozenset(
        exact or {concept for concept, spelling in entries if len(spelling) > _SHORT or not spelling.isupper()}
    )


def stems_of(text: str) -> Iterator[tuple[str, int, int]]:
    """(stem, start, end) of every word; a hyphenated word is its parts."""
    for word in WORD.finditer(text):
        start = word.start()
        if word[0].isalnum():  # as most are
            yield stem(word[0]), start, word.end()
            continue
        for part in _INNER.split(_APOSTROPHE.sub("", word[0])):
            at = text.find(part, start, word.end())
            if part:
                yield stem(part), at, at + len(part)
                start = at + len(part)


@cache
def stem(word: str) -> str:
    """The stem of one word, spelling folded."""
    folded = word.lower()
    if folded in _NUMBERS:
        return _NUMBERS[folded]
    if _ANY_BRITISH.search(folded):
        for british, american in _BRITISH:
            folded = british.sub(american, folded)
    return _stemmer().analyze(folded)[0] if folded.isalpha() else folded


@cache
def _stemmer() -> Any:
    import tantivy

    english = tantivy.Filter.stemmer("english")
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(english).build()


def _ancestors(concept: str, broader: dict[str, set[str]]) -> set[str]:
    above: set[str] = set()
    queue = list(broader.get(concept, ()))
    while queue:
        kind = queue.pop()
        if kind not in above:
            above.add(kind)
            queue.extend(broader.get(kind, ()))
    return above


def _data(name: str) -> str:
    return files("qa").joinpath(name).read_text(encoding="utf-8")
