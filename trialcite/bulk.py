"""A bulk run as the command line starts it: options in, progress while it goes, a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from trialcite.completion import Completion
from trialcite.errors import InputError, UsageError
from trialcite.options import STDOUT, Llm
from trialcite.output import Talk, console, resumable

if TYPE_CHECKING:
    from rich.progress import Progress

    from extract.bulk.batches import Batch
    from extract.bulk.engines import Engine
    from extract.bulk.journal import Totals
    from extract.bulk.units import Unit
    from extract.bulk.work import Done, Kind
    from extract.extractor import EvidenceScope


class Table(StrEnum):
    """What a bulk run writes beside studies.jsonl."""

    CSV = "csv"
    PARQUET = "parquet"
    SQLITE = "sqlite"


class EngineName(StrEnum):
    """Where a bulk run works."""

    LOCAL = "local"
    DASK = "dask"


class BulkOptions(NamedTuple):
    """What the command line says of a bulk run. None, False and () is what is not said."""

    tables: tuple[Table, ...] = ()
    from_list: Path | None = None
    limit: int | None = None
    sample: int | None = None
    seed: int | None = None
    workers: int | None = None
    engine: EngineName | None = None
    scheduler: str | None = None
    fresh: bool = False
    fail_fast: bool = False

    def check(self) -> None:
        """Raises UsageError for options that do not go together."""
        if self.seed is not None and self.sample is None:
            raise UsageError("--seed is for --sample")
        if (self.engine is EngineName.DASK) != (self.scheduler is not None):
            raise UsageError("--engine dask and --scheduler tcp://HOST:PORT go together")
        if self.workers is not None and self.engine is EngineName.DASK:
            raise UsageError("a Dask cluster has its own workers", hint="--workers is for the local engine")


def is_bulk(output: Path, *, formatted: bool, options: BulkOptions) -> bool:
    """Whether the output is a folder: one that is there, or a name without a suffix that names nothing yet.

    Raises UsageError for options of a bulk run without a folder.
    """
    if output != STDOUT and not formatted and (output.is_dir() or not (output.suffix or output.exists())):
        return True
    if options != BulkOptions():
        where = None if output == STDOUT else str(output)
        raise UsageError("these options write into a folder", where=where, hint="name it with -o FOLDER")
    return False


def run(
    paths: list[Path],
    folder: Path,
    options: BulkOptions,
    evidence: EvidenceScope,
    completion: Completion,
    talk: Talk,
    *,
    quiet: bool,
    require_llm: bool,
) -> None:
    """Run, and leave with 3 when some inputs failed, 4 when all did, 5 when a required model did."""
    options.check()
    _prepare(options, completion)
    from extract.bulk.run import BulkRun, Selection, Stopped
    from extract.bulk.units import units
    from extract.bulk.work import Job

    inputs = _Inputs(paths, options.from_list)
    if options.sample is not None and STDOUT in inputs.paths:
        raise UsageError("--sample reads its inputs twice, and stdin can be read once", hint="save it in a file first")
    kinds: tuple[Kind, ...] = ("jsonl", *(t.value for t in Table if t in options.tables))
    if "parquet" in kinds:
        from extract.bulk.columnar import demand

        demand()
    bar = _Bar(inputs.bytes(), talk, quiet=quiet)
    bulk = BulkRun(
        folder=folder,
        inputs=lambda: units(inputs.files()),
        job=Job(kinds, evidence),
        engine=_engine(options, completion, talk),
        settings=_settings(inputs, options, kinds, evidence, completion),
        selection=Selection(options.limit, options.sample, options.seed or 0),
        fresh=options.fresh,
        fail_fast=options.fail_fast,
        on_batch=bar.batch,
    )
    with resumable(talk), bar.progress:
        try:
            totals = bulk.go()
        except Stopped as e:
            talk.note("stopped at the first failure; the same command goes on from here")
            raise typer.Exit(3) from e
    _say(totals, bar, folder, completion, talk)
    if require_llm and completion.failures:
        raise typer.Exit(completion.failures[0].exit_code)
    if totals.statuses.get("failed"):
        raise typer.Exit(3 if totals.statuses.get("done") else 4)


class _Inputs:
    """The files that are named; a list is read once, for it may come from a pipe."""

    def __init__(self, paths: list[Path], from_list: Path | None) -> None:
        self.paths = [*paths, *(self._listed(from_list) if from_list else ())]
        if not self.paths:
            raise UsageError("no inputs are named", hint="PATH…, or --from-list FILE")

    @staticmethod
    def _listed(path: Path) -> list[Path]:
        from extract.bulk.units import listed

        try:
            text = sys.stdin.buffer.read() if path == STDOUT else path.read_bytes()
        except OSError as e:
            raise UsageError(e.strerror or "cannot be read", where=str(path)) from e
        return list(listed(text.decode(errors="surrogateescape").splitlines()))

    def files(self) -> Iterator[Path | InputError]:
        """The files behind the paths."""
        from extract.bulk.units import named

        return named(self.paths)

    def bytes(self) -> int | None:
        """How many bytes there are to read; None where that cannot be known, or nobody is there to see it."""
        if not sys.stderr.isatty() or STDOUT in self.paths:
            return None
        return sum(map(_size, self.files()))


def _size(path: Path | InputError) -> int:
    try:
        return path.stat().st_size if isinstance(path, Path) else 0
    except OSError:
        return 0  # the run will say what is wrong with it


def _prepare(options: BulkOptions, completion: Completion) -> None:
    """Have workers start where there will be some: before all else, even before it is known whether a model is."""
    from extract.bulk.processes import default_workers, prepare

    rules = completion.options.llm in (None, Llm.OFF)
    if rules and options.scheduler is None and (options.workers or default_workers()) > 1:
        prepare()


def _engine(options: BulkOptions, completion: Completion, talk: Talk) -> Engine:
    from extract.bulk import engines
    from extract.bulk.processes import default_workers

    if completion.options.policy() is not None:
        if options.engine is EngineName.DASK or (options.workers or 1) > 1:
            talk.note("with a model, records are read in this process: its calls go out side by side all the same")
        return engines.completed_here(completion.complete)
    if options.scheduler is not None:
        return engines.dask(options.scheduler)
    workers = options.workers or default_workers()
    return engines.local(workers) if workers > 1 else engines.here


def _settings(
    inputs: _Inputs, options: BulkOptions, kinds: tuple[Kind, ...], evidence: EvidenceScope, completion: Completion
) -> dict[str, object]:
    """What decides what the outputs hold, by the names that a person knows."""
    from trialcite.version import __version__

    policy = completion.options.policy()
    return {
        "version": __version__,
        "inputs": [str(p) for p in inputs.paths],
        "outputs": kinds,
        "--evidence": evidence,
        "--limit": options.limit,
        "--sample": options.sample,
        "--seed": options.seed,
        "model": (policy[0], policy[1].model) if policy else None,
    }


class _Bar:
    """Progress by bytes read, with rate and time left; what failed is said as it comes."""

    def __init__(self, total: int | None, talk: Talk, *, quiet: bool) -> None:
        self.done_before = 0
        self._talk = talk
        self.progress = _progress(quiet=quiet)
        self._task = self.progress.add_task("extracting", total=total, studies=0, rate="")
        self._studies = 0
        self._container, self._closed, self._read = "", 0, 0

    def batch(self, batch: Batch, done: Done | None) -> None:
        """A batch is done, or was before."""
        if done is None:
            self.done_before += len(batch.units)
        else:
            self._studies += done.studies
            for entry in done.entries:
                if entry.status == "failed":
                    self._talk.error(entry.reason or "")
                else:
                    self._talk.detail(f"{entry.container} {entry.member or ''}: {entry.document or entry.reason}")
        for unit in batch.units:
            self._seen(unit)
        elapsed = self.progress.tasks[0].elapsed or 0
        rate = f"{self._studies / elapsed:.0f}/s" if elapsed else ""
        self.progress.update(self._task, completed=self._closed + self._read, studies=self._studies, rate=rate)

    def _seen(self, unit: Unit) -> None:
        # Batches come out of order by a few, so what is read of a file only grows.
        if unit.container == self._container:
            self._read = max(self._read, unit.read)
        else:
            self._closed += self._read
            self._container, self._read = unit.container, unit.read


def _progress(*, quiet: bool) -> Progress:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    talk = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[studies]} studies {task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=talk, transient=True, disable=quiet or not talk.is_terminal)


def _say(totals: Totals, bar: _Bar, folder: Path, completion: Completion, talk: Talk) -> None:
    from qa.wording import counted

    statuses, counts = totals.statuses, totals.counts
    studies, inputs = statuses.get("done", 0), sum(statuses.values())
    parts = [f"{counted(studies, 'study', 'studies')} of {counted(inputs, 'input')} to {folder}"]
    parts += [f"{statuses[s]} {s}" for s in ("failed", "skipped") if statuses.get(s)]
    parts += [f"{bar.done_before} done before"] if bar.done_before else []
    talk.note(", ".join(parts))
    fields = ("extracted", "not_stated", "unreadable", "rejected")
    if any(counts[f] for f in fields):
        talk.note("fields: " + ", ".join(f"{counts[f]} {f.replace('_', ' ')}" for f in fields))
    several = {"criteria": "criterion", "constraints": "constraint", "findings": "finding"}
    talk.note(", ".join(counted(counts[c], one, c) for c, one in several.items()))
    for reason, times in totals.reasons.items():
        talk.note(f"failed: {reason}" + (f" ({times} times)" if times > 1 else ""))
    if counts["tokens"]:
        talk.note(f"{counts['tokens']} tokens")
    for line in completion.summary():
        talk.note(line)
