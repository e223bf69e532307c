"""`trialcite show`: a document's numbered lines, and what was extracted at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import Json, LibraryFolder
from trialcite.output import console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.evidence import Evidence
    from extract.extraction import Extraction
    from extract.reading import Reading
    from extract.source import LineRange


def show(
    document: Annotated[str, typer.Argument(metavar="DOC", help="A file, or a document id of the library.")],
    lines: Annotated[str | None, typer.Option(metavar="A-B", help="Only these lines.")] = None,
    field: Annotated[
        str | None, typer.Option(help="Values whose name or pointer contains this, with their lines.", metavar="NAME")
    ] = None,
    library: LibraryFolder = None,
    as_json: Json = False,
) -> None:
    """Print a document's numbered lines, or its values.

    For JSON records the lines are those of the reading text.

    \b
    trialcite show NCT99000001 --lines 40-60
    trialcite show page.txt --field age
    trialcite show page.txt --field ""               every value
    trialcite show page.txt --json                   the whole extraction
    """
    import sys

    from rich.text import Text

    from trialcite.documents import document_of
    from trialcite.rendering import render_lines

    reading, extraction = document_of(document, library)
    if as_json:
        sys.stdout.buffer.write(extraction.to_bytes())
        return
    out = console()
    if field is not None:
        for pointer, value, evidence in _values(reading, extraction, field):
            place = f"{evidence.lines[0]}" + (f"-{evidence.lines[1]}" if evidence.lines[1] != evidence.lines[0] else "")
            line = Text(f"{place:>9} │ ", style="dim")
            out.print(line.append(f"{pointer}  ", style="cyan").append(value, style="bold"), soft_wrap=True)
        return
    first, last = _range(lines, len(reading.source))
    render_lines(reading.source, range(first, last + 1), out)


def _values(reading: Reading, extraction: Extraction, name: str) -> Iterator[tuple[str, str, Evidence]]:
    from extract.evidence import steps
    from extract.extractor import evidence_of_places

    study = extraction.to_json()["study"]
    cited = {p: es[0] for p, es in extraction.evidence.items()}
    for pointer, evidence in (cited or {p: es[0] for p, es in evidence_of_places(reading).items()}).items():
        if name.lower() in pointer.lower():
            value = study
            for step in steps(pointer):
                value = value[int(step)] if isinstance(value, list) else value[step]
            yield pointer, str(value), evidence


def _range(lines: str | None, count: int) -> LineRange:
    from trialcite.errors import UsageError

    if lines is None:
        return 1, count
    m = re.fullmatch(r"(\d+)(?:-(\d+))?", lines.strip())
    first, last = (int(m[1]), int(m[2] or m[1])) if m else (0, 0)
    if not 1 <= first <= last or first > count:
        raise UsageError(f"--lines {lines} is not a range of lines 1-{count}", hint="as in --lines 40-60")
    return first, min(last, count)
