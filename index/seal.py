"""A seal vouches for an index's files: size, time and hash of each, written beside their folder by the last writer.

Files that were damaged, swapped or not written to their end do not fit it. Copying a library changes times, so where
only these differ the content decides.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_Entry = tuple[int, int, str]
"""Size, time of change in nanoseconds, SHA-256."""


class Seal:
    """The seal of a folder's files that match `pattern`; hidden ones are not covered."""

    def __init__(self, folder: Path, pattern: str) -> None:
        self._folder = folder
        self._pattern = pattern
        self._file = folder.with_name(f"{folder.name}.seal")

    def set(self) -> None:
        """Vouch for the files as they are. Raises OSError."""
        state = {name: (*self._stat(path), _sha256(path)) for name, path in self._files().items()}
        self._file.write_text(json.dumps(state), encoding="utf-8")

    def lift(self) -> None:
        """Vouch for nothing: from now on the files are changed. Raises OSError."""
        self._file.unlink(missing_ok=True)

    def fits(self) -> bool:
        """Whether the files are those that were vouched for."""
        try:
            seal: dict[str, _Entry] = json.loads(self._file.read_text(encoding="utf-8"))
            files = self._files()
            if files.keys() != seal.keys():
                return False
            if all(self._stat(path) == tuple(seal[name][:2]) for name, path in files.items()):
                return True
            return all(_sha256(path) == seal[name][2] for name, path in files.items())
        except (OSError, ValueError, TypeError, AttributeError, LookupError):
            return False

    def _files(self) -> dict[str, Path]:
        found = (p for p in self._folder.glob(self._pattern) if p.is_file() and not p.name.startswith("."))
        return {p.relative_to(self._folder).as_posix(): p for p in sorted(found)}

    @staticmethod
    def _stat(path: Path) -> tuple[int, int]:
        stat = path.stat()
        return stat.st_size, stat.st_mtime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
