"""`trialcite doctor`: what is configured, from where, and what works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from trialcite.options import Json, LibraryFolder
from trialcite.output import console

State = Literal["ok", "missing", "failed"]
_MARKS: dict[State, str] = {"ok": "✓", "missing": "–", "failed": "✗"}
_STYLES: dict[State, str] = {"ok": "green", "missing": "yellow", "failed": "red"}


class Finding(NamedTuple):
    """One thing that was looked at. `missing` still leaves a working tool, `failed` does not."""

    what: str
    state: State
    detail: str


def doctor(
    library: LibraryFolder = None,
    llm: Annotated[bool, typer.Option("--llm", help="Also try the model's endpoint, mode by mode.")] = False,
    as_json: Json = False,
) -> None:
    """Say what is configured, and what works.

    Leaves with 1 when something that should work does not.

    \b
    trialcite doctor
    trialcite doctor --llm
    """
    import sys

    import orjson
    from rich.text import Text

    findings = list(examine(library, llm=llm))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps([f._asdict() for f in findings], option=orjson.OPT_APPEND_NEWLINE))
    else:
        for f in findings:
            line = Text(f"{_MARKS[f.state]} ", style=_STYLES[f.state])
            line.append(f"{f.what:<18}", style="bold").append(f.detail, style="default")
            console().print(line, soft_wrap=True)
    if any(f.state == "failed" for f in findings):
        raise typer.Exit(1)


def examine(library: Path | None, *, llm: bool = False) -> Iterator[Finding]:
    """Look at each part, the program first."""
    yield _checked("trialcite", _program)
    yield _checked("embedder", _embedder)
    yield _checked("vectors", lambda: _version("chromadb"))
    yield _checked("lexical", lambda: _version("tantivy"))
    yield _checked("library", lambda: _library(library))
    yield _checked("model", _model)
    if llm:
        yield from _model_settings()
        yield from _modes()


def _program() -> str:
    from trialcite.version import __version__

    return f"{__version__} ({built()})"


def built() -> str:
    """Whether the extractor at work was compiled (docs/scale.md)."""
    from extract.criteria import lexer

    return "plain Python" if lexer.__file__.endswith(".py") else "compiled"


def _model() -> str:
    from trialcite.settings import model_settings

    resolved = model_settings()
    return f"{resolved.settings.model_name} at {resolved.settings.base_url}"


def _model_settings() -> Iterator[Finding]:
    """Every setting, its value and where it came from; a key is never shown."""
    from trialcite.settings import model_settings

    resolved = model_settings()
    for field, value, origin in resolved.rows():
        yield Finding(f"  {field}", "ok", f"{value}  ({origin})")
    if resolved.settings.exposes_key:
        yield Finding("  api_key", "failed", "would travel unencrypted to another machine: use https")


def _modes() -> Iterator[Finding]:
    """The endpoint, asked in each mode of structured output."""
    import asyncio

    from prompts.client import ModelClient
    from prompts.probe import ModeReport
    from trialcite.errors import ModelError
    from trialcite.settings import model_settings

    if model_settings().settings.model is None:
        return

    async def report() -> list[ModeReport]:
        async with ModelClient(model_settings().settings) as client:
            return await client.report_modes()

    try:
        modes = asyncio.run(report())
    except ModelError as e:
        yield Finding("  endpoint", "failed", str(e))
        return
    for mode in modes:
        state: State = "ok" if mode.works else "missing"
        yield Finding(f"  {mode.mode}", state, f"{mode.detail} ({mode.seconds:.1f} s)")
    if not any(m.works for m in modes):
        yield Finding("  endpoint", "failed", "no mode of structured output works: rules go alone")


def _checked(what: str, look: Callable[[], str]) -> Finding:
    from importlib.metadata import PackageNotFoundError

    from trialcite.errors import LibraryNotFound, ModelNotConfigured, TrialciteError, WeightsMissing

    try:
        return Finding(what, "ok", look())
    except (LibraryNotFound, ModelNotConfigured, WeightsMissing) as e:
        return Finding(what, "missing", str(e))
    except (TrialciteError, PackageNotFoundError) as e:
        return Finding(what, "failed", str(e))


def _version(package: str) -> str:
    from importlib.metadata import version

    return f"{package} {version(package)}"


def _embedder() -> str:
    from index.embedders import MINILM
    from trialcite.backends import found

    embedder = found(MINILM)
    vector = embedder.embed(["eligibility"])[0]
    return f"{embedder.name}, {embedder.dimension} dimensions, works (first value {vector[0]:+.4f})"


def _library(option: Path | None) -> str:
    from trialcite.api import Library
    from trialcite.output import shown_path
    from trialcite.places import library_to_read

    folder = library_to_read(option)
    with Library(folder) as library:
        notes = "; ".join(library.notes)
        return f"{shown_path(str(folder.absolute()))}, {len(library)} documents" + (f"; {notes}" if notes else "")
