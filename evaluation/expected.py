"""Figures that are expected of a gold set, and whether a report holds them.

    [[set]]
    task = "criteria"
    gold = "lct-numeric-dev.jsonl.gz"       the gold file's or folder's name
    pages = "noisy"                         optional: the name of the folder of pages
    figures = [{ group = "ALL", name = "F1", value = 0.91, tolerance = 0.01 }]

A figure above its value is held as well: better is no failure. `highest` bounds counts of unscored items instead.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.files import read_bytes
from evaluation.report import Report, Task
from trialcite.errors import MalformedRecord, UsageError


class Figure(BaseModel):
    """A measure's expected value; less by at most `tolerance` is held."""

    model_config = ConfigDict(extra="forbid")

    group: str
    name: str
    value: float
    tolerance: float = 0.0


class ExpectedSet(BaseModel):
    """What is expected on one gold set."""

    model_config = ConfigDict(extra="forbid")

    task: Task
    gold: str
    pages: str | None = None
    unscored: int | None = None
    figures: list[Figure]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    set: list[ExpectedSet]


@dataclass(frozen=True, slots=True)
class Check:
    """One figure and what became of it."""

    figure: str
    expected: str
    found: str
    held: bool


def read_expected(path: Path, task: Task, gold: Path, pages: Path | None) -> ExpectedSet:
    """What a file expects of a gold set. Raises MalformedRecord, and UsageError where it expects nothing of it."""
    try:
        sets = _File.model_validate(tomllib.loads(read_bytes(path).decode())).set
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as e:
        raise MalformedRecord(f"expects nothing that can be read ({e})", where=str(path)) from e
    folder = pages.name if pages else None
    for expected in sets:
        if (expected.task, expected.gold) == (task, gold.name) and expected.pages in (None, folder):
            return expected
    raise UsageError(f"expects no figures of {task} on {gold.name}", where=str(path))


def checks(expected: ExpectedSet, report: Report) -> list[Check]:
    """Every figure of the set, held or not, for the first system of the report."""
    found = [_check(figure, report) for figure in expected.figures]
    if expected.unscored is not None:
        count = sum(report.systems[0].unscored.values())
        found.append(Check("unscored", f"<= {expected.unscored}", str(count), count <= expected.unscored))
    return found


def _check(figure: Figure, report: Report) -> Check:
    measure = report.measure(figure.group, figure.name)
    value = measure.value if measure else None
    return Check(
        f"{figure.group} {figure.name}",
        f">= {figure.value - figure.tolerance:.3f}",
        "none" if value is None else f"{value:.3f}",
        value is not None and value >= figure.value - figure.tolerance - 5e-7,
    )
