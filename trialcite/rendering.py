"""What a person sees: the answer first, then each citation as a place, `file:line │ text`."""

from __future__ import annotations

import re
from textwrap import shorten
from typing import IO, TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from rich.console import Console
    from rich.text import Text

    from extract.extraction import Extraction
    from extract.source import Source
    from index.library import Hit
    from qa.answer import Answer, Citation

_WORD = re.compile(r"\w[\w.%/-]*\w|\w")
_MAX_PLACE = 40
_MAX_LABEL = 40
_MAX_TITLE = 64


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
        by_place: dict[str, list[Citation]] = {}
        for citation in answer.citations:
            by_place.setdefault(place(citation.path, citation.lines), []).append(citation)
        _print_places(list(by_place), [_marked(group, said) for group in by_place.values()], console)


def render_hits(hits: Sequence[Hit], query: str, console: Console) -> None:
    """Each hit as a place and its text, the words of the query marked."""
    from rich.text import Text

    from trialcite.output import shown_path

    asked = set(_words(query))
    texts = []
    for hit in hits:
        text = Text(" ".join(hit.text.split()))
        _mark(text, asked)
        texts.append(text.append(f"  {shorten(hit.label or hit.section, _MAX_LABEL, placeholder='…')}", style="dim"))
    _print_places([place(shown_path(h.path), h.lines) for h in hits], texts, console)


def render_lines(source: Source, lines: range, console: Console, *, cited: Container[int] = ()) -> None:
    """Numbered lines of a source, the cited ones marked."""
    from rich.text import Text

    width = len(str(lines[-1]))
    for number in lines:
        style = "bold" if number in cited else "default"
        text = Text(f"{number:>{width}} │ ", style="dim").append(source.line(number), style=style)
        console.print(text, soft_wrap=True)


def studies_table(extractions: Iterable[Extraction], file: IO[str]) -> int:
    """Studies as a table that fits a terminal of 80 columns; how many there were."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("NCT ID", width=11)
    table.add_column("Title")
    table.add_column("Status", max_width=12)
    table.add_column("Phase", width=5)
    table.add_column("N", justify="right", min_width=4)
    table.add_column("Age")
    table.add_column("In + ex", justify="right", no_wrap=True)
    count = 0
    for extraction in extractions:
        table.add_row(*_study_cells(extraction))
        count += 1
    Console(file=file, highlight=False).print(table)
    return count


def _study_cells(extraction: Extraction) -> list[str]:
    from extract import tables
    from extract.vocabulary import vocabulary

    row = {name: "" if cell is None else str(cell) for name, cell in tables.row(extraction).items()}
    low, high = (row[a].removesuffix(" Years") for a in ("minimum_age", "maximum_age"))
    phases = [p.removeprefix("EARLY_").removeprefix("PHASE") for p in row["phases"].split(" | ")]
    return [
        row["nct_id"] or row["document"],
        shorten(row["brief_title"], _MAX_TITLE, placeholder="…"),
        vocabulary("Status").word(row["overall_status"]),
        "/".join(p for p in phases if p != "NA"),
        row["enrollment"],
        f"{low}-{high}" if low and high else f"{low}+" if low else f"up to {high}" if high else "",
        f"{row['inclusion_criteria']} + {row['exclusion_criteria']}",
    ]


def place(path: str, lines: tuple[int, int]) -> str:
    """A place as compilers print it: "page.txt:184", "page.txt:35-48"."""
    first, last = lines
    return f"{path}:{first}" + (f"-{last}" if last != first else "")


def _marked(citations: Sequence[Citation], said: set[str]) -> Text:
    """What stands at one place: its quotes, and what they are."""
    from rich.text import Text

    text = Text(" ".join(dict.fromkeys(c.quote for c in citations)))
    _mark(text, said)
    labels = ", ".join(dict.fromkeys(c.label for c in citations if c.label))
    return text.append(f"  {shorten(labels, _MAX_LABEL, placeholder='…')}", style="dim") if labels else text


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
