"""`trialcite verify`: re-check every quote of an output file against the sources, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialcite.options import Quiet
from trialcite.output import Talk

_SHOWN = 20


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What extract or ask wrote, as JSON Lines; - is stdin.")],
    sources: Annotated[
        Path, typer.Option("--sources", metavar="DIR", help="Where relative paths of sources start.")
    ] = Path(),
    quiet: Quiet = False,
) -> None:
    """Re-check an output file against its sources.

    Every quote must stand at its lines, and every source be unchanged. Leaves with 1 when anything does not hold.

    \b
    trialcite verify studies.jsonl
    trialcite ask "who is blinded?" --trial NCT99000001 --json | trialcite verify -
    """
    import sys

    from extract.verify import verify as check
    from trialcite.errors import UnreadableInput

    talk = Talk(quiet=quiet)
    try:
        with sys.stdin.buffer if file == Path("-") else file.open("rb") as stream:
            report = check(stream, where=str(file), root=sources)
    except OSError as e:
        raise UnreadableInput(e.strerror or "cannot be read", where=str(file)) from e
    for fault in report.faults[:_SHOWN]:
        talk.error(str(fault))
    if len(report.faults) > _SHOWN:
        talk.error(f"and {len(report.faults) - _SHOWN} more")
    rows = f"{report.rows} row{'s' * (report.rows != 1)}"
    talk.note(f"{rows}, {report.quotes} quotes checked, {len(report.faults) or 'none'} failed")
    if report.faults:
        raise typer.Exit(1)
