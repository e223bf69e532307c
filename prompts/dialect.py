"""How an endpoint takes a request for an object: the mode ladder, and two parameters that models disagree about.

| mode        | the schema goes                 | the object comes back               |
|-------------|---------------------------------|-------------------------------------|
| JSON_SCHEMA | in response_format              | as the message, decoded within it   |
| TOOLS       | as a function to be called      | as the call's arguments             |
| MD_JSON     | into the prompt                 | in a fenced block of the message    |

Servers accept and ignore what they do not know, so what works can only be found by trying: see prompts/probe.py.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

Mode = Literal["JSON_SCHEMA", "TOOLS", "MD_JSON"]
LADDER: tuple[Mode, ...] = get_args(Mode)
"""From the surest mode to the one that asks the least of a server. Below the last are the rules alone."""


class Dialect(BaseModel):
    """What one model at one endpoint understands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = "JSON_SCHEMA"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - tokens of text
    temperature: bool = True

    def parameters(self, reply_tokens: int) -> dict[str, Any]:
        """The sampling parameters of a request. Temperature 0, so that the same request gets the same reply."""
        return {self.token_limit: reply_tokens} | ({"temperature": 0.0} if self.temperature else {})

    def adapted(self, refusal: str) -> Dialect | None:
        """The dialect without the parameter that a refusal complains about, as reasoning models refuse both."""
        changes = [
            self.model_copy(update={"token_limit": "max_completion_tokens"}),
            self.model_copy(update={"temperature": False}),
        ]
        named = ["max_completion_tokens", "temperature"]
        return next((c for c, n in zip(changes, named, strict=True) if n in refusal and c != self), None)
