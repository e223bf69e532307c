"""Where the library is: the option, the environment, the nearest folder upward, in that order."""

from __future__ import annotations

from pathlib import Path

from trialcite.errors import LibraryNotFound


def library_to_read(option: Path | None) -> Path:
    """The library named, else the nearest one upward. Raises LibraryNotFound."""
    from index.library import find_library

    if option is None:
        return find_library(Path.cwd())
    if not option.is_dir():
        raise LibraryNotFound("no library there", where=str(option), hint="trialcite add PATH makes one")
    return option


def library_to_write(option: Path | None) -> Path:
    """The library named, else the nearest one upward, else a new one in the current folder."""
    from index.library import FOLDER, find_library

    if option is not None:
        return option
    try:
        return find_library(Path.cwd())
    except LibraryNotFound:
        return Path.cwd() / FOLDER
