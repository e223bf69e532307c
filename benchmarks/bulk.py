"""Bulk runs: seconds against just decoding and encoding the records, one worker against two, and memory.

Seconds are those of processors, which a busy machine stretches less than those of the clock.

    python benchmarks/bulk.py INPUT [--rounds 3] [--times 10] [--tables parquet]

INPUT is a file or folder of records: page texts, or JSON Lines (also gzipped). With --times, the run on that many
copies of it shows whether memory grows with the inputs.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson
from paired import header, measure

TRIALCITE = (sys.executable, "-c", "from trialcite.cli import main; main()")
_PAUSE = 0.02
_PR_SET_CHILD_SUBREAPER = 36


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
            now = {pid: _resident(pid) for pid in (process.pid, *_descendants(process.pid))}
            together = max(together, sum(now.values()))
            most |= {pid: max(size, most.get(pid, 0)) for pid, size in now.items()}
            time.sleep(_PAUSE)
        _wait_for_orphans()
        if process.returncode:
            raise SystemExit(f"the run left with {process.returncode}")
        return Memory(most.pop(process.pid), sorted(most.values()), together)


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [p for child in children for p in (child, *_descendants(child))]


def _adopt_orphans() -> None:
    """Become the parent of processes that a run leaves behind as it ends (the server that its workers are forks of).

    Else their seconds would count nowhere.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _wait_for_orphans() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 >> 20
    except (FileNotFoundError, ProcessLookupError):
        return 0


def processor_seconds() -> float:
    """Seconds of processors that this program and the runs it waited for have used."""
    own, runs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + runs.ru_utime + runs.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=0)
    parser.add_argument("--tables", action="append", default=[])
    asked = parser.parse_args()
    lines = lines_of(asked.input)
    _adopt_orphans()
    pairs = [
        measure(
            f"{len(lines)} records, 2 workers", lambda: extract([asked.input], 2, asked.tables),
            "decode and encode", lambda: decode_and_encode(lines), rounds=asked.rounds, clock=processor_seconds,
        ),
        measure(
            f"{len(lines)} records, 2 workers", lambda: extract([asked.input], 2, asked.tables),
            "1 worker", lambda: extract([asked.input], 1, asked.tables), rounds=asked.rounds, clock=processor_seconds,
        ),
    ]  # fmt: skip
    print(header("s"))
    print("\n".join(pair.row(1) for pair in pairs))
    for times in (1, asked.times):
        if times:
            clock, used = time.perf_counter(), processor_seconds()
            memory = extract([asked.input] * times, 2, asked.tables)
            clock, used = time.perf_counter() - clock, processor_seconds() - used
            rates = f"{len(lines) * times / clock:,.0f} records/s, {len(lines) * times / used:,.0f} a processor second"
            print(f"{times:>4} times: {rates}, {memory}")


if __name__ == "__main__":
    main()
