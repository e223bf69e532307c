"""How the parts of an extraction are written: field by field, and what says nothing is left out.

Pydantic could, and takes several times as long for the hundreds of small parts that a page's evidence has.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Final

from extract.memo import Memo


def said(part: Any) -> dict[str, Any]:
    """What is written of a model or dataclass: its fields, but neither what is None nor a mark that is not set."""
    written: dict[str, Any] = {}
    for name, unset in _FIELDS[type(part)]:
        value = getattr(part, name)
        if value is not None and value is not unset:
            written[name] = value
    return written


def _fields(kind: type[Any]) -> tuple[tuple[str, bool | None], ...]:
    """(name, what says nothing beside None) of each field: for a mark False."""
    if is_dataclass(kind):
        return tuple((f.name, False if f.default is False else None) for f in fields(kind))
    return tuple((name, None) for name in kind.model_fields)


_FIELDS: Final[Memo[type[Any], tuple[tuple[str, bool | None], ...]]] = Memo(_fields, 64)
