"""Text to the terms that are matched by word: one analysis for indexing, searching and scoring.

What is written in different ways becomes one term: letter case, accents, inflection (Snowball's English stemmer),
British and American spelling, "two" and "2", "stage III" and "stage 3", "1,000" and "1000", "7.0" and "7". Letters and
digits together are a term ("HbA1c"). Words that carry no meaning of their own are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

ANALYSIS = "1"
"""Raise it with any change here: an index of another analysis is made anew."""

_TERM = r"[0-9]+(?:\.[0-9]+)*|[\p{L}\p{N}]+"

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: str(n) for n, word in enumerate(_WORDS, 1)} | {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}

_APART = "\x00"
"""Between texts that are folded at once: no rule of folding reaches over it."""

_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)}|ii|iii)\b")
_ROMAN = re.compile(r"\b((?:type|stage|phase|grade|class) )(i|iv|v)\b")  # alone they are a word, a route, a letter
_ROMAN_AFTER = re.compile(r"\b([23] ?(?:or|and|to|/|-|–|,) ?)iv\b")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_POINT_ZERO = re.compile(r"(?<=[0-9])\.0+(?![0-9.])")
_LONG_WORD = re.compile(r"[a-z]{5,}")
_Z = re.compile(r"is(e[ds]?|er|ing|ations?)$")


def fold(text: str) -> str:
    """The text with everything that is written in two ways written in one."""
    text = _NUMBER_WORD.sub(lambda m: _NUMBERS[m[0]], text.lower())
    text = _ROMAN.sub(lambda m: m[1] + _NUMBERS[m[2]], text)
    text = _ROMAN_AFTER.sub(r"\g<1>4", text)
    text = _POINT_ZERO.sub("", _THOUSANDS.sub("", text))
    return _LONG_WORD.sub(lambda m: _one_spelling(m[0]), text)


@lru_cache(maxsize=1 << 16)
def _one_spelling(word: str) -> str:
    """A word as neither British nor American writes it, but both are folded to: "haematoma", "tumour", "randomised"."""
    for british, folded in (
        ("ae", "e"),
        ("oe", "e"),
        ("our", "or"),
        ("yse", "yze"),
        ("mme", "m"),
        ("ll", "l"),
        ("ph", "f"),
    ):
        word = word.replace(british, folded)
    if word.endswith("tre"):
        word = word[:-2] + "er"
    return _Z.sub(r"iz\1", word)


@cache
def analyzer() -> TextAnalyzer:
    """The analysis of folded text, as tantivy runs it."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.regex(_TERM))
    for step in (Filter.lowercase(), Filter.ascii_fold(), Filter.stopword("english"), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def terms(text: str) -> list[str]:
    """The terms of a text, in order, repeated as they are."""
    found: list[str] = analyzer().analyze(fold(text))
    return found


def terms_of_all(texts: Sequence[str]) -> list[list[str]]:
    """The terms of each text, as `terms` gives them: folding many texts at once takes less time."""
    folded = fold(_APART.join(texts)).split(_APART)
    if len(folded) != len(texts):  # one of them holds the separator
        return [terms(text) for text in texts]
    return [analyzer().analyze(text) for text in folded]
