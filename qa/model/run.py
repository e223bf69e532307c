"""Questions answered by rules and model: the rules' answer first, then the model where it can help.

    with ModelEngine(engine, settings, "fill", store=store) as asking:
        answer = asking.ask("how is the drug given?", trial="NCT99000001")

    fill   the model is asked where the rules find nothing, settle only a part, or quote text
    full   always, so that differences show

Whatever fails, the rules' answer comes back, and `heard` says why the model was not heard. A question that is about
more than a few trials is answered by the rules alone: which trials fulfil a condition is computed.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from datetime import date
from time import perf_counter
from typing import Any, Literal

from extract.model.replies import GROUNDER
from prompts.audit import AuditLog
from prompts.session import ModelSession
from prompts.settings import ModelSettings
from prompts.store import ReplyStore
from prompts.usage import Usage
from qa.answer import Answer, Heard
from qa.answers.claims import Draft
from qa.engine import Engine
from qa.fields import fields
from qa.model.calls import answering, reading
from qa.model.claims import ClaimChecks, Shown
from qa.model.combine import QUOTED, UNSETTLED, Combined, combined, verdict_of
from qa.model.replies import ClaimsFound, QuestionRead
from qa.plan import Intent
from trialcite.errors import ModelError, TrialciteError

Policy = Literal["fill", "full"]

MOST_TRIALS = 4
_RELEVANT = 12
"""How many of the best units of a record speak to a question: a claim has to cite one of them."""


class ModelEngine(ModelSession):
    """Answers as `qa.engine.Engine` does, with a model. `ledger` counts what it used; `failures` are the reasons why
    the model was not heard. Raises ModelNotConfigured when no model is named."""

    def __init__(
        self,
        engine: Engine,
        settings: ModelSettings,
        policy: Policy,
        *,
        store: ReplyStore | None = None,
        audit: AuditLog | None = None,
    ) -> None:
        super().__init__(settings, store=store, audit=audit)
        self._engine = engine
        self._policy = policy
        self.failures: list[ModelError] = []

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the library's records."""
        return self._engine.documents

    def ask(self, question: str, *, trial: str | None = None, now: date | None = None) -> Answer:
        """The answer to one question. Raises UnknownDocument."""
        rules = self._engine.ask(question, trial=trial, now=now)
        return self._runner.run(_Asking(self, question, rules, now).answered())

    def ask_all(
        self, rows: Iterable[tuple[str, str | None]], *, now: date | None = None
    ) -> Iterator[Answer | TrialciteError]:
        """The answers to many questions in order, several under way at once. See Engine.ask_all."""
        return self._in_order(rows, lambda row: self._begun(*row, now))

    def _begun(
        self, question: str, trial: str | None, now: date | None
    ) -> Coroutine[Any, Any, Answer] | TrialciteError:
        try:
            rules = self._engine.ask(question, trial=trial, now=now)
        except TrialciteError as e:
            return e
        return _Asking(self, question, rules, now).answered()


class _Asking:
    """One question under work."""

    def __init__(self, run: ModelEngine, question: str, rules: Answer, now: date | None) -> None:
        self._run = run
        self._client = run._client
        self._question = question
        self._rules = rules
        self._now = now
        self._started = perf_counter()
        self._tally: list[Usage] = []
        self._prompts: list[str] = []
        self._failure: ModelError | None = None

    async def answered(self) -> Answer:
        """The rules' answer, with what the model adds."""
        trials = self._rules.trials
        if not 1 <= len(trials) <= MOST_TRIALS:
            return self._rules
        looked = [self._run._engine.looked_at(trial, self._question) for trial in trials]
        intent: Intent = looked[0][0].intent if len(trials) == 1 else "compare"
        if self._run._policy == "fill" and self._rules.status not in UNSETTLED and intent not in QUOTED:
            return self._rules
        if self._rules.status == "not_stated" and len(trials) == 1 and not looked[0][0].fields:
            read = await self._read(trials[0])
            if read is not None:
                return self._with_model(Combined(Draft(read.status, read.answer, read.claims, read.trials)), None)
        cited = {(c.document, n) for c in self._rules.citations for n in range(c.lines[0], c.lines[1] + 1)}
        shown = [
            Shown(
                record,
                frozenset(
                    {n for s in ranking.scored[:_RELEVANT] for n in range(s.unit.lines[0], s.unit.lines[1] + 1)}
                    | {n for document, n in cited if document == record.id}
                ),
            )
            for _, ranking, record in looked
        ]
        checks = await self._claims(shown)
        return self._with_model(combined(self._rules, checks.claims, intent), checks)

    async def _read(self, trial: str) -> Answer | None:
        """The rules' answer to the question as the model reads it; None where that settles nothing either."""
        prompt = reading(self._question)
        self._prompts.append(prompt.name)
        try:
            reply = await self._client.ask(prompt, QuestionRead, tally=self._tally)
        except ModelError as e:
            self._failure = e
            return None
        engine, known = self._run._engine, fields()
        wanted = next((f for f in reply.value.fields or () if f in known), None)
        if wanted is None or not engine.could_ask(trial, self._question, wanted):
            return None
        answer = engine.ask(self._question, trial=trial, now=self._now, fields=[wanted])
        if answer.status != "answered":
            return None
        answer.answer = f"Understood as a question for the {known[wanted].name}. {answer.answer}"
        return answer

    async def _claims(self, shown: list[Shown]) -> ClaimChecks:
        call = answering(self._question, shown, self._client.settings, verdict=verdict_of(self._rules))
        self._prompts.append(call.prompt.name)
        name = ""
        try:
            reply = await self._client.ask(
                call.prompt, ClaimsFound, context={GROUNDER: call.checks}, source=call.source, tally=self._tally
            )
            name = reply.call
        except ModelError as e:
            self._failure = e  # what held in an earlier attempt holds all the same
        for judged in call.checks.judged:
            self._client.verdict(name, {"pointer": judged.pointer, "verdict": judged.reason or "accepted"})
        return call.checks

    def _with_model(self, both: Combined, checks: ClaimChecks | None) -> Answer:
        if self._failure:
            self._run.failures.append(self._failure)
        answer = self._run._engine.finished(self._question, both.draft, started=self._started)
        answer.removed += checks.removed if checks else []
        answer.findings += both.findings
        answer.heard = Heard(
            model=self._client.model,
            prompt=" ".join(dict.fromkeys(self._prompts)),
            usage=sum(self._tally, Usage()).to_json(),
            failure=str(self._failure) if self._failure else None,
        )
        return answer
