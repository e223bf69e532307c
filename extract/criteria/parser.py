"""parse(text): one criterion, read literally, as constraints. Lexer, grammar, interpretation: each has its module."""

from __future__ import annotations

import re
from functools import cache

from extract.criteria.constraints import Constraint
from extract.criteria.interpret import interpret
from extract.criteria.lexer import lex
from extract.criteria.phrases import NORMAL
from extract.criteria.vocabulary import number_words
from extract.criteria.words import words_of

_DIGIT = re.compile(r"[0-9ⅠⅡⅢⅣⅤⅥ]")
_MARKER = re.compile(r"\s*[-*•]?\s*\(?[0-9]{1,2}[.)]\s+")
_LIMITS = ("limit", "uln", "lln", "unl", "lnl", "normal", "i", "ii", "iii", "iv", "v", "vi", "b", "c", "d")
_SPANS = ("hour", "day", "week", "month", "year")


def parse(text: str) -> list[Constraint]:
    """The constraints of one criterion, in the order of its words. Pure; linear in the length of the text."""
    return interpret(lex(text)) if _may_bound(text) else []


def _may_bound(text: str) -> bool:
    """Whether a criterion can have constraints; most have none, and are not read further.

    It takes a number in digits or words, a Roman numeral, a letter, a limit of normal, or a unit of time ("past year").
    """
    marker = _MARKER.match(text)
    if _DIGIT.search(text, marker.end() if marker else 0):
        return True
    return not _telling().isdisjoint(words_of(text).words)


@cache
def _telling() -> frozenset[str]:
    return frozenset(map(NORMAL.__getitem__, (*_SPANS, *_LIMITS, *number_words())))
