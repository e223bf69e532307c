"""`trialcite gold`: gold labels made, checked, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialcite.options import STDOUT, Output
from trialcite.output import Talk, console, opened

app = typer.Typer(name="gold", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def gold() -> None:
    """Make gold labels, check them, and see how far two people agree."""


@app.command()
def init(
    doc: Annotated[Path, typer.Argument(metavar="DOC", help="A record.")],
    output: Output = STDOUT,
) -> None:
    """Write a label file for a person to correct.

    It is filled in by the rules, each value with its lines; correct it, then run gold check.

    \b
    trialcite gold init page.txt -o gold/NCT99000001.toml
    """
    from evaluation.labelling import template
    from extract.extractor import extracted
    from extract.readers import readings
    from trialcite.errors import InputError, UsageError

    found = list(readings(doc))
    if len(found) != 1:
        raise UsageError(f"holds {len(found)} records; labels are made of one", where=str(doc))
    if isinstance(found[0], InputError):
        raise found[0]
    item = extracted(found[0], evidence="all")
    if isinstance(item, InputError):
        raise item
    with opened(output) as stream:
        stream.write(template(item.extraction, item.reading.source).encode())


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Label files, or folders of them.")],
    sources: Annotated[
        Path, typer.Option("--sources", metavar="DIR", help="Where relative paths of records start.")
    ] = Path(),
) -> None:
    """Hold label files against their records.

    Each value must be of its field and stand at its lines. Leaves with 1 when something does not hold.
    """
    from evaluation.gold import faults, read_labels
    from evaluation.sources import Sources
    from trialcite.errors import GoldRefused

    talk = Talk()
    count = 0
    records = Sources(sources)
    seen: dict[str, Path] = {}
    paths = [p for f in files for p in (sorted(f.glob("*.toml")) if f.is_dir() else [f])]
    for path in paths:
        try:
            labels = read_labels(path)
        except GoldRefused as e:
            talk.error(str(e))
            count += 1
            continue
        found = faults(labels, records)
        if labels.document in seen:
            found.append(f"document: {labels.document} is already in {seen[labels.document]}")
        seen.setdefault(labels.document, path)
        for fault in found:
            talk.error(f"{path}: {fault}")
        count += len(found)
    talk.note(f"{len(paths)} label file{'s' * (len(paths) != 1)}, {count or 'no'} fault{'s' * (count != 1)}")
    if count or not paths:
        raise typer.Exit(1)


@app.command()
def agree(
    first: Annotated[Path, typer.Argument(metavar="A", help="One person's labels: a file or a folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another's, of the same trials.")],
) -> None:
    """Say how far two people's labels agree.

    Cohen's kappa of what is stated at all and of what enumerated fields say; F1 of the values and of their lines.
    """
    from evaluation.agreement import agreement
    from evaluation.gold import read_gold
    from trialcite.reporting import render_agreement

    render_agreement(agreement(read_gold(first), read_gold(second)), console())
