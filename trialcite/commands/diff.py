"""`trialcite diff`: two versions of a record, or a page against its registry record."""

from __future__ import annotations

from typing import Annotated

import typer

from trialcite.options import STDOUT, Json, LibraryFolder, Output


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The older: a file, or a document of the library.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The newer, likewise.")],
    as_json: Json = False,
    output: Output = STDOUT,
    library: LibraryFolder = None,
) -> None:
    """Compare two records field by field and criterion by criterion, each with its lines.

    Files of one format are compared in all they hold; of two formats, in the fields that both can give. Order, white
    space and Markdown make no difference. Leaves with 0 when nothing differs and with 1 when something does.

    \b
    trialcite diff NCT99000001.2031.json NCT99000001.2033.json
    trialcite diff page.txt NCT99000001.json --json
    """
    import io

    import orjson

    from extract.diff import Version
    from extract.diff import diff as compare
    from trialcite.documents import document_of
    from trialcite.output import opened
    from trialcite.rendering_diff import render

    comparison = compare(Version(*document_of(a, library)), Version(*document_of(b, library)))
    if as_json:
        row = comparison.model_dump(mode="json", exclude_none=True) | {"same": comparison.same}
        written = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    else:
        text = io.StringIO()
        render(comparison, text, names=(a, b))
        written = text.getvalue().encode()
    with opened(output) as stream:
        stream.write(written)
    if not comparison.same:
        raise typer.Exit(1)
