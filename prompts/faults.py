"""What the endpoint's failures are called here. Libraries' errors may quote the request or echo the key: they end at
this module, and what goes on is ours, masked, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from prompts.redaction import Redactor
from trialcite.errors import (
    EndpointFault,
    EndpointTimeout,
    EndpointUnreachable,
    KeyRefused,
    ModelError,
    ModelUnknown,
    RateLimited,
    ReplyEmpty,
    ReplyInvalid,
    ReplyRefused,
    ReplyTruncated,
    RequestRefused,
)

if TYPE_CHECKING:
    from openai import APIStatusError
    from openai.types.chat import ChatCompletion

LASTING_STATUS = 500
_UNREADABLE = "produced output that does not match the expected"
"""How llama.cpp answers when it cannot read its model's reply, as when that was cut off in the middle of an object."""
_TOO_LARGE = "too large to process"
"""How llama.cpp refuses to embed what is longer than its batch."""

_LONGEST_DETAIL = 240
_BY_STATUS: dict[int, tuple[type[ModelError], str, str | None]] = {
    400: (RequestRefused, "the endpoint refuses the request", None),
    401: (KeyRefused, "the endpoint refuses the key", "trialcite doctor --llm shows where the key came from"),
    403: (KeyRefused, "the endpoint refuses access", "the key may not use this model"),
    404: (ModelUnknown, "no such model or path", "an address usually ends in /v1; check the model's name"),
    413: (RequestRefused, "the request is too large for the endpoint", "lower the context tokens"),
    422: (RequestRefused, "the endpoint refuses the request", None),
    429: (RateLimited, "the endpoint asks to slow down", "lower the concurrency, or go on later: replies are kept"),
}


def endpoint_error(
    fault: Exception, *, where: str, redact: Redactor, expected: str = "a chat completion"
) -> ModelError | None:
    """The error of ours for what openai raised; None when it is no failure of the endpoint but of the program."""
    import openai

    if isinstance(fault, (openai.APITimeoutError, TimeoutError)):
        return EndpointTimeout("no whole answer in time", where=where, hint="raise the timeout or the deadline")
    if isinstance(fault, openai.APIConnectionError):
        cause = fault.__cause__ or fault
        reason = one_line(redact(str(cause))) or type(cause).__name__
        return EndpointUnreachable(f"no connection ({reason})", where=where, hint="is the server running?")
    if isinstance(fault, openai.APIStatusError):
        return _status_error(fault, where, redact)
    if isinstance(fault, (openai.APIError, ValueError)):  # JSON of another shape, or none at all
        return EndpointFault(f"not {expected} ({one_line(redact(str(fault)))})", where=where)
    return None


def _status_error(fault: APIStatusError, where: str, redact: Redactor) -> ModelError:
    said, status = _said(fault.body), fault.status_code
    if status == LASTING_STATUS and _UNREADABLE in said:
        return ReplyTruncated(
            "the reply was cut off, or is of another form", where=where, hint="raise the reply tokens"
        )
    if status == LASTING_STATUS and _TOO_LARGE in said:
        status = 413
    unnamed = (EndpointFault, f"the endpoint failed with status {status}", None)
    kind, message, hint = _BY_STATUS.get(status, unnamed)
    detail = one_line(redact(said))
    return kind(f"{message}: {detail}" if detail else message, where=where, hint=hint)


def will_last(answer: str) -> bool:
    """Whether a failure of LASTING_STATUS says that the same request would fail in the same way again."""
    return _UNREADABLE in answer or _TOO_LARGE in answer


def _said(body: object) -> str:
    if isinstance(body, dict):
        return str(body.get("message") or "")
    return body if isinstance(body, str) else ""


def reply_error(completion: ChatCompletion | None, fault: BaseException, *, where: str, redact: Redactor) -> ModelError:
    """Why a reply that came could not be used."""
    if completion is None or not completion.choices:
        return ReplyEmpty("the reply is empty", where=where)
    choice = completion.choices[0]
    if choice.message.refusal:
        return ReplyRefused(f"the model declined: {one_line(redact(choice.message.refusal))}", where=where)
    if choice.finish_reason == "content_filter":
        return ReplyRefused("the endpoint's content filter withheld the reply", where=where)
    if choice.finish_reason == "length":
        return ReplyTruncated("the reply was cut off", where=where, hint="raise the reply tokens")
    return ReplyInvalid(f"the reply is not as asked: {redact(told(fault))}", where=where)


def malformed(completion: Any) -> str | None:
    """What makes an answer no chat completion; openai builds its objects without checking them."""
    from openai.types.chat import ChatCompletion

    if not isinstance(completion, ChatCompletion):
        return "no JSON object"
    choices: Any = completion.choices
    if not isinstance(choices, list):
        return "no list of choices"
    for choice in choices:
        message = getattr(choice, "message", None)
        if message is None or not isinstance(getattr(message, "content", None), str | None):
            return "a choice without a message"
    return None


def told(fault: BaseException) -> str:
    """What is wrong with an object, in one line: the first fault of those that Pydantic lists."""
    if isinstance(fault, ValidationError):
        first = fault.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        return one_line(f"{place}: {first['msg']}" if place else first["msg"])
    return one_line(str(fault))


def one_line(text: str) -> str:
    """White space folded and cut to what fits an error line."""
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST_DETAIL else folded[: _LONGEST_DETAIL - 1] + "…"
