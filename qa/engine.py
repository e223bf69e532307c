"""From a question to a cited answer: which records, what is asked, the evidence, the words, the check of every line."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from qa.answer import Answer, AnswerFinding, Citation, Claim, Removed, Timing
from qa.answers import compare, many, one
from qa.answers.claims import Draft
from qa.asked import Asked
from qa.asking import superlative
from qa.classifier import Classifier
from qa.facts import only_person, spelled_out
from qa.filters import read, where
from qa.patterns import words_of
from qa.plan import Plan
from qa.ranking import Evidence, Ranking
from qa.record import Record
from qa.topic import topic
from qa.trials import Titles, is_about_many, named
from qa.understand import understand
from qa.verification import verified
from qa.words import Item, items
from trialcite.errors import TrialciteError

if TYPE_CHECKING:
    from index.library import Library

_KEPT = 512
"""Records kept ready; a library may hold many more."""
_COULD = 0.1
"""The likeness from which a question that rules cannot place may ask for a field, if something else reads it so."""


def ask(library: Library, question: str, *, trial: str | None = None, now: date | None = None) -> Answer:
    """Answer a question from the library's records, without a model and without a network.

    `trial` is the record asked about; without it the question is about those it names, or all. `now` is what "in two
    years" is reckoned from, today by default. Raises UnknownDocument.
    """
    return Engine(library).ask(question, trial=trial, now=now)


class Engine:
    """Answers questions on one library; what it learned of a record for one question serves the next."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._opened: OrderedDict[str, Evidence] = OrderedDict()

    def ask(
        self,
        question: str,
        *,
        trial: str | None = None,
        now: date | None = None,
        fields: Sequence[str] | None = None,
    ) -> Answer:
        """See `ask`. `fields` are those that a question about one record asks for, where its wording was read by
        something else than the rules."""
        started = perf_counter()
        today = now or datetime.now(UTC).date()
        draft = self._one(trial, question, today, fields) if trial else self._any(question, today)
        return self.finished(question, draft, started=started)

    def ask_all(
        self, rows: Iterable[tuple[str, str | None]], *, now: date | None = None
    ) -> Iterator[Answer | TrialciteError]:
        """The answers to many questions, each with its trial or None, in order. What cannot be answered stays an
        error in its place."""
        for question, trial in rows:
            try:
                yield self.ask(question, trial=trial, now=now)
            except TrialciteError as e:
                yield e

    def finished(self, question: str, draft: Draft, *, started: float) -> Answer:
        """A draft with every citation re-checked against the lines: a claim that fails is taken out and named."""
        drafted = perf_counter()
        sources = {document: self._open(document).record.source for document in _documents(draft)}
        claims, removed = verified(draft.claims, sources)
        done = perf_counter()
        return Answer(
            question=question,
            status="partial" if removed and claims else "failed" if removed else draft.status,
            answer=_said(draft, claims, removed),
            claims=claims,
            citations=_once([c for claim in claims for c in claim.citations]),
            trials=draft.trials,
            findings=_findings(claims, {d: self._open(d).record for d in sources}),
            removed=removed,
            timing=Timing(answer=_ms(drafted - started), verify=_ms(done - drafted), total=_ms(done - started)),
        )

    def looked_at(self, document: str, question: str) -> tuple[Plan, Ranking, Record]:
        """How a question about one record was understood, and the record's units as they speak to it, best first.
        Raises UnknownDocument."""
        evidence = self._open(document)
        question = spelled_out(question)
        plan = understand(question, self._classifier, subject=evidence.subject, spoken=evidence.speaks_of)
        return plan, self._rank(evidence, plan, items(question)), evidence.record

    def could_ask(self, document: str, question: str, field: str) -> bool:
        """Whether a question about one record resembles one for a field at all. Raises UnknownDocument."""
        return self._classifier.likeness(question, self._open(document).subject)[field] >= _COULD

    @cached_property
    def documents(self) -> tuple[str, ...]:
        """The ids of the library's records."""
        return tuple(d.id for d in self._library.documents())

    def _any(self, question: str, today: date) -> Draft:
        """The answer to a question that came without a trial."""
        ids = self.documents
        if len(ids) == 1:
            return self._one(ids[0], question, today)
        meant = named(question, ids, self._titles)
        if len(meant) > 1:
            records = [self._open(i).record for i in meant]
            rest = re.sub("|".join(map(re.escape, meant)), " ", question, flags=re.IGNORECASE)
            return compare.answer(words_of(question), records, lambda i: self._one(i, rest, today))
        if meant:
            return self._one(meant[0], question, today)
        return self._many(question, ids) or self._nearest(question, today)

    def _many(self, question: str, ids: Sequence[str]) -> Draft | None:
        words = words_of(question)
        conditions = read(words, self._countries)
        limit = many.limit_of(words)
        about = None if limit else topic(words, conditions)
        search = many.Search(conditions, about, limit, superlative(words))
        if search.empty or not (is_about_many(question) or search.most or conditions.facets or conditions.filters):
            return None
        admitted = ids
        if conditions.filters:
            expression = " and ".join(where(f) for f in conditions.filters)
            admitted = [d.id for d in self._library.matching(expression)]
        count = bool(words.find("how many|count|number"))
        return many.answer(search, admitted, len(ids), self._open, count=count)

    def _nearest(self, question: str, today: date) -> Draft:
        """The answer from the record whose text comes nearest, named first."""
        hits = self._library.search(question, k=1)
        if not hits:
            return Draft("not_stated", "Not stated: no record speaks of that.")
        draft = self._one(hits[0].document, question, today)
        draft.text = f"{hits[0].document}: {draft.text}"
        return draft

    def _one(self, document: str, question: str, today: date, fields: Sequence[str] | None = None) -> Draft:
        evidence = self._open(document)
        subject = evidence.subject
        question = spelled_out(question)
        plan = understand(question, self._classifier, subject=subject, spoken=evidence.speaks_of)
        asked = Asked(plan, today).of_fields(*fields) if fields else Asked(plan, today)

        def rank(part: str) -> tuple[Plan, Ranking]:
            own = asked.plan
            if part != question:
                own = understand(part, self._classifier, subject=subject)
                own = own.model_copy(update={"criterial": (own.criterial + plan.criterial) / 2})
            return own, self._rank(evidence, own, items(part))

        return one.answer(evidence, asked, rank)

    def _rank(self, evidence: Evidence, plan: Plan, subject: Sequence[Item]) -> Ranking:
        if plan.intent == "patient":  # "a man with a pacemaker" looks for the pacemaker
            subject = [item for item in subject if not only_person(item)] or subject
        return evidence.rank(plan, subject, self._meanings(evidence.record, plan.question))

    def _meanings(self, record: Record, question: str) -> dict[int, float]:
        """The cosine of each line with the question, the best where several pieces share it."""
        found: dict[int, float] = {}
        for (first, last), cosine in self._library.cosines(question, record.id):
            for line in range(first, last + 1):
                found[line] = max(found.get(line, 0.0), cosine)
        return found

    def _open(self, document: str) -> Evidence:
        evidence = self._opened.pop(document, None) or Evidence(Record(self._library.get(document)))
        self._opened[document] = evidence
        if len(self._opened) > _KEPT:
            self._opened.popitem(last=False)
        return evidence

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier(self._library.embedder)

    @cached_property
    def _titles(self) -> Titles:
        return Titles({i: self._open(i).subject for i in self.documents})

    @cached_property
    def _countries(self) -> frozenset[str]:
        path = "/protocolSection/contactsLocationsModule/locations/*/country"
        return frozenset(str(v.value) for i in self.documents for v in self._open(i).record.values(path))


def _findings(claims: list[Claim], records: Mapping[str, Record]) -> list[AnswerFinding]:
    """The records' contradictions that touch a cited line."""
    cited = {(c.document, line) for k in claims for c in k.citations for line in range(c.lines[0], c.lines[1] + 1)}
    return [
        AnswerFinding(document=document, code=f["code"], severity=f["severity"], message=f["message"])
        for document, record in records.items()
        for f in record.findings
        if any((document, n) in cited for e in f["evidence"] for n in range(e["lines"][0], e["lines"][1] + 1))
    ]


def _said(draft: Draft, claims: Sequence[Claim], removed: Sequence[Removed]) -> str:
    """The answer's words; without those of a claim that failed its check."""
    if not removed:
        return draft.text
    return " ".join(claim.text for claim in claims) or "No answer: its citations failed their check."


def _documents(draft: Draft) -> Iterator[str]:
    yield from dict.fromkeys(c.document for claim in draft.claims for c in claim.citations)


def _once(citations: list[Citation]) -> list[Citation]:
    return list({(c.document, c.lines, c.quote): c for c in citations}.values())


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
