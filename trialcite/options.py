"""Options that mean the same in every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path, typer.Option("-o", "--output", help="Where to write; - is stdout.", show_default=False)]
LibraryFolder = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="DIR",
        envvar="TRIALCITE_LIBRARY",
        help="The library. Default: the nearest .trialcite/ upward.",
    ),
]
Trial = Annotated[
    str | None, typer.Option("--trial", "--document", metavar="ID", help="Only this trial (NCT number or document id).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Batch = Annotated[Path | None, typer.Option("--batch", metavar="FILE", help="Read JSON Lines from here (- is stdin).")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say what is done to each input.")]

STDOUT = Path("-")
