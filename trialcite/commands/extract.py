"""`trialcite extract`: records in, structured studies with evidence out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.bulk import BulkOptions, EngineName, Table, is_bulk
from trialcite.bulk import run as run_bulk
from trialcite.completion import BatchStep, Completion, Options
from trialcite.errors import UsageError
from trialcite.options import (
    STDOUT,
    LlmBaseUrl,
    LlmLog,
    LlmModel,
    LlmPolicy,
    LlmTokenBudget,
    NoCache,
    Output,
    Quiet,
    RequireLlm,
    Verbose,
)
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
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files, folders; - is stdin.", show_default=False)
    ] = None,
    output: Output = STDOUT,
    fmt: Annotated[
        Format | None, typer.Option("--format", help="Default: by the output's suffix, else jsonl.", show_default=False)
    ] = None,
    evidence: Annotated[
        Scope, typer.Option(help="text: for values read from text; all: also for structured records.")
    ] = Scope.TEXT,
    llm: LlmPolicy = None,
    llm_model: LlmModel = None,
    llm_base_url: LlmBaseUrl = None,
    llm_token_budget: LlmTokenBudget = None,
    llm_log: LlmLog = None,
    require_llm: RequireLlm = False,
    no_cache: NoCache = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which calls a model would get.")] = False,
    openai_batch: Annotated[
        BatchStep | None, typer.Option(help="Ask through OpenAI's Batch API, one step at a time.")
    ] = None,
    tables: Annotated[
        list[Table] | None,
        typer.Option("--tables", help="Into a folder: also tables of this kind.", show_default=False),
    ] = None,
    from_list: Annotated[
        Path | None, typer.Option("--from-list", metavar="FILE", help="Read paths here, one a line (- is stdin).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N inputs.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only N inputs, by chance.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Which chance: the same for the same S.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes. Default: one a core.")] = None,
    engine: Annotated[EngineName | None, typer.Option(help="Where to work. Default: local.")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="TCP", help="The Dask scheduler, tcp://HOST:PORT.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, whatever the folder holds.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first input that fails.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Extract structured studies with evidence for every value.

    Reads trial pages saved as text, records of registries (ClinicalTrials.gov, WHO ICTRP, ISRCTN, EU CTR, CTIS, FHIR),
    web pages, PDF protocols (docs/formats.md) and any other text. The format is told by the content. What cannot be
    read is named on stderr and the rest is written. A model is used only when one is configured (docs/models.md);
    what it proposes has to stand on the lines.

    With a folder as output it is a bulk run: archives and patterns too, all cores, a journal, and the same command
    goes on where it was cut off.

    \b
    trialcite extract page.txt                       one study as JSON
    trialcite extract pages/ -o studies.jsonl        a folder, one study a line
    trialcite extract pages/ -o studies.csv          one row a study
    trialcite extract dump.zip -o out --tables parquet    a bulk run into a folder (docs/bulk.md)
    cat page.txt | trialcite extract - --format table
    trialcite extract abstracts/ --llm fill --llm-model NAME --dry-run
    """
    talk = Talk(quiet=quiet, verbose=verbose)
    send = not dry_run and openai_batch is None
    options = Options(llm, llm_model, llm_base_url, llm_token_budget, llm_log, cache=not no_cache, send=send)
    completion = Completion(options)
    also = tuple(tables or ())
    bulk = BulkOptions(also, from_list, limit, sample, seed, workers, engine, scheduler, fresh, fail_fast)
    if send and is_bulk(output, formatted=fmt is not None, options=bulk):
        run_bulk(paths or [], output, bulk, evidence.value, completion, talk, quiet=quiet, require_llm=require_llm)
        return
    chosen = format_for(output, fmt)
    if not paths:
        raise UsageError("no PATH is named", hint="trialcite extract PATH…")
    if openai_batch is not None:
        from trialcite.openai_batch import step

        if not step(openai_batch, options, paths, talk):
            return
    run = Run(talk, completion)
    run.write(paths, evidence.value, Path(os.devnull) if dry_run else output, chosen, quiet=quiet)
    if dry_run:
        run.say_calls()
    else:
        run.close(output, require_llm=require_llm)


@dataclass
class Run:
    """One pass over the inputs: what came out, what failed."""

    talk: Talk
    completion: Completion
    done: int = 0
    failed: list[InputError] = field(default_factory=list)

    def write(self, paths: Iterable[Path], evidence: EvidenceScope, output: Path, fmt: Format, *, quiet: bool) -> None:
        """Every study that could be read into the output."""
        with opened(output) as stream, progress(quiet=quiet) as bar:
            task = bar.add_task("extracting", total=None)
            write(bar.track(self.studies(paths, evidence), task_id=task), stream, fmt)

    def studies(self, paths: Iterable[Path], evidence: EvidenceScope) -> Iterator[Extraction]:
        """Every study that could be read, in order; failures are said as they come and kept."""
        from extract.extractor import extract_paths
        from trialcite.errors import InputError

        for item in self.completion.complete(extract_paths(paths, evidence=evidence)):
            if isinstance(item, InputError):
                self.failed.append(item)
                self.talk.error(str(item))
                continue
            self.done += 1
            document = item.document
            self.talk.detail(f"{document.path}: {document.id}, {document.format}, {len(item.criteria)} criteria")
            yield item

    def say_calls(self) -> None:
        """What a dry run found that a model would be asked."""
        from prompts.wire import estimate_of
        from qa.wording import counted

        calls = self.completion.unsent
        tokens = sum(map(estimate_of, calls))
        self.talk.note(f"{counted(self.done, 'study', 'studies')}: {len(calls)} calls, about {tokens} tokens in")

    def close(self, output: Path, *, require_llm: bool) -> None:
        """Say what was done; leave with 3 when some inputs failed, 4 when all did, 5 when a required model did."""
        from qa.wording import counted

        if output != STDOUT or self.failed:
            failed = f", {len(self.failed)} failed" if self.failed else ""
            to = "" if output == STDOUT else f" to {output}"
            self.talk.note(f"{counted(self.done, 'study', 'studies')}{to}{failed}")
        for line in self.completion.summary():
            self.talk.note(line)
        if require_llm and self.completion.failures:
            raise typer.Exit(self.completion.failures[0].exit_code)
        if self.failed:
            raise typer.Exit(3 if self.done else 4)
