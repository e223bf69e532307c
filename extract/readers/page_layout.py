"""The layout of a trial page as data: `page_layout.toml`, read once and typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

OPENING = 4
"""Letters by which a line is known to be none of the layout's."""


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section of the layout; `fields` maps a label to the name of the field it stands for."""

    name: str
    heading: str
    helper: str
    shape: str
    before: frozenset[str]
    fields: Mapping[str, str] = field(default_factory=dict)
    unlabelled_after: str | None = None
    unlabelled: str | None = None


@dataclass(frozen=True)
class Layout:
    """The whole layout. `markers` maps what a marked line tells ("group_type") to the words that open it."""

    signature: frozenset[str]
    header: SectionSpec
    markers: Mapping[str, str]
    sections: tuple[SectionSpec, ...]
    placeholders: frozenset[str]
    other_headings: frozenset[str]
    helper_openings: frozenset[str]
    navigation: tuple[str, ...]

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Heading → its section's place in the page."""
        return {s.heading: k for k, s in enumerate(self.sections)}

    @cached_property
    def titles(self) -> frozenset[str]:
        """Every heading, of the layout's sections and of others."""
        return frozenset(self.order) | self.other_headings

    @cached_property
    def openings(self) -> frozenset[str]:
        """The first letters of all labels, markers, headings and helper sentences: the quick test for any of them."""
        sentences = (f"{word} " for word in self.helper_openings)
        return self.label_openings.union(words[:OPENING] for words in (*self.titles, *sentences))

    @cached_property
    def label_openings(self) -> frozenset[str]:
        """The first letters of all labels and markers: the quick test for one."""
        return frozenset(words[:OPENING] for words in self.marks)

    @cached_property
    def marks(self) -> frozenset[str]:
        """Every label and marker."""
        labels = (label for section in (self.header, *self.sections) for label in section.fields)
        return frozenset([*labels, *self.markers.values()])

    @cached_property
    def marker_words(self) -> frozenset[str]:
        """Every marker."""
        return frozenset(self.markers.values())


@cache
def layout() -> Layout:
    """The page layout."""
    data = tomllib.loads(Path(__file__).with_name("page_layout.toml").read_text(encoding="utf-8"))
    furniture = data["furniture"]
    return Layout(
        signature=frozenset(data["signature"]),
        header=_section(data["header"]),
        markers=data["markers"],
        sections=tuple(map(_section, data["section"])),
        placeholders=frozenset(furniture["placeholders"]),
        other_headings=frozenset(furniture["other_headings"]),
        helper_openings=frozenset(furniture["helper_openings"]),
        navigation=tuple(furniture["navigation"]),
    )


def _section(row: dict[str, Any]) -> SectionSpec:
    return SectionSpec(**{**row, "before": frozenset(row["before"])})
