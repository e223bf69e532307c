"""`trialcite evaluate`: predictions against gold."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialcite.options import STDOUT, Quiet
from trialcite.output import Talk, console, opened

if TYPE_CHECKING:
    from evaluation.expected import ExpectedSet
    from evaluation.report import Report
    from evaluation.tasks import Gold


class Task(StrEnum):
    """What is evaluated."""

    EXTRACTION = "extraction"
    CRITERIA = "criteria"
    RETRIEVAL = "retrieval"
    QA = "qa"


_SYSTEM = "rules, llm:MODEL@URL, or fill:MODEL@URL"


def evaluate(
    task: Annotated[Task, typer.Argument(metavar="TASK", help="extraction, criteria, retrieval or qa.")],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Gold labels: a file or a folder.")],
    predictions: Annotated[
        Path | None, typer.Argument(metavar="PREDICTIONS", help="What a system wrote, as JSON Lines.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYSTEM", help=f"Run this one instead: {_SYSTEM}.")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="OTHER", help="Compare with other predictions, or a system.")
    ] = None,
    pages: Annotated[
        Path | None, typer.Option("--pages", metavar="PATH", help="The records: to run a system, to show lines.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the whole report here.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to read it in.")] = None,
    expect: Annotated[
        Path | None, typer.Option("--expect", metavar="FILE", help="Check the figures that this file expects.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="What models cost, as TOML, for a cost column.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws behind the intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure predictions against gold labels, with intervals.

    Reads what extract, criteria, search --batch and ask --batch write. Intervals are 95 %, drawn over whole trials.
    Leaves with 1 when --expect finds a figure too low.

    \b
    trialcite evaluate extraction gold/ studies.jsonl --html report.html
    trialcite evaluate criteria gold.jsonl --system rules
    trialcite evaluate qa questions.jsonl answers.jsonl --against others.jsonl
    trialcite evaluate extraction gold/ --pages pages/ --system llm:A --against llm:B
    """
    from evaluation.expected import read_expected
    from evaluation.tasks import evaluate as measure
    from evaluation.tasks import read_task_gold
    from trialcite.evaluating import entrants

    talk = Talk(quiet=quiet)
    expected = read_expected(expect, task.value, gold, pages) if expect else None
    labels = read_task_gold(task.value, gold)
    asked = entrants(labels, predictions=predictions, system=system, against=against, pages=pages, prices=prices)
    for entrant in asked:
        for note in entrant.notes:
            talk.note(f"{entrant.name}: {note}")
    report = measure(labels, asked, pages=_records(labels, gold, pages), seed=seed)
    _write(report, json, html, talk)
    if expected is not None:
        _check(expected, report)


def _write(report: Report, json: Path | None, html: Path | None, talk: Talk) -> None:
    """Into the files that are asked for, and onto the terminal unless the JSON goes to stdout."""
    import orjson

    from trialcite.reporting import render_report

    if json is not None:
        with opened(json) as stream:
            stream.write(orjson.dumps(report.to_json(), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2))
    if html is not None:
        from evaluation.page import page

        with opened(html) as stream:
            stream.write(page(report).encode())
        talk.note(f"{len(report.misses)} misses to {html}")
    if json != STDOUT:
        render_report(report, console())


def _check(expected: ExpectedSet, report: Report) -> None:
    """Show how every expected figure fares; leave with 1 when one is too low."""
    from evaluation.expected import checks
    from trialcite.reporting import render_checks

    found = checks(expected, report)
    render_checks(found, console())
    if not all(check.held for check in found):
        raise typer.Exit(1)


def _records(labels: Gold, gold: Path, pages: Path | None) -> Path | None:
    """Where the records lie: where the option says, else in a folder pages/ beside the questions."""
    beside = gold.parent / "pages"
    return pages or (beside if labels.task == "qa" and beside.is_dir() else None)
