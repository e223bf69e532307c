"""A comparison as a person reads it: what differs, the older side at "-", the newer at "+", each with its lines."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from textwrap import TextWrapper
from typing import IO, TYPE_CHECKING, Any

from extract.evidence import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.diff import Comparison
    from extract.document import Document

_COLUMNS = 80
_SHORT = 120
"""Characters that are shown whole; of longer texts only what differs, with the words around it."""

_AROUND = 8
_TOKEN = re.compile(r"\s*\S+")
_LEFT_OUT = ("protocolSection", "*")


def render(comparison: Comparison, file: IO[str], *, names: tuple[str, str]) -> None:
    """Write a comparison in lines of at most 80 columns."""
    blocks = [*_fields(comparison), *_criteria(comparison)]
    width = max((len(lines) for block in blocks for _, lines, _ in block[1]), default=0)
    for mark, name, document in zip(("---", "+++"), names, (comparison.a, comparison.b), strict=True):
        print(f"{mark} {name}  {_said(document)}", file=file)
    for title, sides in blocks:
        print(f"\n{title}", file=file)
        for mark, lines, text in sides:
            head = f"  {mark} {lines:>{width}} │ "
            below = f"    {'':{width}} │ "
            for line in TextWrapper(_COLUMNS, initial_indent=head, subsequent_indent=below).wrap(text):
                print(line, file=file)
    print(f"\n{_summary(comparison)}" if blocks else _summary(comparison), file=file)


Block = tuple[str, list[tuple[str, str, str]]]
"""A title, and for each side its mark, its lines and its text."""

Said = tuple[tuple[int, int] | None, str]
"""Lines and words of one side."""


def _fields(comparison: Comparison) -> Iterator[Block]:
    for change in comparison.fields:
        name = "/".join(step for step in steps(change.field) if step not in _LEFT_OUT)
        said = [None if side is None else (side.lines, _words(side.value)) for side in (change.a, change.b)]
        yield f"{name} {change.change}", _sides(*said)


def _criteria(comparison: Comparison) -> Iterator[Block]:
    for change in comparison.criteria:
        ids = dict.fromkeys(side.id for side in (change.a, change.b) if side is not None)
        said = [None if side is None else (side.lines, _words(side.text)) for side in (change.a, change.b)]
        yield f"criterion {' → '.join(ids)} {change.change}", _sides(*said)


def _sides(a: Said | None, b: Said | None) -> list[tuple[str, str, str]]:
    """What there is of both sides, each with its mark."""
    if a is None or b is None:
        return [(mark, _range(said[0]), _cut(said[1])) for mark, said in (("-", a), ("+", b)) if said]
    older, newer = _excerpts(a[1], b[1])
    return [("-", _range(a[0]), older), ("+", _range(b[0]), newer)]


def _said(document: Document) -> str:
    return f"{document.id}, {document.format}, {document.lines} lines"


def _range(lines: tuple[int, int] | None) -> str:
    if lines is None:
        return ""
    first, last = lines
    return str(first) if first == last else f"{first}-{last}"


def _words(value: Any) -> str:
    """A value in words; an object's are its values."""
    if isinstance(value, dict):
        return ", ".join(_words(v) for v in value.values())
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    return " ".join(str(value).split())


def _excerpts(a: str, b: str) -> tuple[str, str]:
    """Both texts; of long ones only what differs, with some words around it."""
    if max(len(a), len(b)) <= _SHORT:
        return a, b
    older, newer = _TOKEN.findall(a), _TOKEN.findall(b)
    matches = SequenceMatcher(None, older, newer, autojunk=False).get_matching_blocks()
    return (
        _differing(older, [(m.a, m.a + m.size) for m in matches]),
        _differing(newer, [(m.b, m.b + m.size) for m in matches]),
    )


def _cut(text: str) -> str:
    """The beginning of a text that only one side has."""
    return text if len(text) <= 4 * _SHORT else f"{text[: 4 * _SHORT].rsplit(' ', 1)[0]} …"


def _differing(tokens: list[str], shared: list[tuple[int, int]]) -> str:
    """The tokens without the middle of every long run that both texts share."""
    kept: list[str] = []
    at = 0
    for start, end in shared:
        kept += tokens[at:start]
        head = start + (_AROUND if start else 0)
        tail = end - (_AROUND if end < len(tokens) else 0)
        kept += [*tokens[start:head], " …", *tokens[tail:end]] if tail - head > 2 else tokens[start:end]
        at = end
    return "".join(kept).strip()


def _summary(comparison: Comparison) -> str:
    fields, criteria = len(comparison.fields), len(comparison.criteria)
    if not fields and not criteria:
        return f"no difference in {comparison.equal} values and criteria"
    said = [
        f"{fields} field{'s' * (fields != 1)} differ{'s' * (fields == 1)}",
        f"{criteria} criteri{'a differ' if criteria != 1 else 'on differs'}",
    ]
    return f"{', '.join(said)}; {comparison.equal} values and criteria are the same"
