"""From what a person names on the command line to the files that are read, and their bytes.

A folder stands for the files in it and below, in sorted order, whose suffix is one that records come in; the rest
are passed over. A file named by itself is always tried. Hidden files and folders are passed over, and a symbolic link
to a folder is not followed (it may loop).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from trialcite.errors import InputError, UnreadableInput

SUFFIXES = (".txt", ".text", ".md", ".json", ".jsonl", ".ndjson", ".xml", ".csv", ".html", ".htm", ".pdf")
"""Suffixes of files taken from a folder; each may be followed by .gz."""

ARCHIVES = (".zip", ".tar", ".tgz")
"""Suffixes of archives, which bulk runs take from a folder too; .tar.gz is among them."""

STDIN = Path("-")

_CHUNK = 1 << 16


def expand(paths: Iterable[Path], *, also: tuple[str, ...] = ()) -> Iterator[Path | InputError]:
    """The files behind `paths`, in the order given, folders sorted. What is not there is an error in its place.

    `also` are further suffixes of files to be taken from a folder.
    """
    for path in paths:
        if path == STDIN:
            yield path
        elif path.is_dir():
            yield from _files_in(path, SUFFIXES + also)
        elif path.exists():
            yield path
        else:
            yield UnreadableInput("no such file or folder", where=str(path))


def _files_in(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path | InputError]:
    found = False
    faults: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=faults.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            if is_record_name(name, suffixes):
                found = True
                yield Path(root, name)
    for fault in faults:
        yield UnreadableInput(fault.strerror or "cannot be listed", where=str(fault.filename))
    if not found and not faults:
        known = " ".join(suffixes)
        yield UnreadableInput(
            "no records in this folder", where=str(folder), hint=f"files that count: {known}, also .gz"
        )


def is_record_name(name: str, suffixes: tuple[str, ...] = SUFFIXES) -> bool:
    """Whether a file of this name is taken when its folder is."""
    return not name.startswith(".") and name.lower().removesuffix(".gz").endswith(suffixes)


def read_whole(stream: BufferedReader[Any], most: int) -> bytes:
    """What a stream holds, or one byte more than it may. (To read `most` at once would first set that much aside.)"""
    data = stream.read(_CHUNK)
    return data if len(data) < _CHUNK else data + stream.read(most + 1 - _CHUNK)
