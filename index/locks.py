"""The lock of the one process that may write to a library, and whose it is."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from trialcite.errors import LibraryLocked, LibraryUnwritable


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of the library in `folder`, which is made when it is not there.

    The system lets go of it when a process dies, however it dies. Raises LibraryLocked with the holder's name, and
    LibraryUnwritable.
    """
    from filelock import FileLock, Timeout

    holder = folder / "writer.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "writer.lock")
        lock.acquire(timeout=0)
    except Timeout as e:
        raise LibraryLocked(_held_by(holder), where=str(folder), hint="wait for it to end; reading is possible") from e
    except OSError as e:
        raise LibraryUnwritable(e.strerror or str(e), where=str(folder), hint="see who may write there") from e
    try:
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now():%Y-%m-%d %H:%M}"}
        with suppress(OSError):  # a full disk: what cannot be written will be said where it matters
            holder.write_text(json.dumps(me))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _held_by(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text())
        return f"process {who['pid']} on {who['host']} is writing since {who['since']}"
    except (OSError, ValueError, KeyError):  # it has just begun, or just ended
        return "another process is writing"
