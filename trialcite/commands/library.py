"""`trialcite library`: what a library holds, and how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trialcite.options import Json, LibraryFolder
from trialcite.output import console, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.library import Stats

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def library() -> None:
    """Look at a library as a whole."""


@app.command()
def stats(library: LibraryFolder = None, as_json: Json = False) -> None:
    """Say how large a library is, what in it waits, and whether it is whole.

    Leaves with 1 when a part is damaged. The whole database is read for that.

    \b
    trialcite library stats
    trialcite library stats --json
    """
    import sys

    import orjson
    from rich.text import Text

    from trialcite.api import Library
    from trialcite.places import library_to_read

    folder = library_to_read(library)
    with Library(folder) as opened:
        found, checks = opened.stored.stats(), opened.stored.health()
    whole = all(c.ok for c in checks)
    if as_json:
        row = {"library": str(folder.absolute()), **found._asdict(), "health": [c._asdict() for c in checks]}
        sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    else:
        rows = [("library", shown_path(str(folder.absolute()))), *_rows(found)]
        for name, value in [*rows, *((c.part, f"{'✓' if c.ok else '✗'} {c.detail}") for c in checks)]:
            console().print(Text(f"{name:<14}", style="bold").append(value, style="default"), soft_wrap=True)
    if not whole:
        raise typer.Exit(1)


def _rows(stats: Stats) -> Iterator[tuple[str, str]]:
    formats = ", ".join(f"{many} {name}" for name, many in stats.formats.items())
    yield "documents", f"{stats.documents:,}" + (f" ({formats})" if formats else "")
    yield "chunks", f"{stats.chunks:,}"
    yield "embedder", f"{stats.embedder}, {stats.dimension or '?'} dimensions" if stats.embedder else "none yet"
    yield "schema", str(stats.schema)
    yield "on disk", ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in stats.sizes.items())
    if stats.vectors_at:
        yield "vectors at", stats.vectors_at
    waits = [
        (stats.without_vectors, "for their vectors"),
        (stats.behind["lexical"], "for the word index"),
        (stats.behind["vectors"], "for the vector index"),
        (stats.other_version, "to be read by this version"),
    ]
    yield "waiting", ", ".join(f"{many:,} {what}" for many, what in waits if many) or "nothing"
