"""The public Python interface: a thin composition of the layers below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from index.library import Added, Hit, Unchanged, Unit, Updated
from index.library import Library as Stored
from trialcite.errors import InputError, UnreadableInput, UsageError

if TYPE_CHECKING:  # readers and rules are imported where they are used: a question needs neither
    from extract.extraction import Extraction
    from extract.study import Study
    from qa.answer import Answer
    from qa.engine import Engine


def extract(path_or_text: str | Path) -> Extraction:
    """The structured study of one record, given as a path or as its text.

    A string is a path when a file is there, or when it is one line that looks like one. Raises InputError when it
    cannot be read, UsageError when the file holds more than one record.
    """
    from extract import extractor

    if isinstance(path_or_text, str) and not _is_path(path_or_text):
        return extractor.extract_text(path_or_text)
    extractions = []
    for item in extractor.extract_paths([Path(path_or_text)]):
        if isinstance(item, InputError):
            raise item
        extractions.append(item.extraction)
        if len(extractions) > 1:
            hint = "use Library.add, or trialcite extract"
            raise UsageError("holds more than one record", where=str(path_or_text), hint=hint)
    return extractions[0]


def _is_path(text: str) -> bool:
    return "\n" not in text and "\r" not in text and len(text) < 1024


@dataclass
class Addition:
    """What adding did: document ids by what became of them, and the inputs that could not be read."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[InputError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Progress = Callable[[Path, int, int], None]
"""Called after each input with it, how many are done, and how many there are."""


class Library:
    """Trial records that were read, ready to be searched, asked and cited.

    Opened for reading by default; `write=True` makes the library when there is none and keeps other writers out.
    Use it as a context manager. Raises errors below LibraryError.
    """

    def __init__(
        self, path: str | Path, *, write: bool = False, embedder: str | None = None, chroma_url: str | None = None
    ) -> None:
        """`embedder` is minilm, folder:PATH or openai:MODEL[@URL]; by default that of the library, else minilm.
        `chroma_url` is a Chroma server for the vector index; by default TRIALCITE_CHROMA_URL, else none."""
        from trialcite.backends import chosen, found, vector_server

        opening = Stored.create if write else Stored.open
        with_embedder = chosen(embedder) if embedder else found
        self._stored = opening(Path(path), embedder=with_embedder, chroma=vector_server(chroma_url))

    @property
    def notes(self) -> list[str]:
        """One-line remarks on what does not work as it could."""
        return self._stored.notes

    @property
    def stored(self) -> Stored:
        """The index below, for what this class does not hand on."""
        return self._stored

    def __len__(self) -> int:
        return len(self._stored)

    def add(self, paths: Iterable[str | Path], *, prune: bool = False, progress: Progress | None = None) -> Addition:
        """Read, extract and store every record behind the paths; records that are there unchanged are skipped.

        With `prune`, documents whose file lies below one of the paths but was not found this time are removed. Raises
        EmbedderMismatch before anything is read.
        """
        from extract.inputs import STDIN, expand

        self._stored.embedder  # noqa: B018 - another than the library's is refused before any work
        asked = [Path(p) if Path(p) == STDIN else Path(p).absolute() for p in paths]
        inputs = list(expand(asked))
        addition = Addition()
        for done, item in enumerate(inputs, start=1):
            if isinstance(item, InputError):
                addition.failed.append(item)
            else:
                self._add_file(item, addition)
            if progress:
                progress(item if isinstance(item, Path) else Path(item.where or ""), done, len(inputs))
        self._stored.flush()
        if prune:
            found = {str(p) for p in inputs if isinstance(p, Path)}
            self._prune(asked, found, addition)
        return addition

    def _add_file(self, path: Path, addition: Addition) -> None:
        from extract import extractor
        from extract.inputs import STDIN
        from extract.readers import readings

        if path == STDIN:
            addition.failed.append(UnreadableInput("a library cites files, so it cannot add stdin", where="-"))
            return
        for reading in readings(path):
            if isinstance(reading, InputError):
                addition.failed.append(reading)
                continue
            if self._stored.holds(str(path), reading.source.sha256, member=reading.member):
                addition.unchanged.append(str(path))
                continue
            item = extractor.extracted(reading)
            if isinstance(item, InputError):
                addition.failed.append(item)
                continue
            match self._stored.add(item.reading, item.extraction):
                case Added(document):
                    addition.added.append(document)
                case Unchanged(document):
                    addition.unchanged.append(document)
                case Updated(document, replaced):
                    addition.updated.append(document)
                    if replaced and replaced != str(path):
                        addition.notes.append(f"{document} is now {path}, was {replaced}")

    def _prune(self, asked: list[Path], found: set[str], addition: Addition) -> None:
        for document in list(self._stored.documents()):
            below = any(Path(document.path).is_relative_to(folder) for folder in asked)
            if below and document.path not in found:
                self._stored.remove(document.id)
                addition.removed.append(document.id)

    def search(
        self, query: str, *, k: int = 10, document: str | None = None, unit: Unit = "chunk", where: str | None = None
    ) -> list[Hit]:
        """The places that may answer, best first."""
        return self._stored.search(query, k=k, document=document, unit=unit, where=where)

    def ask(self, question: str, *, trial: str | None = None) -> Answer:
        """The answer, with citations that were checked against the lines."""
        return self.engine.ask(question, trial=trial)

    @cached_property
    def engine(self) -> Engine:
        """What answers: one for all questions, for what it learned of a record for one serves the next."""
        from qa.engine import Engine

        return Engine(self._stored)

    def study(self, document: str) -> Study:
        """The structured study of a document. Raises UnknownDocument."""
        return self._stored.get(document).extraction.study

    def close(self) -> None:
        """Finish what is pending and let other writers in."""
        self._stored.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stored.__exit__(kind, error, trace)
