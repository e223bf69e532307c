"""Conditions: the page prints all of them on one line, a space between; this finds where one ends and the next begins.

The line is cut into the likeliest names, found by dynamic programming over every way to cut it (a semi-Markov model:
Sarawagi and Cohen, NIPS 2004). A cut may stand before a capital outside of brackets, and not beside a joining word.
What speaks for or against a name is said by features of three kinds, each with a weight in `conditions.toml`:

- the kinds of word on both sides of a cut, told by word lists and endings ("Foot Pain | Chronic Cough");
- what the record says elsewhere: whether its title or text has the name, has the words across the cut as one phrase,
  or lists them apart ("pain and fever");
- what the line itself repeats ("Arthritis, Acute | Arthritis, Septic").

The weights are fitted on registry records by `tools/fit_conditions.py`; no feature knows the name of a disease. Names
that could be cut in more than one way stay uncertain: of records with several conditions about two thirds come out
exactly as registered.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from extract.readers.page import PageReading
from extract.rules.draft import Draft

_CONDITIONS = "/protocolSection/conditionsModule/conditions"
_TEXTS = ("briefSummary", "detailedDescription", "eligibilityCriteria")

MOST_CUTS_IN_A_NAME = 10
_MOST_WORDS, _MOST_TEXT = 1000, 100_000
"""A longer line is no list of conditions; of a longer record the beginning is enough to look names up in."""
_MARKS = "(),;:.[]"
_NUMBER = re.compile(r"[IVX]+[A-Ca-c]?|[A-D]|v?\d[\w./-]*")
_BETWEEN = (" and ", ", ", " or ", "/")
_ENDS_A_PHRASE = re.compile(r"[.,;:()/]| (?:and|or|of|in|with|for|to|by|due|after|at|on|who|that|is|are|was|were)\b|$")

_NO_NOUN = {"adjective", "modifier", "number", "joining"}
_BESIDE_NUMBERS = {"acronym", "modifier", "number", "joining"}

Kind = Literal["joining", "number", "head", "body", "modifier", "acronym", "disease", "adjective", "noun", "plain"]


def fill(page: PageReading, draft: Draft) -> None:
    """The conditions of the page, each on the line they share."""
    line = page.fields.get("conditions")
    if line is None:
        return
    if line.text.count(" ") >= _MOST_WORDS:
        draft.unreadable(f"{_CONDITIONS}/0")
        return
    title, *texts = (page.fields[name].text if name in page.fields else "" for name in ("briefTitle", *_TEXTS))
    for name in split_conditions(line.text, Record(title, "\n".join(texts))):
        draft.put(draft.next_item(_CONDITIONS), name, line.lines, name)


class Record:
    """What a record says outside of its conditions, to look names up in."""

    def __init__(self, title: str, text: str) -> None:
        self.title = _lower(title)
        self.text = _lower(f"{title} . {text}"[:_MOST_TEXT]).replace("\n", " ")

    def lists(self, word: str, other: str) -> bool:
        """Whether the words stand side by side as items: "pain and fever", "fever, pain"."""
        behind = tuple(sign + other for sign in _BETWEEN)
        before = tuple(other + sign for sign in _BETWEEN)
        at = self.text.find(word)
        while at >= 0:
            if self.text.startswith(behind, at + len(word)) or self.text.endswith(before, 0, at):
                return True
            at = self.text.find(word, at + 1)
        return False

    def ends(self, name: str) -> bool:
        """Whether the text has the name where no further noun follows, in one of its first places."""
        at = -1
        for _ in range(4):
            at = self.text.find(name, at + 1)
            if at < 0:
                return False
            if _ENDS_A_PHRASE.match(self.text, at + len(name)) and not self.text[at - 1 : at].isalnum():
                return True
        return False


def split_conditions(line: str, record: Record) -> list[str]:
    """The conditions on the line, in its order; all of its words, each in one condition."""
    if " " not in line:
        return [line]
    lattice = Lattice(line, record)
    at_cut = [_weight(features) for features in lattice.at_cut]
    ends = len(lattice.cuts)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("-inf"), 0)] * (ends - 1)
    for start in range(ends - 1):
        for end in range(start + 1, min(ends, start + 1 + MOST_CUTS_IN_A_NAME)):
            shape = _weight_of_shape(lattice.kinds_of(start, end))
            score = best[start][0] + at_cut[end] + shape + _weight(lattice.of_name(start, end))
            if score > best[end][0]:
                best[end] = (score, start)
    cuts = [ends - 1]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return [" ".join(lattice.words[lattice.cuts[a] : lattice.cuts[b]]) for a, b in pairwise(reversed(cuts))]


class Lattice:
    """A line, where it may be cut (`cuts`, its start and end included), and what speaks for each name between cuts.

    `at_cut` holds the features of each cut; they are said of the name before it.
    """

    def __init__(self, line: str, record: Record) -> None:
        self.words = line.split(" ")
        self.record = record
        self.bare = [_lower(word.strip(_MARKS)) for word in self.words]
        self.kinds = tuple([_kind(word.strip(_MARKS)) for word in self.words])
        self.repeated = {word for word, count in Counter(self.bare).items() if count > 1}
        self.commas = any(word[-1] == "," for word in self.words)
        self.line = f" {' '.join(self.bare)} "
        self.cuts = [0, *(at for at, outside in enumerate(self._outside()) if outside), len(self.words)]
        # Whether word k and the one before it are a phrase of the record's text. (The last has no next.)
        self.phrases = [False, *(f"{a} {b}" in record.text for a, b in pairwise(self.bare)), False]
        self.at_cut = [[], *map(self._cut, self.cuts[1:-1]), []]

    def _outside(self) -> Iterator[bool]:
        """For every word whether a name may begin with it, others before it."""
        depth = 0
        yield False
        for (word, kind), (following, next_kind) in pairwise(zip(self.words, self.kinds, strict=True)):
            depth = max(0, depth + word.count("(") - word.count(")"))
            joined = "joining" in (kind, next_kind) or word[-1] in ",:-/"
            yield depth == 0 and following[0].isupper() and not joined

    def features(self, start: int, end: int) -> list[str]:
        """Everything that speaks for or against the name between two cuts."""
        return [*_shape(self.kinds_of(start, end)), *self.of_name(start, end), *self.at_cut[end]]

    def kinds_of(self, start: int, end: int) -> tuple[Kind, ...]:
        """The kinds of a name's words."""
        return self.kinds[self.cuts[start] : self.cuts[end]]

    def of_name(self, start: int, end: int) -> list[str]:
        """What the words of a name say for or against it, beside their kinds."""
        i, j = self.cuts[start], self.cuts[end]
        found: list[str] = []
        if self.repeated:
            found += self._repeated(i, j)
        if all(self.phrases[i + 1 : j]):  # The record can only have the name if it has every two words of it.
            found += self._said(i, j)
        if j - i == len(self.words):
            found += ["whole line", f"whole line {min(j - i, 8)}"]
        if self.commas:
            found += self._inverted(i, j)
        if j < len(self.words):
            if self.bare[j] == self.bare[i]:
                found.append("next begins the same")
            if self.kinds[j] == "acronym" and _initials(self.bare[i:j]).startswith(self.bare[j]):
                found.append("next abbreviates it")
        return found

    def _repeated(self, i: int, j: int) -> Iterator[str]:
        """What the line says more than once."""
        name = self.bare[i:j]
        if self.repeated.isdisjoint(name):
            return
        if name[0] in self.repeated:
            yield "first word again"
        if name[-1] in self.repeated:
            yield "last word again"
        if self.repeated.issuperset(name) and self.line.count(f" {' '.join(name)} ") > 1:
            yield f"again in line {min(j - i, 3)}"
        if len(set(name)) < j - i:
            yield "repeats a word"

    def _inverted(self, i: int, j: int) -> Iterator[str]:
        """How many words stand behind the last comma in a name, as in "Arthritis, Septic"."""
        for after, word in enumerate(reversed(self.words[i : j - 1]), 1):
            if word[-1] == ",":
                yield f"inverted {min(after, 4)}"
                return

    def _said(self, i: int, j: int) -> Iterator[str]:
        """What the record says elsewhere."""
        name = " ".join(self.bare[i:j])
        if name in self.record.title:
            yield f"in title {min(j - i, 4)}"
        if name in self.record.text:
            yield f"in text {min(j - i, 4)}"
            if self.record.ends(name):
                yield f"complete in text {min(j - i, 3)}"

    def _cut(self, at: int) -> list[str]:
        """What speaks for or against cutting before word `at`."""
        before, after = self.bare[at - 1], self.bare[at]
        found = [f"{self.kinds[at - 1]} | {self.kinds[at]}"]
        if self.words[at - 1][-1] == ")":
            found.append("cut behind brackets")
        if self.line.count(f" {before} {after} ") > 1:
            found.append("cut in a phrase of the line")
        if self.phrases[at]:
            found.append(f"cut in a phrase of the {'title' if f'{before} {after}' in self.record.title else 'text'}")
            return found
        elsewhere = (before in self.record.text) + (after in self.record.text)
        if elsewhere == 2 and self.record.lists(before, after):
            found.append("listed apart")
        return [*found, f"words elsewhere {elsewhere}"]


