"""`trialcite check`: what records say against themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import Json, Quiet
from trialcite.output import Talk, console

if TYPE_CHECKING:
    from rich.console import Console

    from extract.extraction import Extraction, Finding

_STYLES = {"error": "red", "warning": "yellow", "info": "default"}


def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files or folders; - is stdin.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find what records say against themselves.

    Free text is held against the fields of the same record, and fields against each other. Leaves with 1 when an
    error or a warning was found.

    \b
    trialcite check page.txt
    trialcite check pages/ --json
    """
    import sys

    import orjson

    from extract.extractor import extract_paths
    from trialcite.errors import InputError

    talk, out = Talk(quiet=quiet), console()
    records = failed = serious = 0
    for item in extract_paths(paths):
        if isinstance(item, InputError):
            failed += 1
            talk.error(str(item))
            continue
        records += 1
        for finding in item.extraction.findings:
            serious += finding.severity != "info"
            if as_json:
                row = {"document": item.extraction.document.id, **finding.model_dump(mode="json", exclude_none=True)}
                sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            else:
                _print(item.extraction, finding, out)
    contradictions = f"{serious or 'no'} contradiction{'s' * (serious != 1)}"
    talk.note(f"{records} record{'s' * (records != 1)}, {contradictions}")
    if failed:
        raise typer.Exit(3 if records else 4)
    if serious:
        raise typer.Exit(1)


def _print(extraction: Extraction, finding: Finding, out: Console) -> None:
    from rich.text import Text

    from trialcite.rendering import place

    head = Text(extraction.document.id, style="bold").append(f"  {finding.code}", style=_STYLES[finding.severity])
    out.print(head.append(f"  {finding.message}", style="default"), soft_wrap=True)
    for e in finding.evidence:
        line = Text("  ").append(place(extraction.document.path, e.lines), style="cyan").append(" │ ", style="dim")
        out.print(line.append(e.quote, style="default"), soft_wrap=True)
