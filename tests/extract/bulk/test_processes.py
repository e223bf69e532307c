"""How workers' processes start: soon, and undisturbed by what is meant for their parent."""

from __future__ import annotations

import subprocess
import sys

import pytest

EARLY = """
import os, signal, time
from extract.bulk.processes import prepare

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    prepare()
    try:
        os.killpg(0, signal.SIGINT)  # as a terminal sends it, while the server imports
        time.sleep(30)
    except KeyboardInterrupt:
        print("heard")
"""


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="workers are no forks there")
def test_an_early_interruption_is_heard_by_the_parent_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY], capture_output=True, text=True, start_new_session=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("heard\n", "")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="workers are no forks there")
def test_the_mask_of_the_parent_stays_as_it_was() -> None:
    watch = "import signal; from extract.bulk.processes import prepare; prepare(); print(signal.pthread_sigmask(0, ()))"
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"{set()}\n"
