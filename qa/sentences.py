"""Where sentences end. Trial prose is full of full stops that end none: "e.g.", "5.5 mg", "Dr.", "i.v."."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(
    r"[.!?]+[\"'”’)\]]*(?=\s+\S)|(?<=[a-z]{3})\.(?=[A-Z][a-z]+\s)|\n\s*\n"
    r"|(?<=[;:])\s*\n(?=\s*(?:[-*•o·]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s)|\n(?=\s*(?:[-*•·]|\(?\d{1,2}[.)])\s)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|incl|excl|resp|no|nos|fig|ref|dr|prof|mr|mrs|ms|st|cf|al|ca|max|min|inc|ltd|corp"
    r"|i\.v|p\.o|s\.c|i\.m|b\.i\.d|t\.i\.d|q\.d|u\.s|wk|hr|hrs|mo|yr|yrs|sec)|\b[A-Za-z]|\(\d+)\.$",
    re.IGNORECASE,
)
_ENUMERATION = re.compile(r"(?:^|\n)\s*(?:\d{1,2}|[a-z]|[ivx]{1,4})\.$", re.IGNORECASE)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence, white space at its ends left out. A paragraph or a list item ends one as well."""
    start = 0
    for m in _END.finditer(text):
        if m[0][0] == ".":
            before = text[max(start, m.start() - 12) : m.start() + 1]
            after = text[m.end() :].lstrip()[:1]
            if _ABBREVIATION.search(before) or _ENUMERATION.search(before) or after.islower():
                continue
        yield from _strip(text, start, m.end())
        start = m.end()
    yield from _strip(text, start, len(text))


def _strip(text: str, a: int, b: int) -> Iterator[tuple[int, int]]:
    inner = text[a:b]
    size = len(inner.strip())
    if size:
        left = len(inner) - len(inner.lstrip())
        yield a + left, a + left + size
