"""The registry's enumerations in words: RECRUITING is "Recruiting", a phase of NA is "Not applicable".

The study keeps the codes, as the registry does. Reading text and answers print the wording; rules read either.
The table is vocabulary.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True)
class Vocabulary:
    """One enumeration. `words` maps each code to its wording, `spellings` to everything accepted for it in a text."""

    name: str
    words: Mapping[str, str]
    spellings: Mapping[str, tuple[str, ...]]

    def word(self, code: str) -> str:
        """The wording of a code. A code that is not ours (the registry adds some) is its own wording."""
        return self.words.get(code, code)

    def code(self, text: str) -> str | None:
        """The code that a text writes out, by its code or any spelling; case, spaces and punctuation don't count."""
        return self._codes.get(_bare(text))

    def spells(self, text: str) -> bool:
        """Whether the text is a code or a spelling as it stands, but for case."""
        folded = text.casefold()
        return any(folded == s.casefold() for code, spellings in self.spellings.items() for s in (code, *spellings))

    @cached_property
    def _codes(self) -> dict[str, str]:
        return {_bare(s): code for code, spellings in self.spellings.items() for s in (code, *spellings)}


def vocabulary(name: str) -> Vocabulary:
    """The enumeration of that name ("Status", "Phase", …). KeyError when there is none."""
    return _vocabularies()[name]


def vocabulary_of(pointer: str) -> Vocabulary | None:
    """The enumeration that the field at this JSON pointer takes its values from; None for any other field."""
    name = _fields().get(_INDEX.sub("/*", pointer))
    return None if name is None else vocabulary(name)


def names() -> tuple[str, ...]:
    """The name of every enumeration."""
    return tuple(_vocabularies())


def fields() -> Mapping[str, str]:
    """The pointer of every enumerated field (* for an array index) and the name of its enumeration."""
    return MappingProxyType(_fields())


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files("extract").joinpath("vocabulary.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _fields() -> dict[str, str]:
    return dict(_table()["fields"])


@lru_cache(maxsize=1)
def _vocabularies() -> dict[str, Vocabulary]:
    return {name: _read(name, rows) for name, rows in _table()["vocabularies"].items()}


def _read(name: str, rows: Mapping[str, str | list[str]]) -> Vocabulary:
    spellings = {code: (row,) if isinstance(row, str) else tuple(row) for code, row in rows.items()}
    words = {code: row[0] for code, row in spellings.items()}
    return Vocabulary(name, MappingProxyType(words), MappingProxyType(spellings))
