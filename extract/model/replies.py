"""The objects that a model replies with: every value with the lines and words that prove it, every field nullable.

The classes are made for the fields that are asked for, so that a reply can hold nothing else. Nothing is required and
nothing has an example: a model that has to fill a field makes something up, and one that sees an example copies it.
The schema bounds every string and list, so that a reply that rambles still ends; a longer one is not invalid for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, create_model, model_validator

from extract.model.asks import Ask, by_items
from extract.source import LineRange

Text = Annotated[str, Field(json_schema_extra={"maxLength": 400})]
Words = Annotated[str, Field(json_schema_extra={"maxLength": 120})]

GROUNDER = "grounder"
"""The key of the validation context under which `Reply` finds what checks it."""


class Cited(BaseModel):
    """Words of the record: the lines on which they stand, and the words exactly as they stand there."""

    model_config = ConfigDict(extra="ignore")

    first_line: int
    last_line: int
    quote: Text

    @property
    def lines(self) -> LineRange:
        """The lines that are cited."""
        return self.first_line, self.last_line


class CitedPassage(BaseModel):
    """A passage of the record: its first and last line, its first and last few words exactly as they stand there."""

    model_config = ConfigDict(extra="ignore")

    first_line: int
    last_line: int
    first_words: Words
    last_words: Words


class Grounder(Protocol):
    """Checks a reply against the record."""

    def check(self, reply: Reply) -> str | None:
        """What is wrong with it, if the model is to be told and asked again."""


class Reply(BaseModel):
    """What stands in the record; null for what does not."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="after")
    def _grounded(self, info: ValidationInfo) -> Reply:
        grounder: Grounder | None = (info.context or {}).get(GROUNDER)
        fault = grounder.check(self) if grounder else None
        if fault:
            raise ValueError(fault)
        return self

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema that a model is held to. Made once for the classes of a reply and what instructor derives from
        them at each call: it takes longer than all else that is done to a reply."""
        made = next(c for c in cls.__mro__ if Reply in c.__bases__)
        if made not in _SCHEMAS:
            _SCHEMAS[made] = _demanding(super().model_json_schema(*args, **kwargs))
        return deepcopy(_SCHEMAS[made])


_SCHEMAS: dict[type, dict[str, Any]] = {}


def _demanding(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema in which every member has to be there, if only as null: a model that may leave one out overlooks it.
    Titles and defaults only cost tokens."""
    for node in [schema, *schema.get("$defs", {}).values()]:
        if "properties" in node:
            node["required"] = list(node["properties"])
        for member in node.get("properties", {}).values():
            member.pop("title", None)
            member.pop("default", None)
    return schema


_KINDS: dict[str, Any] = {"count": int, "flag": bool, "date": Words, "age": Words, "nct": Words}


@cache
def reply_model(wanted: tuple[Ask, ...]) -> type[Reply]:
    """The class of replies to a request for these fields."""
    members: dict[str, Any] = {}
    for items, asks in by_items(wanted).items():
        if items is None:
            members |= {ask.member: (_type(ask), None) for ask in asks}
            continue
        name = items.rpartition("/")[2]
        each: dict[str, Any] = {ask.member: (_type(ask), None) for ask in asks}
        members[name] = (_several(create_model(_class_name(name), **each)), None)
    return create_model("Found", __base__=Reply, **members)


def _type(ask: Ask) -> Any:
    return _several(_one(ask)) if ask.many else _one(ask) | None


def _several(one: Any) -> Any:
    return Annotated[list[one], Field(json_schema_extra={"maxItems": 100})] | None


@cache
def _one(ask: Ask) -> type[BaseModel]:
    if ask.long:
        return CitedPassage
    if ask.field.kind == "text":
        return Cited
    vocabulary = ask.vocabulary
    kind: Any = Literal[tuple(vocabulary.words)] if vocabulary else _KINDS[ask.field.kind]
    name = vocabulary.name if vocabulary else ask.field.kind
    return create_model(_class_name(f"cited {name}"), __base__=Cited, value=(kind, ...))


def _class_name(words: str) -> str:
    return "".join(w[:1].upper() + w[1:] for w in words.split())


def proposals(reply: BaseModel, wanted: Sequence[Ask]) -> Iterator[tuple[Ask, str, BaseModel]]:
    """(field, pointer, what is cited) of everything a reply holds, in the order of the fields. List items count from 0
    as the reply has them."""
    for items, asks in by_items(wanted).items():
        if items is None:
            for ask in asks:
                yield from _cited(ask, ask.pointer.removesuffix("/*"), getattr(reply, ask.member))
            continue
        for n, item in enumerate(getattr(reply, items.rpartition("/")[2]) or ()):
            for ask in asks:
                yield from _cited(ask, f"{items}/{n}/{ask.member}", getattr(item, ask.member))


def _cited(ask: Ask, pointer: str, found: Any) -> Iterator[tuple[Ask, str, BaseModel]]:
    if found is None:
        return
    if not ask.many:
        yield ask, pointer, found
        return
    for n, one in enumerate(found):
        yield ask, f"{pointer}/{n}", one
