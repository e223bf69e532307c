"""`trialcite match`: a described patient against a trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import Json, LibraryFolder
from trialcite.output import console

if TYPE_CHECKING:
    from rich.console import Console

    from extract.criteria.match import Judgement, Match
    from extract.criteria.patient import Patient

_ASKED = 6


def match(
    document: Annotated[str, typer.Argument(metavar="DOC", help="A file, or a document id of the library.")],
    patient: Annotated[str, typer.Option(help="A JSON file, or a description in words.", metavar="WHO")],
    library: LibraryFolder = None,
    as_json: Json = False,
    every: Annotated[bool, typer.Option("--all", help="Also list what is unknown.")] = False,
) -> None:
    """Check whether a described patient fits a trial.

    Each criterion is met, violated or unknown, with its line; what is not known is never guessed but listed to ask.

    \b
    trialcite match NCT99000001 --patient "72-year-old woman, HbA1c 11 %, eGFR 48"
    trialcite match page.txt --patient patient.json --json
    """
    import sys

    import orjson

    from extract.criteria.match import match as judge
    from trialcite.documents import document_of

    _, extraction = document_of(document, library)
    result = judge(extraction, _patient(patient))
    if as_json:
        data = result.model_dump(mode="json", exclude_none=True)
        sys.stdout.buffer.write(orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE))
    else:
        _print(result, console(), every=every)


def _patient(who: str) -> Patient:
    from extract.criteria.patient import from_json, from_words
    from trialcite.errors import UnreadableInput, UsageError

    if not who.strip():
        raise UsageError("--patient says nothing", hint='as in "72-year-old woman, eGFR 48", or a JSON file')
    if not who.endswith(".json"):
        return from_words(who)
    try:
        return from_json(Path(who).read_bytes())
    except OSError as e:
        raise UnreadableInput(e.strerror or "cannot be read", where=who) from e


def _print(result: Match, out: Console, *, every: bool) -> None:
    from rich.text import Text

    marks = {"excluded": ("✗", "red"), "eligible_so_far": ("✓", "green"), "cannot_tell": ("?", "yellow")}
    mark, style = marks[result.verdict]
    out.print(Text(f"{mark} ", style=style).append(result.reason, style="bold"))
    shown = ("violated", "met", "unknown") if every else ("violated", "met")
    for status in shown:
        for judgement in result.judgements:
            if judgement.status == status and (every or judgement.reasons):
                _print_judgement(judgement, out)
    if result.ask:
        more = f" and {len(result.ask) - _ASKED} more" if len(result.ask) > _ASKED else ""
        out.print(Text("? ask: ", style="yellow").append(", ".join(result.ask[:_ASKED]) + more, style="default"))


def _print_judgement(judgement: Judgement, out: Console) -> None:
    from rich.text import Text

    marks = {"violated": ("✗", "red"), "met": ("✓", "green"), "unknown": ("?", "yellow")}
    mark, style = marks[judgement.status]
    line = Text(f"  {mark} ", style=style).append(f"{judgement.id}  ", style="default")
    line.append("; ".join(r.text for r in judgement.reasons) or judgement.text, style="default")
    if judgement.lines:
        line.append(f"  line {judgement.lines[0]}", style="cyan")
    out.print(line)
