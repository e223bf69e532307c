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
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from extract.readers.page_layout import SectionSpec, layout
from extract.readers.page_lines import Line, Lines

_HELPER, _OWN_MARK, _RIGHT_BELOW, _APART = 8, 2, 1, 1
_TEXTS = ("text", "criteria")
_MOST_HEADING_WORDS, _FEWEST_HELPER_WORDS = 6, 6
_TITLE = re.compile(r"[A-Z][\w'/&-]*(?: (?:(?:and|of|for|the|in|to|or) )*[A-Z0-9(][\w'/&)-]*)*")


class Section(NamedTuple):
    """A heading and the lines below it, without the helper sentence. `spec` is None where it is unknown."""

    heading: str
    spec: SectionSpec | None
    body: Sequence[Line]


class Sections(NamedTuple):
    """A page cut at its headings. `header` is what stands above the first one."""

    header: Sequence[Line]
    known: Sequence[Section]
    unknown: Sequence[Section]


class _Candidate(NamedTuple):
    at: int
    order: int
    weight: int
    helped: bool


class _Chain(NamedTuple):
    """Headings in order, the last one first."""

    last: _Candidate
    before: _Chain | None


def sections_of(page: Lines) -> Sections:
    """Cut the lines of a page at its headings."""
    lines, specs, titles = page.lines, layout().sections, layout().titles
    titled: list[int] = []
    marked: list[int] = []
    sentences: list[int] = []
    for at in page.known:
        line = lines[at]
        if line.mark:
            marked.append(at)
        elif line.text in titles:
            titled.append(at)
        elif line.text[-1] == ".":
            sentences.append(at)
    marked.append(len(lines))
    cuts: dict[int, tuple[SectionSpec | None, bool]] = {
        c.at: (specs[c.order], c.helped) for c in _heaviest_in_order(_candidates(lines, titled, marked))
    }
    # Above the first label stand the title and the site's navigation, whose words may read like any heading.
    cuts |= {at: (None, helped) for at, helped in _unknown(lines, titled, sentences, cuts) if at > marked[0]}
    starts = sorted(cuts)
    found: list[Section] = []
    for at, end in pairwise([*starts, len(lines)]):
        spec, helped = cuts[at]
        found.append(Section(lines[at].text, spec, lines[at + 1 + helped : end]))
    header = lines[: starts[0]] if starts else lines
    return Sections(header, [s for s in found if s.spec], [s for s in found if not s.spec])


def _candidates(lines: Sequence[Line], titled: Sequence[int], marked: Sequence[int]) -> list[_Candidate]:
    """Every line that reads as a heading of the layout and has some weight, first to last."""
    order, specs = layout().order, layout().sections
    found: list[_Candidate] = []
    for at in titled:
        line = lines[at]
        if line.text not in order:
            continue
        spec = specs[order[line.text]]
        below = lines[at + 1] if at + 1 < len(lines) else None
        helped = below is not None and below.text == spec.helper
        mark = marked[bisect_right(marked, at)]
        own = mark < len(lines) and lines[mark].mark in spec.before
        apart = line.opens and (below is None or below.opens)
        weight = _HELPER * helped + _OWN_MARK * own + _RIGHT_BELOW * (own and mark == at + 1 + helped) + _APART * apart
        found.append(_Candidate(at, order[spec.heading], weight, helped))
    # Where the site's helper sentences stand on the page, a heading without one needs another reason to be one.
    least = _OWN_MARK if any(c.helped for c in found) else 0
    return [c for c in found if c.weight >= least]


def _unknown(
    lines: Sequence[Line], titled: Sequence[int], sentences: Sequence[int], found: Container[int]
) -> Iterator[tuple[int, bool]]:
    """Where a section unknown to the layout has its heading, and whether a helper sentence stands below that.

    `found` are the headings that are known.
    """
    shape = layout()
    flat = not any(line.opens for line in lines[1:])  # blank lines are lost
    for at in titled:
        if at not in found and lines[at].text in shape.other_headings and (lines[at].opens or flat):
            yield at, False
    for at in sentences:
        if at == 0 or at - 1 in found:
            continue
        above, helper = lines[at - 1], lines[at]
        apart = (above.opens and helper.opens) or flat
        if apart and _reads_like_a_helper(helper.text) and reads_like_a_heading(above):
            yield at - 1, True


def _reads_like_a_helper(sentence: str) -> bool:
    """Whether a sentence is of some length and begins as the site's do."""
    words = sentence.split(" ")
    return words[0] in layout().helper_openings and len(words) > _FEWEST_HELPER_WORDS


def _heaviest_in_order(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The heaviest chain of candidates whose sections follow one another.

    Of equals the later: texts that read like a heading stand above it. Only a text may say its own heading again.
    """
    # On most pages nothing but the headings reads like one.
    if all(above.order < below.order for above, below in pairwise(candidates)):
        return list(candidates)
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


def reads_like_a_heading(line: Line) -> bool:
    """A few words, written like a title, with no mark of the layout."""
    text = line.text
    return line.mark is None and text.count(" ") < _MOST_HEADING_WORDS and _TITLE.fullmatch(text) is not None
