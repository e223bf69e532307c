"""Text to the terms that are matched by word: one analysis for indexing, searching and scoring.

Letters and digits make a term ("HbA1c"), a number keeps its decimals ("7.5"), case and accents are folded, and English
inflection is taken off (Snowball). Words that carry no meaning of their own are left out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

_TERM = r"[0-9]+(?:[.,][0-9]+)*|[\p{L}\p{N}]+"


@cache
def analyzer() -> TextAnalyzer:
    """The analysis, as tantivy runs it."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.regex(_TERM))
    for step in (Filter.lowercase(), Filter.ascii_fold(), Filter.stopword("english"), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def terms(text: str) -> list[str]:
    """The terms of a text, in order, repeated as they are."""
    found: list[str] = analyzer().analyze(text)
    return found
