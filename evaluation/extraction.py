"""The extraction task: studies with evidence against gold studies, field by field.

| measure        | of what                                                                                   |
|----------------|-------------------------------------------------------------------------------------------|
| accuracy       | gold values that are the same, strictly (white space aside)                               |
| typed          | likeness of the value by the field's kind, 0 to 1 (evaluation/compare.py)                 |
| precision, recall, F1 | items predicted, items of the gold; a list's items each, a long text by its words  |
| silence        | values that the gold does not have, and that were rightly left empty (must not extract)   |
| evidence       | quotes that stand at their lines                                                          |
| line precision, recall, F1 | lines cited, against the lines that the gold names, where it names any        |
| paired         | likeness of attributes of arms and interventions, each paired with the most alike one     |
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from evaluation.align import best_pairs
from evaluation.compare import likeness, normalised, same, shared, word_f1, words
from evaluation.fields import Field, fields
from evaluation.files import CitedLines, read_rows, unique, validated
from evaluation.gold import GoldTrial
from evaluation.ranks import calibration, precision_recall
from evaluation.report import ALL, Curve, Miss, MissKind, System
from evaluation.scored import Scored, Tallies
from evaluation.sources import Sources, excerpt, lines_saying, shortened
from evaluation.usage import summed
from extract.evidence import stands_at
from extract.source import LineRange, Source

_PAIRED = {"armGroups": ("label", "type", "description"), "interventions": ("name", "type", "description")}
_ENOUGH_ALIKE = 0.5
_SHOWN = 600
_PLACES = 8
_ITEM = re.compile(r"/\d+(?=/|$)")


class PredictedDocument(BaseModel):
    """Which record a study was read from."""

    model_config = ConfigDict(extra="ignore")

    id: str
    path: str | None = None
    member: str | None = None
    sha256: str | None = None


class PredictedEvidence(BaseModel):
    """Lines and the words there."""

    model_config = ConfigDict(extra="ignore")

    lines: CitedLines
    quote: str


class PredictedCriterion(BaseModel):
    """One criterion of a study."""

    model_config = ConfigDict(extra="ignore")

    kind: str
    text: str
    lines: CitedLines | None = None


class PredictedStudy(BaseModel):
    """A row of `trialcite extract`, or of another program that writes the same; what is not scored is ignored.

    `confidence`, by the same pointers as the evidence and from 0 to 1, is not ours: with it come curves."""

    model_config = ConfigDict(extra="ignore")

    document: PredictedDocument
    study: dict[str, Any]
    evidence: dict[str, list[PredictedEvidence]] = {}
    criteria: list[PredictedCriterion] = []
    outcomes: dict[str, str] = {}
    confidence: dict[str, float] = {}
    run: dict[str, Any] = {}
    seconds: float | None = None

    @property
    def trial(self) -> str:
        """The NCT number that was read, else the id of the document."""
        found = fields()["nctId"].value(self.study)
        return str(found) if found else Path(self.document.path or self.document.id).stem


def read_predictions(path: Path) -> dict[str, PredictedStudy]:
    """Predicted studies by trial. Raises MalformedRecord for a row that is none, or a trial that comes twice."""
    return unique(((row[0], validated(PredictedStudy, row)) for row in read_rows(path)), lambda p: p.trial)


def score(
    gold: Mapping[str, GoldTrial], predictions: Mapping[str, PredictedStudy], *, name: str, sources: Sources
) -> Scored:
    """Score predicted studies. A trial without a prediction is counted as unscored, never as wrong."""
    scorer = _Scorer(name, sources)
    for trial, labelled in gold.items():
        predicted = predictions.get(trial)
        if predicted is None:
            scorer.unscored["no prediction for the trial"] += 1
        else:
            scorer.score(labelled, predicted)
    extra = len(predictions.keys() - gold.keys())
    if extra:
        scorer.unscored["predicted trials without gold"] = extra
    return scorer.scored([predictions[trial] for trial in gold if trial in predictions])


class _Scorer:
    """Goes through the trials of one system."""

    def __init__(self, name: str, sources: Sources) -> None:
        self.name, self.sources = name, sources
        self.tallies = Tallies()
        self.unscored: Counter[str] = Counter()
        self.confusion: dict[str, Counter[str]] = defaultdict(Counter)
        self.misses: list[Miss] = []
        self.sure: list[tuple[float, bool]] = []
        self.done = 0

    def scored(self, predictions: list[PredictedStudy]) -> Scored:
        """All that was counted over these predictions."""
        runs = [p.run for p in predictions]
        run = next((r for r in runs if r.get("model")), runs[0] if runs else {})
        system = System(
            name=self.name,
            method=run.get("method"),
            model=run.get("model"),
            version=run.get("version"),
            scored=self.done,
            unscored=dict(self.unscored),
            **summed((p.run.get("usage"), p.seconds) for p in predictions),
        )
        return Scored(
            self.tallies,
            system,
            headline=(ALL, "macro accuracy"),
            macro=("accuracy", "typed", "F1"),
            micro=("accuracy", "typed", "precision", "recall", "F1", "silence"),
            confusion={row: dict(sorted(columns.items())) for row, columns in sorted(self.confusion.items())},
            curves=self._curves(),
            misses=self.misses,
        )

    def _curves(self) -> list[Curve]:
        """How right the values are by how sure the system says to be; none where it does not say."""
        if not self.sure:
            return []
        stated = sum(self.confusion["stated"].values())
        values = precision_recall(self.sure, stated), calibration(self.sure)
        return [
            Curve(kind="precision-recall", system=self.name, x="recall", y="precision", points=values[0]),
            Curve(kind="calibration", system=self.name, x="confidence", y="right", points=values[1]),
        ]

    def score(self, gold: GoldTrial, predicted: PredictedStudy) -> None:
        """Count one trial."""
        self.done += 1
        document = predicted.document
        source = self.sources.find(document.path, document.member) if document.path else None
        changed = source is not None and document.sha256 not in (None, source.sha256)
        if changed:
            self.unscored["evidence: the source has changed"] += 1
        cited: dict[str, list[LineRange]] = defaultdict(list)
        for pointer, found in predicted.evidence.items():
            cited[_ITEM.sub("/*", pointer)] += [e.lines for e in found]
        sure: dict[str, float] = {}
        for pointer, confidence in predicted.confidence.items():
            outcome = _ITEM.sub("/*", pointer)
            sure[outcome] = min(confidence, sure.get(outcome, 1.0))
        for field in fields().values():
            if field.name in gold.values:
                if field.outcome in sure and (given := normalised(field.value(predicted.study))) is not None:
                    self.sure.append((sure[field.outcome], same(field, normalised(gold.values[field.name]), given)))
                self._field(gold, field, predicted, cited[field.outcome], source)
            else:
                self.unscored["values without a label"] += 1
        if source is not None and not changed:
            self._evidence(gold.trial, predicted, source)
        elif predicted.evidence and source is None:
            self.unscored["evidence: no source at hand"] += 1
        for kind, texts in gold.criteria.items():
            self._criteria(gold.trial, kind, texts, [c for c in predicted.criteria if c.kind == kind], source)
        if gold.study is not None:
            for kind, attributes in _PAIRED.items():
                self._paired(gold.trial, kind, attributes, gold.study, predicted.study)

    def _field(
        self, gold: GoldTrial, field: Field, predicted: PredictedStudy, cited: list[LineRange], source: Source | None
    ) -> None:
        said, given = normalised(gold.values[field.name]), normalised(field.value(predicted.study))
        held = same(field, said, given)
        add = self.tallies.add
        if said is None:
            add(field.name, "silence", gold.trial, given is None)
        else:
            add(field.name, "accuracy", gold.trial, held)
            add(field.name, "typed", gold.trial, likeness(field, said, given))
        right, of_found, of_expected = _items(field, said, given)
        self.tallies.add_found(field.name, gold.trial, right=right, predicted=of_found, expected=of_expected)
        row = "not stated" if said is None else "stated"
        self.confusion[row][_column(said, given, predicted.outcomes.get(field.outcome), held=held)] += 1
        if said is not None and given is not None and gold.lines.get(field.name):
            if predicted.evidence:
                self._lines(gold, field.name, cited)
            else:
                self.unscored["lines: the prediction names none"] += 1
        if not held:
            self._miss(gold, field.name, said, given, cited, source)

    def _lines(self, gold: GoldTrial, name: str, cited: list[LineRange]) -> None:
        expected, found = _numbers(gold.lines[name]), _numbers(cited)
        right = len(expected & found)
        if found:
            self.tallies.add(name, "line precision", gold.trial, right, len(found))
        self.tallies.add(name, "line recall", gold.trial, right, len(expected))
        self.tallies.add(name, "line F1", gold.trial, 2 * right, len(expected) + len(found))

    def _miss(
        self, gold: GoldTrial, name: str, said: Any, given: Any, cited: list[LineRange], source: Source | None
    ) -> None:
        expected = gold.lines.get(name, [])
        places = [] if expected or cited or source is None else lines_saying(source, said)
        kind: MissKind = "missing" if given is None else "spurious" if said is None else "wrong"
        self._add_miss(gold.trial, name, kind, said, given, source, cited=cited, expected=expected, places=places)

    def _add_miss(
        self,
        trial: str,
        group: str,
        kind: MissKind,
        gold: Any,
        predicted: Any,
        source: Source | None,
        *,
        cited: Sequence[LineRange] = (),
        expected: Sequence[LineRange] = (),
        places: Sequence[LineRange] = (),
    ) -> None:
        """Keep a miss with the lines around all its places that the record has."""
        here = [*expected, *cited, *places]
        self.misses.append(
            Miss(
                system=self.name,
                trial=trial,
                group=group,
                kind=kind,
                gold=_shown(gold),
                predicted=_shown(predicted),
                cited=list(cited[:_PLACES]),
                expected=list(expected[:_PLACES]),
                source=excerpt(source, here) if source else [],
            )
        )

    def _criteria(
        self, trial: str, kind: str, texts: list[str], found: list[PredictedCriterion], source: Source | None
    ) -> None:
        """Whole criteria: cut where the gold cuts them, each with its words."""
        group = f"criteria.{kind}"
        expected, given = (Counter(tuple(words(t)) for t in all_) for all_ in (texts, [c.text for c in found]))
        right = (expected & given).total()
        self.tallies.add_found(group, trial, right=right, predicted=given.total(), expected=expected.total())
        missing, extra = expected - given, given - expected
        for text in (t for t in texts if missing[tuple(words(t))]):
            places = lines_saying(source, text) if source else []
            self._add_miss(trial, group, "missing", text, None, source, expected=places)
        for criterion in (c for c in found if extra[tuple(words(c.text))]):
            cited = [criterion.lines] if criterion.lines else []
            self._add_miss(trial, group, "spurious", None, criterion.text, source, cited=cited)

    def _evidence(self, trial: str, predicted: PredictedStudy, source: Source) -> None:
        for place, all_ in predicted.evidence.items():
            for e in all_:
                proven = stands_at(e.quote, e.lines, source)
                self.tallies.add(ALL, "evidence", trial, proven)
                if not proven:
                    said = f"{place}: {shortened(e.quote)}"
                    self._add_miss(trial, "evidence", "unproven", None, said, source, cited=[e.lines])

    def _paired(
        self, trial: str, kind: str, attributes: tuple[str, ...], gold: Mapping[str, Any], predicted: Mapping[str, Any]
    ) -> None:
        """Pair records with the most alike ones, then compare their attributes."""
        left, right = _records(gold, kind), _records(predicted, kind)
        alike = np.array([[_alike(a, b, attributes) for b in right] for a in left]).reshape(len(left), len(right))
        pairs = [(i, j) for i, j in best_pairs(alike) if alike[i, j] >= _ENOUGH_ALIKE]
        self.tallies.add_found(kind, trial, right=len(pairs), predicted=len(right), expected=len(left))
        for i, j in pairs:
            for attribute in attributes:
                if left[i].get(attribute) is not None:
                    value = _attribute_likeness(left[i], right[j], attribute)
                    self.tallies.add(f"{kind}.{attribute}", "paired", trial, value)


def _column(said: Any, given: Any, outcome: str | None, *, held: bool) -> str:
    """What was made of a value: right or wrong, spurious where the gold has none, else the outcome that was said."""
    if given is None:
        return outcome if outcome not in (None, "extracted") else "empty"
    return "spurious" if said is None else "right" if held else "wrong"


def _items(field: Field, said: Any, given: Any) -> tuple[float, int, int]:
    """(right, predicted, expected) items of a field."""
    if field.is_list:
        a, b = said or [], given or []
        return shared(field.kind, a, b), len(b), len(a)
    return likeness(field, said, given), int(given is not None), int(said is not None)


def _numbers(ranges: Iterable[LineRange]) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return shortened("; ".join(map(str, value)) if isinstance(value, list) else str(value), _SHOWN)


def _records(study: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    section = study.get("protocolSection") or {}
    found = (section.get("armsInterventionsModule") or {}).get(kind) or []
    return [r for r in found if isinstance(r, dict)]


def _attribute_likeness(gold: Mapping[str, Any], predicted: Mapping[str, Any], attribute: str) -> float:
    a, b = normalised(gold.get(attribute)), normalised(predicted.get(attribute))
    return 0.0 if a is None or b is None else word_f1(a, b)


def _alike(gold: Mapping[str, Any], predicted: Mapping[str, Any], attributes: tuple[str, ...]) -> float:
    """Mean likeness of the attributes that either record has."""
    had = [a for a in attributes if gold.get(a) is not None or predicted.get(a) is not None]
    return sum(_attribute_likeness(gold, predicted, a) for a in had) / len(had) if had else 0.0
