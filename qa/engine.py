"""From a question to a cited answer: understand, find the evidence, word it, verify every citation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from qa.answer import Answer, Citation, Timing
from qa.answers import fields as field_answers
from qa.answers import passages, patients
from qa.answers.claims import Draft
from qa.asked import Asked
from qa.phrasing import Classifier
from qa.plan import Plan
from qa.ranking import Evidence, Ranking
from qa.record import Record
from qa.silence import silent
from qa.understand import understand
from qa.verification import verified
from qa.words import Item, items

if TYPE_CHECKING:
    from index.embedder import Embedder
    from index.library import Library


TOLD_IN_TEXT = frozenset(
    {"primary_outcomes", "secondary_outcomes", "summary", "duration", "conditions", "interventions", "arms", "criteria"}
    | {
        "data_sharing",
        "data_monitoring",
        "ages",
        "minimum_age",
        "maximum_age",
        "sex",
        "purpose",
        "masking",
        "allocation",
    }
)
"""The fields that a record without a value for them may tell of in its text."""


def ask(
    library: Library,
    question: str,
    *,
    trial: str | None = None,
    now: date | None = None,
) -> Answer:
    """Answer a question from the library's records, without a model and without a network.

    `trial` is the record asked about; without it the question is about those it names, or all. `now` is what "in two
    years" is reckoned from, today by default. Raises UnknownDocument.
    """
    return Engine(library).ask(question, trial=trial, now=now)


class Engine:
    """Answers questions on one library; what it learned of a record for one question serves the next."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._evidence: dict[str, Evidence] = {}

    def ask(self, question: str, *, trial: str | None = None, now: date | None = None) -> Answer:
        """See `ask`."""
        started = perf_counter()
        evidence = self._of(trial or next(self._library.documents()).id)
        record = evidence.record
        plan = understand(question, self._classifier, subject=_subject(record), spoken=evidence.speaks_of)
        self.last_plan = plan
        asked = Asked(plan, now or datetime.now(UTC).date())
        understood = perf_counter()
        draft = self._draft(evidence, asked)
        drafted = perf_counter()
        claims, removed = verified(draft.claims, {record.id: record.source})
        done = perf_counter()
        return Answer(
            question=question,
            status=draft.status,
            answer=draft.text,
            claims=claims,
            citations=_once([c for claim in claims for c in claim.citations]),
            trials=draft.trials,
            removed=removed,
            timing=Timing(
                understand=_ms(understood - started),
                answer=_ms(drafted - understood),
                verify=_ms(done - drafted),
                total=_ms(done - started),
            ),
        )

    def _draft(self, evidence: Evidence, asked: Asked) -> Draft:
        record = evidence.record
        if asked.plan.intent == "field":
            draft = field_answers.answer(record, asked)
            if draft:
                return draft
            if not TOLD_IN_TEXT.issuperset(asked.plan.fields):
                return silent(record, asked, None, None)
        ranking = self._rank(evidence, asked.plan, asked.items)
        if asked.plan.intent == "patient":
            draft = patients.answer(record, asked, ranking)
            if draft:
                return draft

        def rank(part: str) -> tuple[Plan, Ranking]:
            plan = understand(part, self._classifier, subject=_subject(record))
            plan = plan.model_copy(update={"criterial": (plan.criterial + asked.plan.criterial) / 2})
            return plan, self._rank(evidence, plan, items(part))

        return passages.answer(record, asked, ranking, rank)

    def _rank(self, evidence: Evidence, plan: Plan, subject: list[Item]) -> Ranking:
        return evidence.rank(plan, subject, self._meanings(evidence.record, plan.question))

    def _of(self, document: str) -> Evidence:
        if document not in self._evidence:
            self._evidence[document] = Evidence(Record(self._library.get(document)))
        return self._evidence[document]

    def _meanings(self, record: Record, question: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for (first, last), cosine in self._library.cosines(question, record.id):
            for line in range(first, last + 1):
                found[line] = max(found.get(line, 0.0), cosine)
        return found

    @cached_property
    def _classifier(self) -> Classifier:
        embedder: Embedder | None = getattr(self._library, "embedder", None)
        return Classifier(embedder)


def _subject(record: Record) -> frozenset[str]:
    texts = [str(record.value("/protocolSection/identificationModule/briefTitle") or "")]
    texts += [str(v.value) for v in record.values("/protocolSection/conditionsModule/conditions/*")]
    return frozenset(
        stem for text in texts for item in items(text) for stem in (item.stem, *item.stem.split(), *item.concepts)
    )


def _once(citations: list[Citation]) -> list[Citation]:
    return list({(c.document, c.lines, c.quote): c for c in citations}.values())


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
