"""Rules for protocols: what the title page states, and the criteria of the body. Rather nothing than something wrong.

- The title is what is labelled so, or the run of lines that begins with the study's phase; it ends at a label, at the
  registry's number, or where it ends when another page repeats it.
- Numbers (registry, EudraCT, protocol) count when the first pages name one alone.
- The criteria stand under the numbered headings of the body that name them, not in the synopsis or the contents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extract.evidence import fold
from extract.readers.pdf_layout import Heading, Protocol
from extract.rules import plain
from extract.rules.draft import Draft
from extract.rules.fields import fields
from extract.rules.values import codes_of
from extract.source import LineRange

_IDENTIFICATION = "/protocolSection/identificationModule"
_PHASES = "/protocolSection/designModule/phases"
_SPONSOR = "/protocolSection/sponsorCollaboratorsModule/leadSponsor/name"
_CRITERIA = "/protocolSection/eligibilityModule/eligibilityCriteria"

_HEADS_CRITERIA = re.compile(r"\b(?:(?:in|ex)clusion|(?:in)?eligibility)(?: and exclusion)? criteria\b", re.IGNORECASE)
_TITLE_LABEL = re.compile(r"(?:(?:full|long|protocol|study|official|scientific) )*title\s*:?\s*(.*)", re.IGNORECASE)
_TITLE_BEGINS = re.compile(r"(?:an? )?(?:[\w-]+,? ){0,4}phase [1-4I]", re.IGNORECASE)
_TITLE_ENDS = re.compile(r"[^:]{1,40}[:#]|.*\bNCT ?#?\d{8}|.*[@]")
_LONGEST_TITLE = 8
_NUMERAL = r"(?:[1-4]|I{1,3}|IV)"
_PHASE = re.compile(rf"\bphase {_NUMERAL}[ab]?(?:\s?(?:/|-|and)\s?(?:phase )?{_NUMERAL}[ab]?)?(?!\w)", re.IGNORECASE)
_NCT = re.compile(r"\bNCT ?#? ?0?(\d{8})\b")
_NCT_LABEL = re.compile(r"(?:NCT|clinical ?trials?\.gov)[\w .]*[:#]", re.IGNORECASE)
_EUDRACT = re.compile(r"\b\d{4}-\d{6}-\d{2}\b")
_PROTOCOL_NUMBER = re.compile(r"(?:protocol|study) ?(?:number|no\.?|#|id) ?:? ?(\S+)", re.IGNORECASE)
_SPONSOR_LABEL = re.compile(r"(?:study )?sponsor ?: ?(.+)", re.IGNORECASE)


def fill(protocol: Protocol) -> Draft:
    """The study that a protocol states, as far as rules can tell."""
    draft = Draft(protocol.source)
    _title(protocol, draft)
    _numbers(protocol, draft)
    _criteria(protocol, draft)
    return draft


def _title(protocol: Protocol, draft: Draft) -> None:
    for page in protocol.front:
        found = _title_on(protocol, page)
        if found is None:
            continue
        lines, words = found
        draft.put(f"{_IDENTIFICATION}/officialTitle", words, lines, words)
        phases = {m[0].casefold(): m[0] for m in _PHASE.finditer(words)}
        if len(phases) == 1:
            (said,) = phases.values()
            for k, (code, _) in enumerate(codes_of(fields()["phases"], said)):
                draft.put(f"{_PHASES}/{k}", code, lines, said)
        return


def _title_on(protocol: Protocol, page: LineRange) -> tuple[LineRange, str] | None:
    first, last = page
    lines = protocol.source.lines
    for number in range(first, last + 1):
        labelled = _TITLE_LABEL.fullmatch(lines[number - 1])
        if labelled and labelled[1]:
            begins, head = number, labelled[1]
        elif labelled and number < last:
            begins, head = number + 1, lines[number]
        elif _TITLE_BEGINS.match(lines[number - 1]):
            begins, head = number, lines[number - 1]
        else:
            continue
        if not _PHASE.search(head) and not labelled:
            continue
        end = _title_end(protocol, begins, last)
        if end:
            return (begins, end), fold(" ".join([head, *lines[begins:end]]))
    return None


def _title_end(protocol: Protocol, begins: int, last: int) -> int | None:
    """The last line of a title: where another page's copy ends as well, else before what is no title any more."""
    lines = protocol.source.lines
    stop = next((n for n in range(begins + 1, last + 1) if _TITLE_ENDS.match(lines[n - 1])), None)
    longest = (stop or last + 1) - begins
    copies = [n for n in range(begins + 1, protocol.front[-1][1] + 1) if lines[n - 1] == lines[begins - 1]]
    shared = [
        next((k for k in range(longest) if lines[begins - 1 + k] != lines[copy - 1 + k]), longest)
        for copy in copies
        if copy + longest <= len(lines)
    ]
    length = max(shared, default=longest if stop else 0)
    return begins + length - 1 if 0 < length <= _LONGEST_TITLE else None


def _numbers(protocol: Protocol, draft: Draft) -> None:
    front = list(_front_lines(protocol))
    named = [(n, line) for n, line in front if _NCT_LABEL.match(line)] or front
    registry = ((f"NCT{m[1]}", n, m[0]) for n, line in named for m in _NCT.finditer(line))
    eudract = ((m[0], n, m[0]) for n, line in front for m in _EUDRACT.finditer(line))
    own = ((m[1], n, m[1]) for n, line in front if (m := _PROTOCOL_NUMBER.fullmatch(line)))
    sponsor = ((m[1], n, m[1]) for n, line in front if (m := _SPONSOR_LABEL.fullmatch(line)))
    _alone(draft, f"{_IDENTIFICATION}/nctId", registry)
    _alone(draft, f"{_IDENTIFICATION}/secondaryIdInfos/0/id", eudract)
    _alone(draft, f"{_IDENTIFICATION}/orgStudyIdInfo/id", own)
    _alone(draft, _SPONSOR, sponsor)


Said = tuple[str, int, str]
"""A value, the line where it stands, and its words there."""


def _front_lines(protocol: Protocol) -> Iterator[tuple[int, str]]:
    for first, last in protocol.front:
        for number in range(first, last + 1):
            yield number, protocol.source.line(number)


def _alone(draft: Draft, pointer: str, found: Iterator[Said]) -> None:
    """Put what is found if it is one value, however often it is said, at its first lines."""
    by_value = {value: (number, quote) for value, number, quote in reversed(list(found))}
    if len(by_value) == 1:
        ((value, (number, quote)),) = by_value.items()
        draft.put(pointer, value, (number, number), quote)


def _criteria(protocol: Protocol, draft: Draft) -> None:
    lines = _criteria_lines(protocol.headings, len(protocol.source))
    if lines is None:
        return
    text = protocol.source.span(*lines)
    draft.put(_CRITERIA, text.strip(), lines, text)
    plain.ages(draft, lines)


def _criteria_lines(headings: Sequence[Heading], last: int) -> LineRange | None:
    """From the first heading of criteria to the end of the last section of criteria that follows without a gap."""
    first = next((k for k, heading in enumerate(headings) if _HEADS_CRITERIA.search(heading.words)), None)
    if first is None:
        return None
    within = headings[first].number
    for heading in headings[first + 1 :]:
        if _HEADS_CRITERIA.search(heading.words):
            within = heading.number if heading.number[: len(within)] != within else within
        elif heading.number[: len(within)] != within:
            last = heading.line - 1
            break
    return headings[first].line, last
