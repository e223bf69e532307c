"""A bulk run killed at random moments (SIGKILL), then finished: are its outputs those of a run that was not?

python benchmarks/bulk_killed.py INPUT [KILLS] [SEED]
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

COMMAND = (sys.executable, "-c", "from trialcite.cli import main; main()", "extract", "-q", "--workers", "2")
TABLES = ("--tables", "csv", "--tables", "parquet", "--tables", "sqlite")


def outputs(folder: Path) -> dict[str, bytes]:
    """Every output by its name; the journal is none, its bytes depend on the order of the work."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name[0] != "." and "journal" not in p.name}


def main() -> None:
    """Kill, finish, compare; leaves with 1 where one run differs."""
    given, *numbers = sys.argv[1:]
    kills, seed = map(int, [*numbers, *("20", "0")[len(numbers) :]])
    moments = random.Random(seed)
    same = 0
    with TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole")
        start = time.monotonic()
        subprocess.run([*COMMAND, given, "-o", str(whole), *TABLES], check=False)
        lasts = time.monotonic() - start
        expected = outputs(whole)
        for kill in range(kills):
            out = Path(scratch, str(kill))
            process = subprocess.Popen([*COMMAND, given, "-o", str(out), *TABLES])
            moment = moments.uniform(0, lasts)
            time.sleep(moment)
            running = process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            parts = len(list(out.glob(".parts/*.part")))
            subprocess.run([*COMMAND, given, "-o", str(out), *TABLES], check=False)
            same += outputs(out) == expected
            found = f"{'killed' if running else 'was done'}, {parts} parts on disk"
            print(f"{moment:5.1f} s of {lasts:.1f}: {found}; {same} of {kill + 1} the same", flush=True)
    sys.exit(same < kills)


if __name__ == "__main__":
    main()
