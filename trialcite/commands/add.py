"""`trialcite add`: records into a library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import ChromaUrl, EmbedderOption, LibraryFolder, Quiet, Verbose
from trialcite.output import Talk, progress, resumable, shown_path

if TYPE_CHECKING:
    from trialcite.api import Addition


def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files or folders.")],
    library: LibraryFolder = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents below these paths whose files are gone.")
    ] = False,
    embedder: EmbedderOption = None,
    chroma_url: ChromaUrl = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put records into a library, ready for questions.

    They are read, extracted, embedded and stored. Unchanged ones are skipped, so adding again is quick. An
    interrupted run keeps what it finished; run it again to go on.

    \b
    trialcite add pages/                             makes .trialcite/ here, or uses the nearest
    trialcite add pages/ --prune                     and forget those that are gone
    trialcite add pages/ --embedder folder:models/bge-small-en
    """
    from trialcite.api import Library
    from trialcite.places import library_to_write

    talk = Talk(quiet=quiet, verbose=verbose)
    folder = library_to_write(library)
    with (
        resumable(talk),
        Library(folder, write=True, embedder=embedder, chroma_url=chroma_url) as opened,
        progress(quiet=quiet) as bar,
    ):
        notes = opened.notes
        for note in notes:
            talk.note(note)
        task = bar.add_task("adding", total=None)
        addition = opened.add(paths, prune=prune, progress=lambda _, n, of: bar.update(task, completed=n, total=of))
        size = len(opened)
        for note in opened.notes:
            if note not in notes:
                talk.note(note)
    _say(addition, talk)
    talk.note(f"{_counts(addition)}; {shown_path(str(folder.absolute()))} holds {size}")
    if addition.failed:
        raise typer.Exit(3 if addition.added or addition.updated or addition.unchanged else 4)


def _say(addition: Addition, talk: Talk) -> None:
    for word in ("added", "updated", "unchanged", "removed"):
        for document in getattr(addition, word):
            talk.detail(f"{word} {document}")
    for note in addition.notes:
        talk.note(note)
    for error in addition.failed:
        talk.error(str(error))


def _counts(addition: Addition) -> str:
    words = ("added", "updated", "unchanged", "removed", "failed")
    counts = [f"{len(getattr(addition, w))} {w}" for w in words if getattr(addition, w)]
    return ", ".join(counts) or "nothing to add"
