"""Figures that are expected of a gold set, and whether a report holds them.

    [[set]]
    name = "lct"
    task = "criteria"
    gold = "data/lct-numeric.jsonl.gz"      a set is found by the last part of this path
    pages = "rendered/noisy"                optional: the set is only for pages in a folder of that name
    unscored = 0                            optional: at most so many items without a score
    figures = [{ group = "ALL", name = "F1", value = 0.91, tolerance = 0.01 }]

A figure above its value is held as well: better is no failure.
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
    """What is expected on one gold set. `quick` ones take seconds."""

    model_config = ConfigDict(extra="forbid")

    name: str
    task: Task
    gold: str
    pages: str | None = None
    quick: bool = False
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


def read_sets(path: Path) -> list[ExpectedSet]:
    """Every set of a file. Raises MalformedRecord, UnreadableInput."""
    try:
        return _File.model_validate(tomllib.loads(read_bytes(path).decode())).set
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as e:
        raise MalformedRecord(f"expects nothing that can be read ({e})", where=str(path)) from e


def read_expected(path: Path, task: Task, gold: Path, pages: Path | None) -> ExpectedSet:
    """What a file expects of a gold set. Raises UsageError where it expects nothing of it."""
    for expected in read_sets(path):
        folder = Path(expected.pages).name if expected.pages else None
        if (expected.task, Path(expected.gold).name) != (task, gold.name):
            continue
        if folder is None or pages is None or folder == pages.name:
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
