"""The objects that a model replies with to a question: claims with the lines and words that are to prove them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from extract.model.replies import GROUNDER, Cited

Sentence = Annotated[str, Field(json_schema_extra={"maxLength": 500})]
Id = Annotated[str, Field(json_schema_extra={"maxLength": 40})]
MOST_CLAIMS, MOST_QUOTES = 8, 4


class CitedClaim(BaseModel):
    """One sentence of an answer, and the words of the record that say it. `document` is the record's id."""

    model_config = ConfigDict(extra="ignore")

    text: Sentence
    document: Id | None = None
    quotes: Annotated[list[Cited], Field(json_schema_extra={"maxItems": MOST_QUOTES})]


class Answering(Protocol):
    """Checks a reply against the records."""

    def check(self, reply: ClaimsFound) -> str | None:
        """What is wrong with it, if the model is to be told and asked again."""


class ClaimsFound(BaseModel):
    """What the records say on a question; null where they say nothing."""

    model_config = ConfigDict(extra="ignore")

    claims: Annotated[list[CitedClaim], Field(json_schema_extra={"maxItems": MOST_CLAIMS})] | None = None

    @model_validator(mode="after")
    def _grounded(self, info: ValidationInfo) -> ClaimsFound:
        context: Mapping[str, Any] = info.context or {}
        checks: Answering | None = context.get(GROUNDER)
        fault = checks.check(self) if checks else None
        if fault:
            raise ValueError(fault)
        return self


class QuestionRead(BaseModel):
    """What a question asks for: ids of registry fields, the likeliest first; null where it asks for something else."""

    model_config = ConfigDict(extra="ignore")

    fields: Annotated[list[Id], Field(json_schema_extra={"maxItems": 3})] | None = None
