"""Prompt templates: data, one file a task, each with a version that is part of every stored reply's key.

A file holds `id`, `version`, `response_model` (the name of the Pydantic model that its reply is), `[[system]]` blocks
(each a `text`, and a `why` where the instruction would look odd without one), and `user`, the text of the user message.
`$name` is a slot. Slots are filled in one pass, so what fills them is never read as a template.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template as Slots

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """One instruction, and why it is put so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent, and the name of the template that it was made from."""

    name: str
    system: str
    user: str


class Template(BaseModel):
    """A task for a model, as its file holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: int
    response_model: str
    system: tuple[Block, ...]
    user: str

    @property
    def name(self) -> str:
        """The template and its version: "probe@1"."""
        return f"{self.id}@{self.version}"

    def render(self, **slots: str) -> Prompt:
        """The prompt with its slots filled. Raises KeyError for a slot left empty."""
        system = "\n".join(block.text.strip() for block in self.system)
        return Prompt(self.name, Slots(system).substitute(slots), Slots(self.user).substitute(slots).strip())


@cache
def load(template: str) -> Template:
    """The template of that id."""
    return Template.model_validate(tomllib.loads(_folder().joinpath(f"{template}.toml").read_text(encoding="utf-8")))


def template_ids() -> list[str]:
    """The ids of all templates, sorted."""
    return sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))


def _folder() -> Traversable:
    return files("prompts") / "templates"
