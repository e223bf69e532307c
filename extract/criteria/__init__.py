"""Eligibility criteria: eligibility text into criteria (split), a criterion into constraints (parse) and topics.

`parse` is handed on when it is first used: who only needs the models does not load the parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.criteria.parser import parse

__all__ = ["parse"]


def __getattr__(name: str) -> object:
    if name != "parse":
        raise AttributeError(f"module 'extract.criteria' has no attribute {name!r}")
    from extract.criteria.parser import parse

    return parse
