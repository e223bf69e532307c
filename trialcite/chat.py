"""A conversation in the terminal: a line in, an answer or what a command shows out.

/trial ID     ask about this trial; without ID, about all
/trials       the trials of the library
/sources      the cited lines of the last answer, whole, with those around them
/json         the last answer as JSON
/help         this
/quit         end, as Ctrl-D does
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.conversation import Conversation
from trialcite.errors import UsageError
from trialcite.output import shorten_paths, waiting
from trialcite.rendering import as_line, render_answer, render_lines

if TYPE_CHECKING:
    from rich.console import Console

    from qa.answer import Answer
    from trialcite.answering import Answering
    from trialcite.api import Library

_AROUND = 1
"""Lines shown before and after cited ones."""


class Chat:
    """What is shown for each line that a person enters. `trial` is the one the conversation is about, None for all."""

    def __init__(
        self,
        library: Library,
        answering: Answering,
        console: Console,
        *,
        trial: str | None = None,
        as_json: bool = False,
    ) -> None:
        self._library = library
        self._answering = answering
        self._console = console
        self._conversation = Conversation(answering.engine, trial=trial)
        self._as_json = as_json
        self.ended = False

    @property
    def trial(self) -> str | None:
        """The trial spoken of."""
        return self._conversation.trial

    def take(self, line: str) -> None:
        """Answer a question or do what a command says; nothing for a blank line. Raises UnknownDocument, UsageError."""
        line = line.strip()
        if line.startswith("/"):
            name, _, argument = line[1:].partition(" ")
            if name not in _COMMANDS:
                raise UsageError(f"no command /{name}", hint="/help lists them")
            _COMMANDS[name](self, argument.strip())
        elif line:
            with waiting(self._answering.model, quiet=False):
                answer = self._conversation.ask(line)
            self._show(answer)

    def _show(self, answer: Answer) -> None:
        shorten_paths(answer)
        if self._as_json:
            self._console.out(as_line(answer).decode(), end="", highlight=False)
        else:
            render_answer(answer, self._console)

    def _last(self) -> Answer:
        if not self._conversation.history:
            raise UsageError("nothing was asked yet")
        return self._conversation.history[-1][1]

    def _turn_to(self, trial: str) -> None:
        if trial:
            self._library.stored.get(trial)
        self._conversation.about(trial or None)

    def _list(self, _: str) -> None:
        for document in self._library.stored.documents():
            study = self._library.stored.get(document.id).extraction_json["study"]
            title = study.get("protocolSection", {}).get("identificationModule", {}).get("briefTitle", "")
            self._console.print(f"{document.id}  {title}", overflow="ellipsis", no_wrap=True, markup=False)

    def _sources(self, _: str) -> None:
        for citation in self._last().citations:
            first, last = citation.lines
            source = self._library.stored.get(citation.document).source
            shown = range(max(1, first - _AROUND), min(len(source), last + _AROUND) + 1)
            self._console.print(f"{citation.path} ({citation.document})", style="bold", markup=False)
            render_lines(source, shown, self._console, cited=range(first, last + 1))

    def _json(self, _: str) -> None:
        self._console.out(as_line(self._last()).decode(), end="", highlight=False)

    def _help(self, _: str) -> None:
        self._console.out((__doc__ or "").partition("\n\n")[2].rstrip(), highlight=False)

    def _quit(self, _: str) -> None:
        self.ended = True


_COMMANDS: dict[str, Callable[[Chat, str], None]] = {
    "trial": Chat._turn_to,
    "trials": Chat._list,
    "sources": Chat._sources,
    "json": Chat._json,
    "help": Chat._help,
    "quit": Chat._quit,
}
