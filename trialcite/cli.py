"""The command line: one typer app, one module a command, and one place where errors become exit codes.

| exit | means                                                                      |
|------|----------------------------------------------------------------------------|
| 0    | done (an abstention is an answer)                                          |
| 1    | a check failed, records differ, or the library cannot do what was asked    |
| 2    | usage                                                                      |
| 3    | some inputs failed, the rest were written                                  |
| 4    | nothing could be read                                                      |
| 5    | the model's endpoint failed and no fallback was allowed                    |
| 130  | interrupted; `add` and bulk runs keep what was finished, and say so        |

Command modules import only what help needs; the work is imported when a command runs.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from extract.collector import relax_collector
from trialcite.commands import (
    add,
    ask,
    chat,
    check,
    criteria,
    diff,
    doctor,
    evaluate,
    export,
    extract,
    gold,
    library,
    match,
    reindex,
    search,
    show,
    verify,
)
from trialcite.errors import TrialciteError
from trialcite.version import __version__

app = typer.Typer(
    name="trialcite",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: quick to start, easy to search, the same in docs/commands.md
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trialcite {__version__}")
        raise typer.Exit


@app.callback()
def trialcite(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Clinical-trial records into structured studies and cited answers.

    Every value and every sentence of an answer names the source lines that prove it. No model and no network needed.

    \b
    trialcite extract examples -o studies.jsonl      structured studies with evidence
    trialcite add examples                           into a library, then ask:
    trialcite ask "who is blinded?" --trial NCT99000001
    """


app.command()(extract.extract)
app.command()(add.add)
app.command()(ask.ask)
app.command()(chat.chat)
app.command()(match.match)
app.command()(check.check)
app.command()(search.search)
app.command()(show.show)
app.command()(diff.diff)
app.command()(criteria.criteria)
app.command()(export.export)
app.command()(verify.verify)
app.command()(evaluate.evaluate)
app.add_typer(gold.app)
app.command()(reindex.reindex)
app.add_typer(library.app, name="library")
app.command()(doctor.doctor)


_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Expected errors are one line on stderr; anything else keeps its traceback."""
    relax_collector()
    # Plugins of other packages would be shown every value of every record, and to look for them takes 30 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # numpy's matrices are small here, and the threads that it would start spin a while where workers could begin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = app(standalone_mode=False)
    except TrialciteError as e:
        _fail(str(e), e.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone: nothing is wrong, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except typer._click.exceptions.ClickException as e:  # typer carries its own click and does not re-export this
        e.show()
        sys.exit(e.exit_code)
    if code == _INTERRUPTED:  # typer makes an exit code of an interruption, too
        _fail("interrupted", _INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    print(f"trialcite: {message}", file=sys.stderr)  # noqa: T201 - the one place where an error is said
    sys.exit(code)
