"""`trialcite search`: the lines that may answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trialcite.options import STDOUT, Batch, Json, LibraryFolder, Output, Quiet, Trial
from trialcite.output import Talk, console, opened, progress, shown_path

if TYPE_CHECKING:
    from index.library import Hit


class Unit(StrEnum):
    """What a hit is."""

    CHUNK = "chunk"
    LINE = "line"


def search(
    query: Annotated[str | None, typer.Argument(metavar="QUERY")] = None,
    trial: Trial = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 10,
    unit: Annotated[Unit, typer.Option(help="Whole passages, or single lines.")] = Unit.CHUNK,
    where: Annotated[
        str | None, typer.Option(help="Only studies with these fields, as overallStatus=RECRUITING.")
    ] = None,
    like: Annotated[str | None, typer.Option(metavar="ID", help="Find trials like this one instead.")] = None,
    library: LibraryFolder = None,
    as_json: Json = False,
    batch: Batch = None,
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> None:
    """Find passages or lines by meaning and by words.

    \b
    trialcite search "kidney function limits" --trial NCT99000001
    trialcite search "stem cells" --where "status=recruiting and phase=2" -k 5
    trialcite search --like NCT99000001
    trialcite search --batch queries.jsonl -o hits.jsonl --unit line     rows {id, query, document}
    """
    import orjson

    from trialcite.api import Library
    from trialcite.batches import Query, read_rows
    from trialcite.errors import UsageError
    from trialcite.places import library_to_read
    from trialcite.rendering import render_hits

    if (query is not None) + (batch is not None) + (like is not None) != 1:
        raise UsageError("give a query, --batch FILE or --like ID")
    talk = Talk(quiet=quiet)
    with Library(library_to_read(library)) as opened_library:
        for note in opened_library.notes:
            talk.note(note)
        if batch is not None:
            rows = list(read_rows(batch, Query))
            with opened(output) as stream, progress(quiet=output == STDOUT) as bar:
                for row in bar.track(rows, description="searching"):
                    found = opened_library.search(
                        row.query, k=k, document=row.document or trial, unit=unit.value, where=where
                    )
                    stream.write(orjson.dumps({"id": row.id} | as_json_object(found), option=orjson.OPT_APPEND_NEWLINE))
            return
        if like is not None:
            hits = opened_library.stored.like(like, k=k, where=where)
        else:
            assert query is not None
            hits = opened_library.search(query, k=k, document=trial, unit=unit.value, where=where)
    if as_json or output != STDOUT:
        with opened(output) as stream:
            stream.write(orjson.dumps(as_json_object(hits), option=orjson.OPT_APPEND_NEWLINE))
    elif hits:
        render_hits(hits, query or "", console())
    else:
        talk.note("nothing found")


def as_json_object(hits: list[Hit]) -> dict[str, Any]:
    """The contract of `search --json`."""
    rows: list[dict[str, Any]] = []
    for hit in hits:
        row = {"document": hit.document, "path": shown_path(hit.path), "lines": hit.lines, "text": hit.text}
        rows.append(row | {"score": round(hit.score, 6), "section": hit.section, "label": hit.label})
    return {"hits": rows}
