"""What a person sees: the answer first, then each citation as a place, `file:line │ text`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from index.library import Hit
    from qa.answer import Answer, Citation

_WORD = re.compile(r"\w[\w.%/-]*\w|\w")
_MAX_PLACE = 40


def as_line(answer: Answer) -> bytes:
    """One line of JSON Lines."""
    return orjson.dumps(answer.to_json(), option=orjson.OPT_APPEND_NEWLINE)


def render_answer(answer: Answer, console: Console) -> None:
    """The answer, its findings, its citations; a person reads the first line and has the answer."""
    from rich.text import Text

    console.print(Text(answer.answer))
    for finding in answer.findings:
        console.print(Text(f"! {finding.message}", style="yellow"))
    for removed in answer.removed:
        console.print(Text(f"removed: {removed.text} ({removed.reason})", style="dim"))
    if answer.citations:
        console.print()
        said = set(_words(answer.answer))
        places = [_place(c.path, c.lines) for c in answer.citations]
        _print_places(places, [_marked(c, said) for c in answer.citations], console)


def render_hits(hits: Sequence[Hit], query: str, console: Console) -> None:
    """Each hit as a place and its text, the words of the query marked."""
    from rich.text import Text

    from trialcite.output import shown_path

    asked = set(_words(query))
    places = [_place(shown_path(h.path), h.lines) for h in hits]
    texts = []
    for hit in hits:
        text = Text(hit.text)
        _mark(text, asked)
        context = " · ".join(p for p in (hit.section, hit.label) if p)
        texts.append(text.append(f"  {context}", style="dim") if context else text)
    _print_places(places, texts, console)


def _place(path: str, lines: tuple[int, int]) -> str:
    first, last = lines
    return f"{path}:{first}" + (f"-{last}" if last != first else "")


def _marked(citation: Citation, said: set[str]) -> Text:
    from rich.text import Text

    text = Text(citation.quote)
    _mark(text, said)
    return text.append(f"  {citation.label}", style="dim") if citation.label else text


def _mark(text: Text, words: set[str]) -> None:
    for m in _WORD.finditer(text.plain):
        if m[0].lower() in words:
            text.stylize("bold", *m.span())


def _words(text: str) -> list[str]:
    return [w for w in (m[0].lower() for m in _WORD.finditer(text)) if len(w) > 3 or any(c.isdigit() for c in w)]


def _print_places(places: list[str], texts: list[Text], console: Console) -> None:
    from rich.table import Table

    width = min(max(map(len, places), default=0), _MAX_PLACE)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(min_width=width, no_wrap=True, style="cyan")
    grid.add_column(width=1, style="dim")
    grid.add_column(overflow="fold")
    for place, text in zip(places, texts, strict=True):
        grid.add_row("", place, "│", text)
    console.print(grid)
