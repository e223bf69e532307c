"""Where results go. stdout is data, stderr is talk; a file appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from trialcite.errors import UsageError
from trialcite.options import STDOUT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from qa.answer import Answer


@contextmanager
def opened(output: Path) -> Iterator[BinaryIO]:
    """The output as a binary stream. A file is written beside itself and moved into place when all went well, so a
    reader never sees half of it and an error leaves what was there before."""
    if output == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if output.is_dir():
        raise UsageError("is a folder, not a file to write", where=str(output))
    if output.exists() and not output.is_file():  # /dev/null and the like cannot be replaced
        with output.open("wb") as stream:
            yield stream
        return
    yield from _replaced(output)


def _replaced(output: Path) -> Iterator[BinaryIO]:
    import tempfile  # 7 ms that help need not spend

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as e:
        raise UsageError(e.strerror or "cannot be written", where=str(output)) from e
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        mask = os.umask(0)
        os.umask(mask)
        Path(partial).chmod(0o666 & ~mask)  # mkstemp gives 0600; a result is as readable as any file a person makes
        Path(partial).replace(output)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def console(*, stderr: bool = False) -> Console:
    """A rich console; it obeys NO_COLOR and writes plainly when it is not a terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def progress(*, quiet: bool) -> Progress:
    """A progress bar on stderr: what is done, of how many, how fast. Only a terminal sees it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    talk = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=talk, transient=True, disable=quiet or not talk.is_terminal)


class Talk:
    """What a command says on stderr. Errors are always said."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet, self._verbose = quiet, verbose
        self._stream: IO[str] = sys.stderr

    def error(self, message: str) -> None:
        """Something failed: said even when quiet."""
        print(f"trialcite: {message}", file=self._stream)

    def note(self, message: str) -> None:
        """Something worth knowing about the whole run."""
        if not self._quiet:
            print(message, file=self._stream)

    def detail(self, message: str) -> None:
        """Something about one input, said when asked for."""
        if self._verbose:
            print(message, file=self._stream)


@contextmanager
def resumable(talk: Talk) -> Iterator[None]:
    """For a run whose same command goes on where it was interrupted: says so, which no other command may."""
    try:
        yield
    except KeyboardInterrupt:
        talk.note("what was finished is kept, and the same command goes on from there")
        raise


@contextmanager
def waiting(model: str | None, *, quiet: bool) -> Iterator[None]:
    """Say on a terminal that a model is being asked, while it is; nothing where there is none."""
    if model is None or quiet or not sys.stderr.isatty():
        yield
        return
    from rich.markup import escape

    with console(stderr=True).status(f"asking {escape(model)}"):
        yield


def shown_path(path: str) -> str:
    """A path as a person here would write it: relative when it lies below the current folder."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def shorten_paths(answer: Answer) -> None:
    """Have an answer's citations name their files as a person here would."""
    for citation in [*answer.citations, *(c for claim in answer.claims for c in claim.citations)]:
        citation.path = shown_path(citation.path)
