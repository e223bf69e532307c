"""A document that a command names: a file, or an id of the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trialcite.errors import InputError, UnknownDocument, UsageError

if TYPE_CHECKING:
    from extract.extraction import Extraction
    from extract.reading import Reading


def document_of(name: str, library: Path | None) -> tuple[Reading, Extraction]:
    """Its reading and extraction.

    Raises InputError for a file that cannot be read, UsageError for one of several records, UnknownDocument for a name
    that is neither a file nor in the library, LibraryNotFound when there is no library to look in.
    """
    from trialcite.api import Library
    from trialcite.places import library_to_read

    if Path(name).is_file():
        return _of_file(Path(name))
    with Library(library_to_read(library)) as opened:
        if name not in opened.stored:
            raise UnknownDocument("no such file, and no such document in the library", where=name)
        stored = opened.stored.get(name)
        return stored.reading, stored.extraction


def _of_file(path: Path) -> tuple[Reading, Extraction]:
    from extract.extractor import extract
    from extract.readers import readings

    found = list(readings(path))
    if len(found) != 1:
        hint = "add it to a library and name a document"
        raise UsageError(f"holds {len(found)} records", where=str(path), hint=hint)
    if isinstance(found[0], InputError):
        raise found[0]
    return found[0], extract(found[0])
