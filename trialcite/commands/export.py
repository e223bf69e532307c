"""`trialcite export`: the library's studies, written out."""

from __future__ import annotations

from typing import Annotated

import typer

from trialcite.options import STDOUT, LibraryFolder, Output, Quiet, Trial
from trialcite.output import Talk, opened
from trialcite.writers import Format, format_for, write


def export(
    output: Output = STDOUT,
    fmt: Annotated[
        Format | None, typer.Option("--format", help="Default: by the output's suffix, else jsonl.", show_default=False)
    ] = None,
    trial: Trial = None,
    library: LibraryFolder = None,
    quiet: Quiet = False,
) -> None:
    """Write the library's studies to a file or table.

    \b
    trialcite export -o studies.csv
    trialcite export --trial NCT99000001 --format json
    trialcite export --format table
    """
    from qa.wording import counted
    from trialcite.api import Library
    from trialcite.places import library_to_read

    chosen = format_for(output, fmt)
    with Library(library_to_read(library)) as opened_library, opened(output) as stream:
        stored = opened_library.stored
        ids = [trial] if trial else [d.id for d in stored.documents()]
        count = write((stored.get(i).extraction for i in ids), stream, chosen)
    if output != STDOUT:
        Talk(quiet=quiet).note(f"{counted(count, 'study', 'studies')} to {output}")
