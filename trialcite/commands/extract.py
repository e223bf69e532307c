"""`trialcite extract`: records in, structured studies with evidence out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import STDOUT, Output, Quiet, Verbose
from trialcite.output import Talk, opened, progress
from trialcite.writers import Format, format_for, write

if TYPE_CHECKING:
    from extract.extraction import Extraction
    from extract.extractor import EvidenceScope
    from trialcite.errors import InputError


class Scope(StrEnum):
    """Whose values get evidence."""

    TEXT = "text"
    ALL = "all"


def extract(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files or folders; - is stdin.")],
    output: Output = STDOUT,
    fmt: Annotated[
        Format | None, typer.Option("--format", help="Default: by the output's suffix, else jsonl.", show_default=False)
    ] = None,
    evidence: Annotated[
        Scope, typer.Option(help="text: for values read from text; all: also for structured records.")
    ] = Scope.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Extract structured studies with evidence for every value.

    Reads trial pages saved as text, CT.gov API v2 JSON (a study, an array, JSON Lines; also gzipped) and any other
    text. The format is told by the content. What cannot be read is named on stderr and the rest is written.

    \b
    trialcite extract page.txt                       one study as JSON
    trialcite extract pages/ -o studies.jsonl        a folder, one study a line
    trialcite extract pages/ -o studies.csv          one row a study
    cat page.txt | trialcite extract - --format table
    """
    talk = Talk(quiet=quiet, verbose=verbose)
    chosen = format_for(output, fmt)
    with opened(output) as stream, progress(quiet=quiet) as bar:
        run = Run(talk)
        task = bar.add_task("extracting", total=None)
        studies = run.studies(paths, evidence.value)
        write(bar.track(studies, task_id=task), stream, chosen)
    run.close(output)


@dataclass
class Run:
    """One pass over the inputs: what came out, what failed."""

    talk: Talk
    done: int = 0
    failed: list[InputError] = field(default_factory=list)

    def studies(self, paths: Iterable[Path], evidence: EvidenceScope) -> Iterator[Extraction]:
        """Every study that could be read, in order; failures are said as they come and kept."""
        from extract.extractor import extract_paths
        from trialcite.errors import InputError

        for item in extract_paths(paths, evidence=evidence):
            if isinstance(item, InputError):
                self.failed.append(item)
                self.talk.error(str(item))
                continue
            self.done += 1
            document = item.extraction.document
            self.talk.detail(
                f"{document.path}: {document.id}, {document.format}, {len(item.extraction.criteria)} criteria"
            )
            yield item.extraction

    def close(self, output: Path) -> None:
        """Say what was done; leave with 3 when some inputs failed, 4 when all did."""
        if output != STDOUT or self.failed:
            failed = f", {len(self.failed)} failed" if self.failed else ""
            to = "" if output == STDOUT else f" to {output}"
            self.talk.note(f"{self.done} {'study' if self.done == 1 else 'studies'}{to}{failed}")
        if self.failed:
            raise typer.Exit(3 if self.done else 4)
