"""A bulk run: inputs in, outputs in a folder, a journal that says what became of each input.

    run = BulkRun(folder, sources, Job(("jsonl", "parquet")), engine=engines.local(2), settings={…})
    totals = run.go()

A run that was cut off goes on where it was: every batch is read again, and worked on only if the journal doesn't have
it. A run that is finished has nothing to do, unless its inputs have changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from extract.bulk.batches import Batch, batches, first_of, sample_of
from extract.bulk.engines import Engine
from extract.bulk.journal import NAME, Journal, Totals
from extract.bulk.outputs import are_there, assemble
from extract.bulk.parts import Parts
from extract.bulk.units import Unit
from extract.bulk.work import Done, Job
from trialcite.errors import UsageError

PARTS = ".parts"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the inputs: the first so many, or so many by chance."""

    limit: int | None = None
    sample: int | None = None
    seed: int = 0

    def of(self, inputs: Callable[[], Iterator[Unit]]) -> Iterator[Unit]:
        """The chosen inputs. To choose by chance they are read twice: first to count them."""
        chosen = inputs()
        if self.sample is not None:
            chosen = sample_of(chosen, self.sample, self.seed, sum(1 for _ in inputs()))
        return chosen if self.limit is None else first_of(chosen, self.limit)


class Stopped(Exception):
    """The run stopped at its first failure."""


@dataclass(frozen=True)
class BulkRun:
    """One run into one folder.

    `inputs` gives the inputs from the beginning each time it is called. `settings` are those that decide what the
    outputs hold. `on_batch` is called with every batch that is done, and with None for one that was before.
    """

    folder: Path
    inputs: Callable[[], Iterator[Unit]]
    job: Job
    engine: Engine
    settings: Mapping[str, object]
    selection: Selection = Selection()
    fresh: bool = False
    fail_fast: bool = False
    on_batch: Callable[[Batch, Done | None], None] = lambda _batch, _done: None

    def go(self) -> Totals:
        """Do what is left to do.

        Raises UsageError when the folder cannot be written or holds a run of other settings, Stopped at the first
        failure when told so.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK, timeout=0):
                return self._run()
        except Timeout as e:
            raise UsageError("another run is writing here", where=str(self.folder)) from e
        except OSError as e:
            raise UsageError(e.strerror or "cannot be written", where=str(e.filename or self.folder)) from e

    def _run(self) -> Totals:
        parts = Parts(self.folder / PARTS)
        if self.fresh:
            self._forget()
        with Journal(self.folder) as journal:
            journal.settle(self.settings)
            if journal.finished and not parts.folder.exists() and are_there(self.folder, self.job.kinds):
                self._check_unchanged(journal)
                return journal.totals()
            parts.tidy()
            count = self._work(journal, parts)
            parts.tidy()
            journal.cut(count)
            assemble(self.folder, parts, list(journal.batches()), self.job.kinds)
            journal.finished = True
            totals = journal.totals()
            if not totals.statuses.get("failed"):  # else what failed may be mended, and the rest need not be done anew
                parts.clear()
            return totals

    def _work(self, journal: Journal, parts: Parts) -> int:
        """Work on every batch that was not done yet; how many batches there are."""
        count = 0

        def left() -> Iterator[Batch]:
            nonlocal count
            for batch in batches(self.selection.of(self.inputs)):
                count += 1
                if journal.has(batch) and parts.has(batch.number):
                    self.on_batch(batch, None)
                else:
                    journal.finished = False
                    yield batch

        for batch, done in self.engine(left(), self.job, parts):
            parts.keep(batch.number, done.draft)
            journal.add(batch, done)
            self.on_batch(batch, done)
            if self.fail_fast and any(e.status == "failed" for e in done.entries):
                raise Stopped
        return count

    def _check_unchanged(self, journal: Journal) -> None:
        left = len(list(journal.batches()))
        for batch in batches(self.selection.of(self.inputs)):
            if not journal.has(batch):
                break
            self.on_batch(batch, None)
            left -= 1
        if left == 0:
            return
        raise UsageError(
            "the inputs have changed since the run in this folder was finished",
            where=str(self.folder),
            hint="--fresh to begin anew, or -o another folder",
        )

    def _forget(self) -> None:
        """Remove the journal and the parts of an earlier run; its outputs stay until they are replaced."""
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{NAME}{suffix}").unlink(missing_ok=True)
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)
