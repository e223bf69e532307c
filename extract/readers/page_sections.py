"""Where the sections of a page are: which line is a heading, and which only reads like one.

A description may hold a line "Study Design", an arm may be called "Interventions". So every line that reads as a
heading is a candidate, weighed by what stands around it, and the headings of the page are the heaviest candidates that
stand in the layout's order.

    its helper sentence stands below                    8
    the first label or marker below is one of its own   2
    and it stands right below                           1
    it is a paragraph of its own                        1

A section that the layout does not know shows itself by a title with a helper sentence of the site's kind below, or by
a title that registries give to sections which this layout lacks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extract.readers.page_layout import SectionSpec, layout
from extract.readers.page_lines import Line

_HELPER, _OWN_MARK, _RIGHT_BELOW, _APART = 8, 2, 1, 1
_TEXTS = ("text", "criteria")
_MOST_HEADING_WORDS, _FEWEST_HELPER_WORDS = 6, 6
_TITLE = re.compile(r"[A-Z][\w'/&-]*(?: (?:(?:and|of|for|the|in|to|or) )*[A-Z0-9(][\w'/&)-]*)*")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it, without the helper sentence. `spec` is None where it is unknown."""

    heading: str
    spec: SectionSpec | None
    body: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Sections:
    """A page cut at its headings. `header` is what stands above the first one."""

    header: Sequence[Line]
    known: dict[str, Section]
    unknown: tuple[Section, ...]


class _Candidate(NamedTuple):
    at: int
    order: int
    weight: int
    helped: bool


class _Chain(NamedTuple):
    """Headings in order, the last one first."""

    last: _Candidate
    before: _Chain | None


def sections_of(lines: Sequence[Line]) -> Sections:
    """Cut the lines of a page at its headings."""
    specs = layout().sections
    headings = _heaviest_in_order(_candidates(lines))
    known: dict[str, Section] = {}
    flat = not any(line.opens for line in lines[1:])
    header = lines[: headings[0].at] if headings else lines
    labels = next((at for at, line in enumerate(header) if line.mark), len(header))
    top, *unknown = _cut(header[labels:], layout().header.heading, flat)
    ends = [*(c.at for c in headings), len(lines)][1:]
    for c, end in zip(headings, ends, strict=True):
        spec = specs[c.order]
        first, *others = _cut(lines[c.at + 1 + c.helped : end], spec.heading, flat)
        known[spec.name] = Section(spec.heading, spec, first.body)
        unknown += others
    return Sections([*header[:labels], *top.body], known, tuple(unknown))


def _cut(body: Sequence[Line], heading: str, flat: bool) -> list[Section]:
    """What stands below a heading, cut where a section unknown to the layout begins. `flat`: blank lines are lost."""
    others, cuts = layout().other_headings, [(-1, False)]
    for at, line in enumerate(body):
        if line.opens or flat:
            helped = at + 1 < len(body) and _reads_like_a_helper(body[at + 1], flat) and reads_like_a_heading(line)
            if helped or line.text in others:
                cuts.append((at, helped))
    ends = [at for at, _ in cuts[1:]] + [len(body)]
    return [
        Section(body[at].text if at >= 0 else heading, None, body[at + 1 + helped : end])
        for (at, helped), end in zip(cuts, ends, strict=True)
    ]


def _candidates(lines: Sequence[Line]) -> list[_Candidate]:
    """Every line that reads as a heading and has some weight, first to last."""
    order, specs = layout().order, layout().sections
    marked = [*(at for at, line in enumerate(lines) if line.mark), len(lines)]
    found: list[_Candidate] = []
    for at in [at for at, line in enumerate(lines) if line.text in order]:
        spec = specs[order[lines[at].text]]
        below = lines[at + 1] if at + 1 < len(lines) else None
        helped = below is not None and below.text == spec.helper
        mark = marked[bisect_right(marked, at)]
        own = mark < len(lines) and lines[mark].mark in spec.before
        apart = lines[at].opens and (below is None or below.opens)
        weight = _HELPER * helped + _OWN_MARK * own + _RIGHT_BELOW * (own and mark == at + 1 + helped) + _APART * apart
        found.append(_Candidate(at, order[spec.heading], weight, helped))
    # Where the site's helper sentences stand on the page, a heading without one needs another reason to be one.
    least = _OWN_MARK if any(c.helped for c in found) else 0
    return [c for c in found if c.weight >= least]


def _heaviest_in_order(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The heaviest chain of candidates whose sections follow one another.

    Of equals the later: texts that read like a heading stand above it. Only a text may say its own heading again.
    """
    specs = layout().sections
    # At k stand the heaviest headings that are all of sections before the k-th; their weight never falls with k.
    weights = [0] * (len(specs) + 1)
    chains: list[_Chain | None] = [None] * (len(specs) + 1)
    for c in candidates:
        weight = weights[c.order] + c.weight + 1
        chain = _Chain(c, chains[c.order])
        later = specs[c.order].shape not in _TEXTS
        for k in range(c.order + 1, len(specs) + 1):
            held = chains[k]
            if weights[k] > weight or (weights[k] == weight and not (later and held and held.last.order == c.order)):
                break
            weights[k], chains[k] = weight, chain
    found: list[_Candidate] = []
    longest = chains[-1]
    while longest:
        found.append(longest.last)
        longest = longest.before
    return found[::-1]


def _reads_like_a_helper(line: Line, flat: bool) -> bool:
    """A paragraph of one sentence that begins as the site's helper sentences do."""
    text = line.text
    return (
        text[-1] == "."
        and (line.opens or flat)
        and text.split(" ", 1)[0] in layout().helper_openings
        and text.count(" ") >= _FEWEST_HELPER_WORDS
    )


def reads_like_a_heading(line: Line) -> bool:
    """A few words, written like a title, with no mark of the layout."""
    text = line.text
    return line.mark is None and text.count(" ") < _MOST_HEADING_WORDS and _TITLE.fullmatch(text) is not None
