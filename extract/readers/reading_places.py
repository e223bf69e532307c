"""What saying a record gives: its reading text, and where in it every leaf of the record stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from extract.reading import Passage
from extract.source import LineRange

Leaves = tuple[str, Sequence[str], LineRange]
"""Leaves that the same lines say: the pointer of an object, those of the leaves below it, and the lines."""


class Places(Mapping[str, LineRange]):
    """The lines of every leaf by JSON pointer, in the order in which they are said.

    Few ask for more than the places of texts, which are at hand; those of all leaves are put together when needed.
    """

    def __init__(self, texts: Mapping[str, LineRange], leaves: list[Leaves]) -> None:
        self._texts, self._leaves = texts, leaves

    def __getitem__(self, pointer: str) -> LineRange:
        return self._texts.get(pointer) or self._all[pointer]

    def __contains__(self, pointer: object) -> bool:
        return pointer in self._texts or pointer in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def _all(self) -> dict[str, LineRange]:
        return {base + pointer: lines for base, pointers, lines in self._leaves for pointer in pointers}


@dataclass(frozen=True)
class ReadingText:
    """Its lines (none with a line end in it), its passages (section, lines, label), and the lines of every leaf."""

    lines: list[str]
    spans: list[tuple[str, LineRange, str | None]]
    places: Places

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(Passage(*span) for span in self.spans)
