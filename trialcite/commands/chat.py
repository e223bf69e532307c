"""`trialcite chat`: questions that lean on those before them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from trialcite.completion import Options
from trialcite.options import (
    Json,
    LibraryFolder,
    LlmBaseUrl,
    LlmLog,
    LlmModel,
    LlmPolicy,
    LlmTokenBudget,
    NoCache,
    Quiet,
    Trial,
)
from trialcite.output import Talk, console

if TYPE_CHECKING:
    from trialcite.chat import Chat


def chat(
    trial: Trial = None,
    library: LibraryFolder = None,
    as_json: Json = False,
    llm: LlmPolicy = None,
    llm_model: LlmModel = None,
    llm_base_url: LlmBaseUrl = None,
    llm_token_budget: LlmTokenBudget = None,
    llm_log: LlmLog = None,
    no_cache: NoCache = False,
    quiet: Quiet = False,
) -> None:
    """Ask one question after another.

    A follow-up leans on what was asked before: "and the upper limit?", "what about the other one?". /help lists the
    commands. Questions can also be piped in, one a line. What is entered is not kept.

    \b
    trialcite chat --trial NCT99000001
    printf 'what phase is NCT99000001?\\nand who pays?\\n' | trialcite chat
    """
    from trialcite.answering import answering
    from trialcite.api import Library
    from trialcite.chat import Chat
    from trialcite.errors import TrialciteError
    from trialcite.places import library_to_read

    talk = Talk(quiet=quiet)
    failed = asked = 0
    options = Options(llm, llm_model, llm_base_url, llm_token_budget, llm_log, cache=not no_cache)
    with Library(library_to_read(library)) as opened, answering(opened, options) as answers:
        for note in opened.notes:
            talk.note(note)
        talking = Chat(opened, answers, console(), trial=trial, as_json=as_json)
        for line in _typed(talking, talk) if sys.stdin.isatty() else sys.stdin:
            asked += 1
            try:
                talking.take(line)
            except TrialciteError as e:
                failed += 1
                talk.error(str(e))
            except KeyboardInterrupt:
                talk.note("interrupted")
            if talking.ended:
                break
        for line in answers.summary():
            talk.note(line)
    if failed and not sys.stdin.isatty():
        raise typer.Exit(3 if failed < asked else 4)


def _typed(talking: Chat, talk: Talk) -> Iterator[str]:
    """Lines from a person at a terminal, until Ctrl-D. Ctrl-C leaves the line that is being typed."""
    import readline  # noqa: F401 - its import alone gives `input` editing and history

    talk.note("Ask a question; /help lists commands, Ctrl-D ends.")
    while True:
        try:
            yield input(f"{talking.trial or 'all trials'}> ")
        except KeyboardInterrupt:
            print()  # noqa: T201 - to a terminal, after ^C
        except EOFError:
            print()  # noqa: T201 - the shell's prompt starts on a line of its own
            return
