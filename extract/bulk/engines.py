"""Where batches are worked on: in this process, in a pool of processes, or on a Dask cluster.

An engine takes batches as it has room for them and hands them back done, in any order, their parts drafted. A worker
that dies (out of memory, killed, its machine gone) costs time, not results: its batches are worked on again, and only
an input that kills a worker by itself, twice, is given up, with that as its reason.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import connection, parent_process
from threading import Thread
from typing import ParamSpec, TypeVar

from extract.bulk.batches import Batch
from extract.bulk.parts import Parts
from extract.bulk.processes import context
from extract.bulk.units import Skipped, Unit
from extract.bulk.work import Collector, Done, Job, Worked, items_of, process
from extract.collector import relax_collector
from extract.extraction import Extraction
from extract.extractor import Extracted
from trialcite.errors import InputError, UnreadableInput, UsageError
from trialcite.version import __version__

P = ParamSpec("P")
T = TypeVar("T")
Engine = Callable[[Iterable[Batch], Job, Parts], Iterator[tuple[Batch, Done]]]

_AHEAD = 2
"""Batches that wait for a worker, for each worker: enough that none is idle, few enough that memory is flat."""


def here(batches: Iterable[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
    """In this process, one after the other."""
    for batch in batches:
        yield batch, _done(batch, job, parts)


def _done(batch: Batch, job: Job, parts: Parts) -> Done:
    return _drafted(batch, process(batch, job), parts)


def _drafted(batch: Batch, worked: Worked, parts: Parts) -> Done:
    return Done(worked.entries, parts.draft(batch.number, worked.sheets))


def completed_here(complete: Callable[[Iterable[Extracted | InputError]], Iterator[Extraction | InputError]]) -> Engine:
    """In this process, each record completed by a model on its way: all calls under one rate and one budget."""

    def engine(batches: Iterable[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
        # Several records are under way at once; they come back in the order in which they went.
        under_way: deque[tuple[Collector, Unit, int]] = deque()
        begun: deque[tuple[Batch, Collector]] = deque()

        def items() -> Iterator[Extracted | InputError]:
            for batch in batches:
                collector = Collector(batch, job)
                begun.append((batch, collector))
                for number, unit in enumerate(batch.units, start=batch.first):
                    for item in items_of(unit, job.evidence):
                        if isinstance(item, Skipped):
                            collector.add(number, unit, item)
                        else:
                            under_way.append((collector, unit, number))
                            yield item

        for item in complete(items()):
            collector, unit, number = under_way.popleft()
            while begun[0][1] is not collector:
                batch, earlier = begun.popleft()
                yield batch, _drafted(batch, earlier.worked(), parts)
            collector.add(number, unit, item)
        for batch, collector in begun:
            yield batch, _drafted(batch, collector.worked(), parts)

    return engine


def local(workers: int) -> Engine:
    """In a pool of processes on this machine."""

    def engine(batches: Iterable[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
        source = iter(batches)
        while True:
            pool = _pool(workers)
            try:
                lost = yield from _through(pool, source, job, parts, room=workers * _AHEAD)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            if not lost:
                return
            yield from ((batch, _alone(batch, job, parts)) for batch in lost)

    return engine


def _through(
    pool: ProcessPoolExecutor, source: Iterator[Batch], job: Job, parts: Parts, *, room: int
) -> Generator[tuple[Batch, Done], None, list[Batch]]:
    """Work until there are no more batches, or the pool breaks; returns the batches that were lost with it."""
    waiting: dict[Future[Done], Batch] = {}
    while True:
        while len(waiting) < room and (batch := next(source, None)):
            try:
                waiting[pool.submit(_done, batch, job, parts)] = batch
            except BrokenProcessPool:
                return [*waiting.values(), batch]
        if not waiting:
            return []
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            try:
                done = future.result()
            except BrokenProcessPool:
                return [*waiting.values()]
            yield waiting.pop(future), done


def dask(scheduler: str) -> Engine:
    """On a Dask cluster. Raises UsageError when distributed is not installed, or no scheduler is at the address."""
    if find_spec("distributed") is None:
        raise UsageError("Dask is not installed", hint="pip install 'trialcite[dask]'")

    def engine(batches: Iterable[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker

        try:
            client = Client(scheduler, set_as_default=False)
        except (OSError, TimeoutError) as e:
            raise UsageError(f"no Dask scheduler answers ({e})", where=scheduler) from e
        with client:
            _check_versions(client.run(_version))
            source = iter(batches)
            running = as_completed(loop=client.loop)
            held: dict[str, Batch] = {}

            def feed() -> None:
                room = _AHEAD * max(1, sum(client.nthreads().values()))
                while len(held) < room and (batch := next(source, None)):
                    future = client.submit(process, batch, job, pure=False)
                    held[future.key] = batch
                    running.add(future)

            feed()
            while held:
                future = next(running)
                batch = held.pop(future.key)
                try:
                    done = _drafted(batch, future.result(), parts)
                except KilledWorker:
                    done = _alone(batch, job, parts)
                future.release()
                feed()
                yield batch, done

    return engine


def _version() -> str:
    """Of the program, where this runs."""
    return __version__


def _check_versions(versions: Mapping[str, str]) -> None:
    """Raises UsageError for a worker that would extract something else."""
    for worker, version in versions.items():
        if version != __version__:
            raise UsageError(f"this Dask worker has trialcite {version}, not {__version__}", where=worker)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=context(), initializer=_begin)


def _begin() -> None:
    """What a worker does first: an interruption is the parent's to handle, and without a parent it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    relax_collector()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _alone(batch: Batch, job: Job, parts: Parts) -> Done:
    """A batch whose worker died, worked on again in a process of its own, without the inputs that kill even that."""
    if done := _tried(_done, batch, job, parts):
        return done
    units = tuple(u if _tried(process, replace(batch, units=(u,)), job) else _given_up(u) for u in batch.units)
    done = _tried(_done, replace(batch, units=units), job, parts)
    return done or _done(replace(batch, units=tuple(map(_given_up, units))), job, parts)


def _tried(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
    """What the work gives in a worker of its own; None when that one dies."""
    with _pool(1) as pool:
        try:
            return pool.submit(work, *args, **named).result()
        except BrokenProcessPool:
            return None


def _given_up(unit: Unit) -> Unit:
    hint = "too large for the memory at hand?"
    return replace(unit, content=UnreadableInput("its worker died, twice", where=unit.where, hint=hint))
