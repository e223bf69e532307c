"""Parts: what each batch adds to the outputs, one file a batch, safely on disk before the journal names it.

Who works on a batch on this machine drafts its part, so that its bytes need not travel; the run alone keeps a draft.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LENGTH = 8
_DRAFT = ".draft"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a run. A part is a length, the places of its sheets as JSON, and the sheets, one after the other."""

    folder: Path

    def tidy(self) -> None:
        """Make the folder if it is not there; throw out drafts that nobody kept: who wrote them, or their run, died."""
        self.folder.mkdir(exist_ok=True)
        for draft in self.folder.glob(f"*{_DRAFT}"):
            draft.unlink(missing_ok=True)

    def draft(self, number: int, sheets: Mapping[str, bytes]) -> Path:
        """Write what may become a part; nothing has to outlive a crash yet."""
        places, at = {}, 0
        for name, data in sheets.items():
            places[name] = (at, len(data))
            at += len(data)
        head = json.dumps(places).encode()
        draft = self._path(number).with_suffix(f".{os.getpid()}{_DRAFT}")
        with draft.open("wb") as stream:
            stream.write(len(head).to_bytes(_LENGTH, "little"))
            stream.write(head)
            stream.writelines(sheets.values())
        return draft

    def keep(self, number: int, draft: Path) -> None:
        """Make a draft the part, so that it is there whole, or not at all, whatever happens."""
        sync(draft)
        draft.replace(self._path(number))

    def sheet(self, number: int, name: str) -> bytes:
        """One sheet of a part."""
        with self._path(number).open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH), "little")
            at, size = json.loads(stream.read(length))[name]
            stream.seek(_LENGTH + length + at)
            return stream.read(size)

    def has(self, number: int) -> bool:
        """Whether the part is there."""
        return self._path(number).is_file()

    def clear(self) -> None:
        """Remove all parts and what is left of unfinished ones."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.part"


def sync(path: Path) -> None:
    """Have what was written to a file reach the disk."""
    with path.open("r+b") as stream:  # a file that is only read cannot be synced everywhere
        os.fsync(stream.fileno())
