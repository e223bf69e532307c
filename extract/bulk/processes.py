"""How workers' processes start. Light to import, so that they can start while their parent imports the rest."""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.context import BaseContext

_PRELOADED = ("__main__", "extract.bulk.work")


def default_workers() -> int:
    """As many workers as this process may use processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def context() -> BaseContext:
    """Workers are forks of a server that has imported what each would take most of a second to import.

    Not forks of this process, whose threads (a progress bar, Arrow) may hold locks that a child would wait for.
    """
    if sys.platform in ("win32", "darwin"):  # no forks, or none that the system's own libraries outlive
        return get_context("spawn")
    made = get_context("forkserver")
    made.set_forkserver_preload(list(_PRELOADED))
    # An interruption is this process's to handle. The server comes to ignore it, but not before all is imported.
    resource_tracker.ensure_running()  # which the server needs too, and whose start would undo the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return made


def prepare() -> None:
    """Have that server start now: its imports go on beside this process's own."""
    context()
