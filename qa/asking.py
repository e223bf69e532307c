"""How questions are put: the patterns of asking.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from qa.patterns import Words
from qa.plan import Wants


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("qa").joinpath("asking.toml").read_text(encoding="utf-8"))


def says(section: str, question: Words) -> bool:
    """Whether the question is put as that section of the table says ("eligibility", "person", "relative")."""
    return any(question.find(pattern) for pattern in _table()[section]["says"])


def wanted(question: Words) -> list[Wants]:
    """The kinds of figure a question wants to hear."""
    wants = _table()["wants"]
    return [
        cast("Wants", want)
        for want, row in wants.items()
        if any(question.find(p) for p in row["says"]) and not any(question.find(p) for p in row["unless"])
    ]


@cache
def _many_table() -> Mapping[str, Any]:
    return tomllib.loads(files("qa").joinpath("many.toml").read_text(encoding="utf-8"))


def many(section: str, question: Words) -> bool:
    """Whether a question over many trials is put as that section of many.toml says ("many", "compare")."""
    return any(question.find(pattern) for pattern in _many_table()[section]["says"])


def scopes(question: Words) -> list[str]:
    """Where the topic of a question over many trials is to be looked for."""
    return [scope for scope, row in _many_table()["scope"].items() if any(question.find(p) for p in row["says"])]


def names(section: str) -> list[str]:
    """The words of a section of many.toml ("participants", "start", "completion")."""
    return list(_many_table()[section]["words"])


def places(section: str) -> Mapping[str, list[str]]:
    """Names of places ("countries", "continents") with what else they are called, or hold."""
    table: Mapping[str, list[str]] = _many_table()[section]
    return table


def superlative(question: Words) -> tuple[str, bool] | None:
    """The field by which a question compares trials, and whether more of it wins; None for none."""
    for field, row in _many_table()["superlatives"].items():
        for more in (True, False):
            if any(question.find(p) for p in row["more" if more else "less"]):
                return field, more
    return None
