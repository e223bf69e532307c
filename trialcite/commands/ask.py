"""`trialcite ask`: a question in, a cited answer out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import STDOUT, Batch, Json, LibraryFolder, Output, Quiet, Trial
from trialcite.output import Talk, console, opened, progress, shorten_paths

if TYPE_CHECKING:
    from qa.answer import Answer
    from trialcite.api import Library


def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="In your own words.")] = None,
    trial: Trial = None,
    library: LibraryFolder = None,
    as_json: Json = False,
    batch: Batch = None,
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> None:
    """Answer a question, citing the lines that prove it.

    A question the records do not settle gets an answer that says so and what was looked at.

    \b
    trialcite ask "who is blinded?" --trial NCT99000001
    trialcite ask "could a 72-year-old join?" --trial NCT99000001
    trialcite ask "which trials are recruiting in Norland?"
    trialcite ask --batch questions.jsonl -o answers.jsonl     rows {id, question, trial}
    """
    from trialcite.api import Library
    from trialcite.errors import UsageError
    from trialcite.places import library_to_read

    if (question is None) == (batch is None):
        raise UsageError("give a question, or --batch FILE")
    talk = Talk(quiet=quiet)
    with Library(library_to_read(library)) as library_:
        for note in library_.notes:
            talk.note(note)
        if batch is not None:
            failed = _answer_all(library_, batch, output, talk)
            if failed:
                raise typer.Exit(3)
            return
        assert question is not None
        _print(library_.ask(question, trial=trial), output, as_json=as_json)


def _print(answer: Answer, output: Path, *, as_json: bool) -> None:
    from trialcite.rendering import as_line, render_answer

    shorten_paths(answer)
    if as_json or output != STDOUT:
        with opened(output) as stream:
            stream.write(as_line(answer))
    else:
        render_answer(answer, console())


def _answer_all(library: Library, batch: Path, output: Path, talk: Talk) -> int:
    from qa.answer import Answer
    from trialcite.batches import Question, read_rows
    from trialcite.errors import TrialciteError
    from trialcite.rendering import as_line

    rows = list(read_rows(batch, Question))
    failed = 0

    def answers() -> Iterator[Answer]:
        nonlocal failed
        for row in rows:
            try:
                answer = library.ask(row.question, trial=row.trial)
            except TrialciteError as e:
                failed += 1
                talk.error(f"{row.id}: {e}")
                answer = Answer(question=row.question, status="failed", answer=str(e))
            answer.id = row.id
            shorten_paths(answer)
            yield answer

    with opened(output) as stream, progress(quiet=output == STDOUT) as bar:
        for answer in bar.track(answers(), total=len(rows), description="answering"):
            stream.write(as_line(answer))
    return failed
