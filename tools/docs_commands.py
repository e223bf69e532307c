"""Write the command reference from the program's own --help, so that the two cannot differ.

    python tools/docs_commands.py docs/commands.md

`make docs` runs this; CI runs it too and fails when the file in the repository is another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from trialcite.cli import app

COLUMNS = 80

INTRODUCTION = """\
# Commands

Written by `make docs` from the program's own help; edit the docstrings in `trialcite/commands/` instead. Exit codes and
output formats: [contracts](design/contracts.md).
"""


def command_paths(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command in the order of the help, a group before what it holds: (), ("extract",), ("gold", "init")."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():  # only groups have any
        yield from command_paths(inner, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """What `trialcite PATH --help` prints on a terminal of COLUMNS."""
    result = CliRunner().invoke(app, [*path, "--help"], prog_name="trialcite", env={"COLUMNS": str(COLUMNS)})
    if result.exit_code:
        raise RuntimeError(f"trialcite {' '.join(path)} --help leaves with {result.exit_code}: {result.output}")
    return "\n".join(line.rstrip() for line in result.stdout.strip("\n").splitlines())


def reference() -> str:
    """The whole page."""
    sections = (
        f"## {' '.join(['trialcite', *path])}\n\n```text\n{help_of(path)}\n```\n"
        for path in command_paths(get_command(app))
    )
    return "\n".join([INTRODUCTION, *sections])


def main() -> None:
    """Write the page to the file named on the command line."""
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
