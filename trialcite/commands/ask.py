"""`trialcite ask`: a question in, a cited answer out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.completion import Options
from trialcite.options import (
    STDOUT,
    Batch,
    Json,
    LibraryFolder,
    LlmBaseUrl,
    LlmLog,
    LlmModel,
    LlmPolicy,
    LlmTokenBudget,
    NoCache,
    Output,
    Quiet,
    RequireLlm,
    Trial,
)
from trialcite.output import Talk, console, opened, progress, shorten_paths, waiting

if TYPE_CHECKING:
    from qa.answer import Answer
    from trialcite.answering import Answering


def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="In your own words.")] = None,
    trial: Trial = None,
    library: LibraryFolder = None,
    as_json: Json = False,
    batch: Batch = None,
    output: Output = STDOUT,
    llm: LlmPolicy = None,
    llm_model: LlmModel = None,
    llm_base_url: LlmBaseUrl = None,
    llm_token_budget: LlmTokenBudget = None,
    llm_log: LlmLog = None,
    require_llm: RequireLlm = False,
    no_cache: NoCache = False,
    quiet: Quiet = False,
) -> None:
    """Answer a question, citing the lines that prove it.

    A question the records do not settle gets an answer that says so and what was looked at. A model is used only when
    one is configured (docs/models.md); what it says has to follow from the lines that it cites.

    \b
    trialcite ask "who is blinded?" --trial NCT99000001
    trialcite ask "could a 72-year-old join?" --trial NCT99000001
    trialcite ask "which trials are recruiting in Norland?"
    trialcite ask --batch questions.jsonl -o answers.jsonl     rows {id, question, trial}
    trialcite ask "how is it given?" --trial NCT99000001 --llm full --llm-model NAME
    """
    from trialcite.answering import answering
    from trialcite.api import Library
    from trialcite.errors import UsageError
    from trialcite.places import library_to_read

    if (question is None) == (batch is None):
        raise UsageError("give a question, or --batch FILE")
    talk = Talk(quiet=quiet)
    options = Options(llm, llm_model, llm_base_url, llm_token_budget, llm_log, cache=not no_cache)
    with Library(library_to_read(library)) as opened_, answering(opened_, options) as answers:
        for note in opened_.notes:
            talk.note(note)
        failed = 0
        if batch is not None:
            failed = _answer_all(answers, batch, output, talk)
        else:
            assert question is not None
            with waiting(answers.model, quiet=quiet):
                answer = answers.engine.ask(question, trial=trial)
            _print(answer, output, as_json=as_json)
        for line in answers.summary():
            talk.note(line)
        if require_llm and (failure := next(iter(answers.failures), None)):
            raise typer.Exit(failure.exit_code)
        if failed:
            raise typer.Exit(3)


def _print(answer: Answer, output: Path, *, as_json: bool) -> None:
    from trialcite.rendering import as_line, render_answer

    shorten_paths(answer)
    if as_json or output != STDOUT:
        with opened(output) as stream:
            stream.write(as_line(answer))
    else:
        render_answer(answer, console())


def _answer_all(answers: Answering, batch: Path, output: Path, talk: Talk) -> int:
    """Answer every row; how many could not be."""
    from qa.answer import Answer
    from trialcite.batches import Question, read_rows
    from trialcite.errors import TrialciteError
    from trialcite.rendering import as_line

    rows = list(read_rows(batch, Question))
    failed = 0

    def answered() -> Iterator[Answer]:
        nonlocal failed
        for row, answer in zip(rows, answers.engine.ask_all((r.question, r.trial) for r in rows), strict=True):
            if isinstance(answer, TrialciteError):
                failed += 1
                talk.error(f"{row.id}: {answer}")
                answer = Answer(question=row.question, status="failed", answer=str(answer))
            answer.id = row.id
            shorten_paths(answer)
            yield answer

    with opened(output) as stream, progress(quiet=output == STDOUT) as bar:
        for answer in bar.track(answered(), total=len(rows), description="answering"):
            stream.write(as_line(answer))
    return failed