def _shape(kinds: tuple[Kind, ...]) -> tuple[str, ...]:
    """What the kinds of a name's words say for or against it."""
    found = ["name", f"length {min(len(kinds), 8)}", f"begins with {kinds[0]}", f"ends in {kinds[-1]}"]
    if len(kinds) == 1:
        found.append(f"alone {kinds[0]}")
    if not set(kinds) - _NO_NOUN:
        found.append("no noun")
    if "number" in kinds and not set(kinds) - _BESIDE_NUMBERS:
        found.append("number alone")
    return tuple(found)


@lru_cache(maxsize=1 << 13)
def _weight_of_shape(kinds: tuple[Kind, ...]) -> float:
    return _weight(_shape(kinds))


def _weight(features: Iterable[str]) -> float:
    weights = _data().weights
    return sum([weights.get(feature, 0.0) for feature in features])


def _lower(text: str) -> str:
    """Letters A to Z in lower case. The others stay: a long text with one "≥" in it would take thirty times as long."""
    return text.encode(errors="replace").lower().decode()


def _initials(words: Sequence[str]) -> str:
    return "".join(part[0] for word in words for part in word.split("-") if part)


@dataclass(frozen=True)
class _Data:
    """`conditions.toml`: words by kind, endings by kind, and the weights of the features."""

    words: Mapping[str, Kind]
    endings: Sequence[tuple[Kind, tuple[str, ...]]]
    weights: Mapping[str, float]


@cache
def _data() -> _Data:
    data = tomllib.loads(Path(__file__).with_name("conditions.toml").read_text(encoding="utf-8"))
    words = {word: kind for kind, listed in data["words"].items() for word in listed.split()}
    endings = [(kind, tuple(listed.split())) for kind, listed in data["endings"].items()]
    return _Data(words, endings, data["weights"])


@lru_cache(maxsize=1 << 13)
def _kind(word: str) -> Kind:
    """What kind of word it is: by the lists, its look, its ending. The lists also tell a compound by its last part."""
    data = _data()
    lower = word.casefold()
    last = re.split("[-/]", lower)[-1]
    known = data.words.get(lower, "joining" if not word else None)
    if known:
        return known
    if _NUMBER.fullmatch(word):
        return "number"
    if len(word) > 1 and word.isupper():
        return "acronym"
    if data.words.get(last) == "head":
        return "head"
    return next((kind for kind, endings in data.endings if last.endswith(endings)), "plain")
