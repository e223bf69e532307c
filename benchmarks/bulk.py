"""Bulk runs: studies a second against just decoding and encoding them, one worker against two, and memory.

    python benchmarks/bulk.py INPUT [--rounds 3] [--times 10] [--tables parquet]

INPUT is a file or folder of records: page texts, or JSON Lines (also gzipped). With --times, the run on that many
copies of it shows whether memory grows with the inputs.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson
from paired import header, measure

TRIALCITE = (sys.executable, "-c", "from trialcite.cli import main; main()")
_PAUSE = 0.02


class Memory(NamedTuple):
    """Most resident memory in MB: of the parent, of each worker, and of all at one moment."""

    parent: int
    workers: list[int]
    together: int


def lines_of(path: Path) -> list[bytes]:
    """The records, a line or a page each."""
    if path.is_dir():
        return [p.read_bytes() for p in sorted(path.iterdir())]
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.splitlines()


def decode_and_encode(lines: list[bytes]) -> None:
    """The least that any program does that reads such records and writes them."""
    for line in lines:
        orjson.dumps(orjson.loads(line) if line[:1] == b"{" else line.decode())


def extract(paths: list[Path], workers: int, tables: list[str]) -> Memory:
    """The command, into a folder that is thrown away; its memory is looked at all the while."""
    with TemporaryDirectory() as out:
        options = [o for table in tables for o in ("--tables", table)]
        command = [
            *TRIALCITE,
            "extract",
            "-q",
            *map(str, paths),
            "-o",
            f"{out}/run",
            "--workers",
            str(workers),
            *options,
        ]
        process = subprocess.Popen(command)
        most: dict[int, int] = {}
        together = 0
        while process.poll() is None:
            now = {pid: _resident(pid) for pid in (process.pid, *_children(process.pid))}
            together = max(together, sum(now.values()))
            most |= {pid: max(size, most.get(pid, 0)) for pid, size in now.items()}
            time.sleep(_PAUSE)
        if process.returncode:
            raise SystemExit(f"the run left with {process.returncode}")
        return Memory(most.pop(process.pid), sorted(most.values()), together)


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 >> 20
    except (FileNotFoundError, ProcessLookupError):
        return 0


def timed(work: Callable[[], Memory]) -> tuple[float, Memory]:
    """Seconds of the wall clock, and the memory."""
    start = time.perf_counter()
    memory = work()
    return time.perf_counter() - start, memory


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=0)
    parser.add_argument("--tables", action="append", default=[])
    asked = parser.parse_args()
    lines = lines_of(asked.input)
    two = measure(
        f"{len(lines)} records, 2 workers", lambda: extract([asked.input], 2, asked.tables),
        "decode and encode", lambda: decode_and_encode(lines), rounds=asked.rounds,
    )  # fmt: skip
    one = measure(
        f"{len(lines)} records, 1 worker", lambda: extract([asked.input], 1, asked.tables),
        "2 workers", lambda: extract([asked.input], 2, asked.tables), rounds=asked.rounds,
    )  # fmt: skip
    print(header("s"))
    print(two.row(1), one.row(1), sep="\n")
    print(f"{len(lines) / median(two.seconds):,.0f} records/s with 2 workers, start and end of the program included")
    for times in (1, asked.times):
        if times:
            seconds, memory = timed(lambda times=times: extract([asked.input] * times, 2, asked.tables))  # type: ignore[misc]
            print(f"{times:>4} times: {len(lines) * times / seconds:,.0f} records/s, {memory}")


if __name__ == "__main__":
    main()
