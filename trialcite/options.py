"""Options that mean the same in every command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Llm(StrEnum):
    """How much a model is asked."""

    OFF = "off"
    FILL = "fill"
    FULL = "full"


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
EmbedderOption = Annotated[
    str | None,
    typer.Option(
        "--embedder", metavar="NAME", help="minilm, folder:PATH or openai:MODEL[@URL]. Default: the library's own."
    ),
]
ChromaUrl = Annotated[
    str | None,
    typer.Option(
        "--chroma-url",
        metavar="URL",
        envvar="TRIALCITE_CHROMA_URL",
        help="A Chroma server for the vector index; its token is read from TRIALCITE_CHROMA_TOKEN.",
    ),
]

LlmPolicy = Annotated[
    Llm | None,
    typer.Option("--llm", help="Ask a model for what rules left open, or for all. Default: fill with a model."),
]
LlmModel = Annotated[str | None, typer.Option("--llm-model", metavar="NAME", help="The model.")]
LlmBaseUrl = Annotated[
    str | None, typer.Option("--llm-base-url", metavar="URL", help="Its OpenAI-compatible endpoint.")
]
LlmTokenBudget = Annotated[int | None, typer.Option("--llm-token-budget", min=0, help="Tokens this run may use.")]
LlmLog = Annotated[Path | None, typer.Option("--llm-log", metavar="FILE", help="Log every call here, for audit.")]
RequireLlm = Annotated[bool, typer.Option("--require-llm", help="Fail where the model was not heard.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ask anew what was asked before.")]

STDOUT = Path("-")
