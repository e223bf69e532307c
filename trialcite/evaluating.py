"""Running a system on a task's gold, as the commands of this program do it, for `trialcite evaluate --system`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from trialcite.completion import Completion, Options
from trialcite.errors import InputError, TrialciteError, UsageError
from trialcite.options import Llm

if TYPE_CHECKING:
    from evaluation.tasks import Entrant, Gold, Predictions
    from trialcite.api import Library

_SPEC = re.compile(r"(?P<how>rules|fill|llm)(?::(?P<model>[^@]+))?(?:@(?P<url>https?://.+))?")
_POLICY = {"rules": Llm.OFF, "fill": Llm.FILL, "llm": Llm.FULL}
_HITS = 20

Work = tuple["Predictions", list[str]]
"""Predictions, and what is to be said of the model."""


@dataclass(frozen=True)
class SystemSpec:
    """A system by its name: rules, fill:MODEL@URL (a model for what rules left open), llm:MODEL@URL (for all)."""

    name: str
    options: Options

    @classmethod
    def parse(cls, text: str) -> SystemSpec | None:
        """The system that is named, or None where the text names none."""
        found = _SPEC.fullmatch(text)
        if found is None:
            return None
        if found["how"] == "rules" and (found["model"] or found["url"]):
            raise UsageError("rules have no model", where=text)
        return cls(text, Options(_POLICY[found["how"]], found["model"], found["url"]))


def entrants(
    gold: Gold,
    *,
    predictions: Path | None,
    system: str | None,
    against: str | None,
    pages: Path | None,
    prices: Path | None,
) -> list[Entrant]:
    """The systems that the command line asks for, run where they have to be. Raises UsageError."""
    if (predictions is None) == (system is None):
        raise UsageError("give PREDICTIONS, or --system to run one")
    asked: list[SystemSpec | Path] = []
    if system is not None:
        spec = SystemSpec.parse(system)
        if spec is None:
            raise UsageError("is no system", where=system, hint="rules, llm:MODEL@URL or fill:MODEL@URL")
        asked.append(spec)
    elif predictions is not None:
        asked.append(predictions)
    if against is not None:
        asked.append(SystemSpec.parse(against) or Path(against))
    made = [_entrant(one, gold, pages) for one in asked]
    if len(made) == 2 and made[0].name == made[1].name:
        made = [replace(made[0], name="A"), replace(made[1], name="B")]
    if prices is not None:
        from evaluation.usage import read_prices

        table = read_prices(prices)
        made = [replace(e, prices=table) for e in made]
    return made


def _entrant(asked: SystemSpec | Path, gold: Gold, pages: Path | None) -> Entrant:
    from evaluation.tasks import READ_PREDICTIONS, Entrant

    if isinstance(asked, SystemSpec):
        return run(asked, gold, pages)
    return Entrant(asked.name.split(".")[0], READ_PREDICTIONS[gold.task](asked), file=asked)


def run(spec: SystemSpec, gold: Gold, pages: Path | None) -> Entrant:
    """The system's predictions on the gold. Raises UsageError where it needs pages and has none."""
    from evaluation.tasks import Entrant

    began = time.perf_counter()
    work = {"extraction": _extract, "criteria": _parse, "retrieval": _search, "qa": _answer}[gold.task]
    predictions, notes = work(spec, gold, pages)
    return Entrant(spec.name, predictions, seconds=time.perf_counter() - began, notes=notes)


def _extract(spec: SystemSpec, gold: Gold, pages: Path | None) -> Work:
    from evaluation.extraction import PredictedStudy
    from extract.extractor import extract_paths

    named = sorted({Path(g.path) for g in gold.content.values() if g.path})
    paths = [pages] if pages and not named else [_moved(p, pages) for p in named]
    if not paths:
        raise UsageError("the gold names no pages", hint="give --pages PATH, the records to extract from")
    completion = Completion(spec.options)
    found: dict[str, Any] = {}
    failures = 0
    for item in completion.complete(extract_paths(paths, evidence="all")):
        unheard, failures = len(completion.failures) > failures, len(completion.failures)
        if isinstance(item, InputError) or unheard:
            continue  # no prediction of this system, and counted so: what the rules read is not the model's
        study = PredictedStudy.model_validate(item.to_json())
        found[study.trial] = study
    if not found and completion.failures:
        raise completion.failures[0]
    return found, completion.summary()


def _moved(path: Path, pages: Path | None) -> Path:
    return pages / path.name if pages else path


def _parse(spec: SystemSpec, gold: Gold, pages: Path | None) -> Work:
    from evaluation.criteria import PredictedCriterion
    from extract.criteria import parse

    del pages
    if spec.options.llm is not Llm.OFF:
        raise UsageError("single criteria are read by rules alone", where=spec.name)
    found = {}
    for line in gold.content.lines.values():
        constraints = [c.to_json() for c in parse(line.text)]
        found[line.key] = PredictedCriterion(id=line.key, text=line.text, constraints=constraints)
    return found, []


def _search(spec: SystemSpec, gold: Gold, pages: Path | None) -> Work:
    from evaluation.retrieval import PredictedHits

    if spec.options.llm is not Llm.OFF:
        raise UsageError("no model takes part in a search", where=spec.name)
    with _library(gold, pages) as library:
        found: dict[str, Any] = {}
        for query in gold.content.values():
            began = time.perf_counter()
            hits = library.search(query.query, k=_HITS, document=query.document, unit="line")
            rows = [
                {"document": h.document, "path": h.path, "lines": h.lines, "text": h.text, "score": h.score}
                for h in hits
            ]
            spent = time.perf_counter() - began
            found[query.id] = PredictedHits.model_validate({"id": query.id, "hits": rows, "seconds": spent})
        return found, []


def _answer(spec: SystemSpec, gold: Gold, pages: Path | None) -> Work:
    from evaluation.qa import PredictedAnswer
    from trialcite.answering import answering

    questions = list(gold.content.values())
    with _library(gold, pages) as library, answering(library, spec.options) as answers:
        replies = answers.engine.ask_all((q.question, q.trial) for q in questions)
        found: dict[str, Any] = {}
        for question, reply in zip(questions, replies, strict=True):
            row = {"answer": str(reply)} if isinstance(reply, TrialciteError) else reply.to_json()
            if isinstance(reply, TrialciteError) or (reply.heard and reply.heard.failure):
                row["status"] = "failed"  # the rules' answer is not the model's
            found[question.id] = PredictedAnswer.model_validate(row | {"id": question.id})
        if all(a.status == "failed" for a in found.values()) and (failure := next(iter(answers.failures), None)):
            raise failure
        return found, answers.summary()


@contextmanager
def _library(gold: Gold, pages: Path | None) -> Iterator[Library]:
    """A library of the gold's records, gone afterwards."""
    from evaluation.nli4ct import write_pages
    from trialcite.api import Library

    with TemporaryDirectory() as scratch:
        if gold.pages and pages is None:
            pages = Path(scratch, "pages")
            write_pages(gold.pages, {q.document for q in gold.content.values()}, pages)
        if pages is None:
            raise UsageError("no records to search", hint="give --pages PATH")
        with Library(Path(scratch, "library"), write=True) as library:
            library.add([pages])
        with Library(Path(scratch, "library")) as library:
            yield library
