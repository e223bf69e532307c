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
