"""Run the commands in a document's ```console blocks and write their real output below them.

    python tools/docs_console.py README.md

A line that starts with "$ " is a command; everything else in the block is replaced by what it prints. All commands of
a document run in order, in one scratch folder that holds the examples. `make docs` runs this; CI runs it too and fails
when the file in the repository is another.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

COLUMNS = 100
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")


def output_of(command: str, folder: Path) -> str:
    """What a person sees in a terminal without colors; stderr stands where it came."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("TRIALCITE_")}
    settings |= {"PATH": f"{Path(sys.executable).parent}:{settings['PATH']}", "COLUMNS": str(COLUMNS), "NO_COLOR": "1"}
    result = subprocess.run(
        command, shell=True, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    shown = result.stdout.decode()
    if "Traceback (most recent call last)" in shown:
        raise RuntimeError(f"no output for a document: {command}\n{shown}")
    return "".join(f"{line.rstrip()}\n" for line in shown.splitlines())


def refreshed(document: str, folder: Path) -> str:
    """The document with every console block's output as it is now."""

    def run(block: re.Match[str]) -> str:
        commands = [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "\n".join(f"$ {command}\n{output_of(command, folder)}" for command in commands) + "```"

    return BLOCK.sub(run, document)


def main() -> None:
    """Rewrite the files named on the command line."""
    for path in map(Path, sys.argv[1:]):
        with TemporaryDirectory() as scratch:
            shutil.copytree(EXAMPLES, Path(scratch, "examples"))
            path.write_text(refreshed(path.read_text(encoding="utf-8"), Path(scratch)), encoding="utf-8")


if __name__ == "__main__":
    main()
