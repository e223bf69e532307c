"""`trialcite reindex`: the library's indexes made anew from what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from trialcite.options import LibraryFolder, Quiet
from trialcite.output import Talk


def reindex(
    library: LibraryFolder = None,
    everything: Annotated[bool, typer.Option("--all", help="Embed everything anew as well.")] = False,
    quiet: Quiet = False,
) -> None:
    """Rebuild the library's indexes from what it stores.

    Sources and extractions are never touched. With --all the vectors are made anew too, by the embedder at hand:
    that is how a library changes its embedder.

    \b
    trialcite reindex
    trialcite reindex --all
    """
    from trialcite.api import Library
    from trialcite.places import library_to_read

    talk = Talk(quiet=quiet)
    with Library(library_to_read(library), write=True) as opened:
        opened.stored.reindex(everything=everything)
        for note in opened.notes:
            talk.note(note)
        talk.note(f"{len(opened)} documents indexed")
