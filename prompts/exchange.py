"""One call: a prompt out, an object back, in at most two attempts.

instructor puts the schema where the mode wants it, reads the object, validates it in our context, and asks again once
with the fault named. Each of its attempts comes here to be answered: from the store, else over the wire.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from prompts.audit import AuditLog, Event
from prompts.dialect import Dialect
from prompts.faults import reply_error, told
from prompts.redaction import Redactor
from prompts.store import ReplyStore, Request
from prompts.template import Prompt
from prompts.usage import Ledger, Usage, estimate_tokens
from prompts.wire import Wire, estimate_of
from trialcite.errors import ModelError, ReplyNotStored

if TYPE_CHECKING:
    from instructor.core.hooks import Hooks
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)

RE_ASKS = 1
"""A model that cannot mend a fault it was told once seldom mends it later, and every attempt sends the whole prompt."""

# instructor logs every failure; what failed is in our errors, and unmasked text goes to no log.
logging.getLogger("instructor").addHandler(logging.NullHandler())
logging.getLogger("instructor").propagate = False


@dataclass(frozen=True)
class Reply(Generic[T]):
    """A valid object and what it took. `call` names the exchange in the audit log; `usage` counts all its attempts,
    also those that were replayed, so that a replayed run reports what its replies once cost."""

    value: T
    call: str
    usage: Usage
    replayed: bool


@dataclass
class Desk:
    """What all exchanges of a client share."""

    ledger: Ledger
    redact: Redactor
    wire: Wire | None
    store: ReplyStore | None
    audit: AuditLog | None
    unsent: list[Request]

    def note(self, event: Event, call: str, details: Mapping[str, Any]) -> None:
        """Write to the audit log, where there is one."""
        if self.audit is not None:
            self.audit.write(event, call, self.redact, details)


class Exchange(Generic[T]):
    """One call. `run` is used once."""

    def __init__(
        self,
        desk: Desk,
        prompt: Prompt,
        response_model: type[T],
        *,
        endpoint: str,
        source: str,
        tally: list[Usage] | None = None,
    ) -> None:
        self._desk = desk
        self._tally = tally if tally is not None else []
        self._prompt = prompt
        self._response_model = response_model
        self._endpoint = endpoint
        self._source = source
        self._request: Request | None = None
        self._completion: ChatCompletion | None = None
        self._replayed = True
        self._from_store = False
        self._usage = Usage()
        self._reply_tokens = 0
        self.call = ""

    async def run(
        self, model: str, dialect: Dialect, *, reply_tokens: int, re_asks: int, context: Mapping[str, Any]
    ) -> Reply[T]:
        """The reply. Raises ModelError."""
        import instructor
        from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

        self._reply_tokens = reply_tokens
        create: Any = instructor.patch(create=self._answer, mode=instructor.Mode[dialect.mode])
        try:
            value: T = await create(
                response_model=self._response_model,
                # instructor renders every message as a Jinja template as soon as there is a context, and trial text
                # would be run as one. So the messages are variables, and what they hold is put in as it is.
                messages=[
                    {"role": "system", "content": "{{ prompt_system }}"},
                    {"role": "user", "content": "{{ prompt_user }}"},
                ],
                context={"prompt_system": self._prompt.system, "prompt_user": self._prompt.user, **context},
                model=model,
                max_retries=re_asks,
                strict=False,  # "60" for 60 is not worth another call; what a value means is checked anyway
                hooks=self._hooks(),
                **dialect.parameters(reply_tokens),
            )
        except IncompleteOutputException as e:
            raise self._unusable(e) from None
        except InstructorRetryException as e:
            cause = e.__cause__ or e
            if isinstance(cause, ModelError) or self._completion is None:
                raise cause from None
            raise self._unusable(cause) from None
        return Reply(self._bare(value), self.call, self._usage, self._replayed)

    async def _answer(self, **body: Any) -> ChatCompletion:
        """What instructor takes for the endpoint."""
        from openai.types.chat import ChatCompletion

        desk = self._desk
        self._request = request = Request(self._endpoint, self._prompt.name, self._source, body)
        self.call = self.call or request.key("")[:16]
        stored = desk.store.reply(request) if desk.store is not None else None
        self._from_store = stored is not None
        if stored is None:
            completion = await self._sent(request)
            stored = completion.model_dump(mode="json", exclude_unset=True)
            stored = _masked(stored, desk.redact)
            if desk.store is not None and completion.choices:
                desk.store.keep(request, stored)
        self._completion = ChatCompletion.construct(**stored)
        return self._completion

    async def _sent(self, request: Request) -> ChatCompletion:
        self._replayed = False
        if self._desk.wire is None:
            self._desk.unsent.append(request)
            raise ReplyNotStored("no stored reply, and no call may be made", where=request.endpoint)
        return await self._desk.wire.send(request, reply_tokens=self._reply_tokens)

    def _hooks(self) -> Hooks:
        from instructor.core.hooks import Hooks

        hooks = Hooks()
        hooks.on("completion:response", self._on_response)
        hooks.on("completion:error", self._on_error)
        hooks.on("parse:error", self._on_invalid)
        return hooks

    def _on_response(self, response: ChatCompletion) -> None:
        usage = _usage_of(response, self._request)
        self._usage += usage
        self._tally.append(usage)
        self._desk.ledger.count(usage, replayed=self._from_store)
        self._note(
            "attempt",
            {"reply": response.model_dump(mode="json"), "usage": usage.to_json(), "replayed": self._from_store},
        )

    def _on_error(self, error: Exception) -> None:
        self._note("failure", {"error": str(error)})

    def _on_invalid(self, error: Exception) -> None:
        self._desk.note("invalid", self.call, {"fault": told(error)})

    def _note(self, event: Event, details: Mapping[str, Any]) -> None:
        body = self._request.body if self._request else {}
        whose = {"endpoint": self._endpoint, "template": self._prompt.name, "source": self._source}
        self._desk.note(event, self.call, {**whose, "request": body, **details})

    def _bare(self, value: T) -> T:
        """The object as its own class has it: instructor's subclass carries the raw reply along."""
        fields = {name: getattr(value, name) for name in self._response_model.model_fields}
        return self._response_model.model_construct(_fields_set=value.model_fields_set, **fields)

    def _unusable(self, fault: BaseException) -> ModelError:
        error = reply_error(self._completion, fault, where=self._endpoint, redact=self._desk.redact)
        self._desk.note("invalid", self.call, {"fault": str(error)})
        return error


def _usage_of(response: ChatCompletion, request: Request | None) -> Usage:
    reported = response.usage
    if reported is not None and reported.prompt_tokens is not None and reported.completion_tokens is not None:
        return Usage(1, reported.prompt_tokens, reported.completion_tokens)
    prompt = estimate_of(request) if request else 0
    reply = estimate_tokens(response.model_dump_json(include={"choices"}))
    return Usage(1, prompt, reply, prompt + reply)


def _masked(completion: dict[str, Any], redact: Redactor) -> dict[str, Any]:
    import orjson

    masked: dict[str, Any] = orjson.loads(redact(orjson.dumps(completion).decode()))
    return masked
