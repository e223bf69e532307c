"""The four tasks behind one face: read gold, read predictions, score systems, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evaluation import criteria, extraction, qa, retrieval
from evaluation.criteria_gold import read_criteria_gold
from evaluation.files import described
from evaluation.gold import read_gold
from evaluation.nli4ct import Page, is_archive, read_archive
from evaluation.report import Input, Report, Task
from evaluation.scored import Pair, Scored, build
from evaluation.sources import Sources
from evaluation.statistics import DRAWS
from evaluation.usage import Price

Predictions = Mapping[str, Any]
"""By trial, query, question or criterion."""


@dataclass
class Gold:
    """Gold of a task. `content` is what the task's `score` takes, `files` what was read."""

    task: Task
    content: Any
    files: list[Path]
    pages: dict[str, Page] = field(default_factory=dict)


@dataclass(frozen=True)
class Entrant:
    """A system: its predictions, with the file they come from and the seconds they took where these are known.

    `notes` are what is to be said of its model."""

    name: str
    predictions: Predictions
    file: Path | None = None
    seconds: float | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_task_gold(task: Task, path: Path) -> Gold:
    """The gold of a task in any of its formats. Raises InputError or GoldRefused, naming the row."""
    if task == "criteria":
        found = read_criteria_gold(path)
        return Gold(task, found, found.files)
    if task == "retrieval" and is_archive(path):
        queries, pages = read_archive(path)
        return Gold(task, queries, [path], pages)
    readers: dict[str, Callable[[Path], Any]] = {
        "extraction": read_gold,
        "retrieval": retrieval.read_queries,
        "qa": qa.read_questions,
    }
    return Gold(task, readers[task](path), [path])


READ_PREDICTIONS: dict[Task, Callable[[Path], Predictions]] = {
    "extraction": extraction.read_predictions,
    "criteria": criteria.read_criteria,
    "retrieval": retrieval.read_hits,
    "qa": qa.read_answers,
}


def evaluate(
    gold: Gold,
    entrants: list[Entrant],
    *,
    pages: Path | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Report:
    """Score one or two systems. Two are compared on what both have predicted."""
    sources = Sources(pages or Path(), {trial: page.source(trial) for trial, page in gold.pages.items()})
    if gold.task == "qa":
        qa.check(gold.content, sources)
    elif gold.task == "retrieval":
        retrieval.check(gold.content, sources)
    inputs = [described(file, "gold") for file in gold.files]
    inputs += [described(e.file, "predictions") for e in entrants if e.file]
    scored = [_scored(gold, entrant, sources) for entrant in entrants]
    paired = _paired(gold, entrants, scored, sources) if len(entrants) == 2 else None
    return build(gold.task, scored, paired, inputs=_once(inputs), seed=seed, draws=draws)


def _scored(gold: Gold, entrant: Entrant, sources: Sources) -> Scored:
    content, predictions, name = gold.content, entrant.predictions, entrant.name
    if gold.task == "criteria":
        found = criteria.score(content, predictions, name=name)
    else:
        module = {"extraction": extraction, "retrieval": retrieval, "qa": qa}[gold.task]
        found = module.score(content, predictions, name=name, sources=sources)
    system = found.system
    if entrant.seconds is not None:
        system.seconds_total = round(entrant.seconds, 3)
    price = entrant.prices.get(system.model or "") or entrant.prices.get(system.name)
    if price is not None and system.tokens_in is not None:
        system.cost = round(price.of(system.tokens_in, system.tokens_out or 0), 6)
    return found


def _paired(gold: Gold, entrants: list[Entrant], scored: list[Scored], sources: Sources) -> Pair:
    """Both systems' results on what both have predicted."""
    keys = [{k for k, p in e.predictions.items() if getattr(p, "status", None) != "failed"} for e in entrants]
    if keys[0] == keys[1]:
        return scored[0], scored[1]
    both = keys[0] & keys[1]
    first, second = (
        _scored(gold, replace(e, predictions={k: p for k, p in e.predictions.items() if k in both}), sources)
        for e in entrants
    )
    return first, second


def _once(inputs: list[Input]) -> list[Input]:
    return list({(i.role, i.path): i for i in inputs}.values())
