"""Two things timed in turns, so that what else the machine does falls on both alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from trialcite.commands.doctor import built


@dataclass(frozen=True)
class Pair:
    """What was measured and its baseline: seconds of each round, in the order they were taken."""

    name: str
    baseline_name: str
    seconds: tuple[float, ...]
    baseline_seconds: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median over the rounds of seconds / baseline seconds."""
        return median(a / b for a, b in zip(self.seconds, self.baseline_seconds, strict=True))

    def row(self, unit: float = 1e-3) -> str:
        """One line: name, median, baseline, its median, ratio; times in `unit` seconds."""
        mine, theirs = median(self.seconds) / unit, median(self.baseline_seconds) / unit
        return f"{self.name:<46}{mine:>9.1f}   {self.baseline_name:<38}{theirs:>9.1f}   {self.ratio:>6.2f}"


def header(unit: str) -> str:
    """The line above `Pair.row`s. Says whether the compiled extractor was measured."""
    return f"{f'measured ({built()})':<46}{unit:>9}   {'against':<38}{unit:>9}   {'ratio':>6}"


def measure(
    name: str,
    work: Callable[[], object],
    baseline_name: str,
    baseline: Callable[[], object],
    *,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Pair:
    """Time `work` and `baseline` in turns, once each unmeasured (caches, byte code), then `rounds` times.

    `clock` is time.process_time for work inside this process that is to be counted in seconds of one core.
    """

    def seconds(timed: Callable[[], object]) -> float:
        start = clock()
        timed()
        return clock() - start

    seconds(work), seconds(baseline)
    times = [(seconds(work), seconds(baseline)) for _ in range(rounds)]
    return Pair(name, baseline_name, tuple(a for a, _ in times), tuple(b for _, b in times))
