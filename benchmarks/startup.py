"""What a command costs before it does anything: new processes, in turns with the least they could cost.

    python benchmarks/startup.py [ROUNDS]

Fails when `ask` about one trial imports chromadb or openai.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from paired import header, measure

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RUN = "import sys; from trialcite.cli import main; sys.argv[0] = 'trialcite'; main()"
BARE_APP = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def one() -> None: "Do one thing."
@app.command()
def two() -> None: "Do another."
app()
"""
OPEN_CHROMA = "import sys, chromadb; chromadb.PersistentClient(sys.argv[1])"
WATCHED = """
import sys
from trialcite.cli import main
sys.argv[0] = 'trialcite'
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
imported = {'chromadb', 'openai'} & sys.modules.keys()
sys.exit(f'imports {sorted(imported)}' if imported else 0)
"""

FIELD_QUESTION = "Who is blinded in this trial?"
OPEN_QUESTION = "Why are few tablets suitable for people with reduced kidney function?"


def python(code: str, *arguments: str) -> None:
    """Run code in a new process, byte code cached as it is for any installed package. Raises CalledProcessError."""
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL, env=settings)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with TemporaryDirectory() as scratch:
        library, chroma = f"{scratch}/library", f"{scratch}/chroma"
        python(RUN, "add", str(EXAMPLES), "--library", library, "--quiet")
        bare, client = partial(python, BARE_APP, "--help"), partial(python, OPEN_CHROMA, chroma)
        ask = ("--trial", "NCT99000001", "--library", library)
        print(header("ms"))
        print(measure("trialcite --help", partial(python, RUN, "--help"), "bare typer app", bare, rounds=rounds).row())
        for kind, question in (("a field", FIELD_QUESTION), ("prose", OPEN_QUESTION)):
            asked = partial(python, RUN, "ask", question, *ask)
            name = f"ask about one trial, answered from {kind}"
            print(measure(name, asked, "import chromadb and open a client", client, rounds=rounds).row())
            python(WATCHED, "ask", question, *ask)
    print("ask about one trial imports neither chromadb nor openai")


if __name__ == "__main__":
    main()
