"""`trialcite reindex`: the library's indexes made anew from what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from trialcite.options import ChromaUrl, EmbedderOption, LibraryFolder, Quiet
from trialcite.output import Talk


def reindex(
    library: LibraryFolder = None,
    everything: Annotated[bool, typer.Option("--all", help="Embed everything anew as well.")] = False,
    embedder: EmbedderOption = None,
    chroma_url: ChromaUrl = None,
    quiet: Quiet = False,
) -> None:
    """Rebuild the library's indexes from what it stores.

    Sources and extractions are never touched. With --all the vectors are made anew too. With --embedder they are made
    anew by that one, which is the library's from then on.

    \b
    trialcite reindex
    trialcite reindex --all
    trialcite reindex --embedder openai:text-embedding-3-small
    """
    from trialcite.api import Library
    from trialcite.places import library_to_read

    talk = Talk(quiet=quiet)
    with Library(library_to_read(library), write=True, embedder=embedder, chroma_url=chroma_url) as opened:
        opened.stored.reindex(everything=everything or embedder is not None)
        for note in opened.notes:
            talk.note(note)
        talk.note(f"{len(opened)} documents indexed")
