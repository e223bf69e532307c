"""Rules for plain text: what labels say, and what is recognised for certain in free text. Precision before recall.

- A labelled value ("Sponsor: …") fills its field when the label means that field alone (`plain_labels.toml`).
- The one registry number of a text is its own; of several none is, unless it is labelled.
- The eligibility text runs from the first heading of criteria to the next heading that is none.
- Ages come from an inclusion criterion when exactly one states them without a condition.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path

from extract.criteria.constraints import Constraint
from extract.criteria.headings import headings
from extract.criteria.split import split
from extract.readers.plain import labelled
from extract.reading import Passage, Reading
from extract.rules.draft import Draft
from extract.rules.fields import fields
from extract.rules.values import codes_of
from extract.source import LineRange

_NCT = re.compile(r"\bNCT\d{8}\b")
_PHASE = re.compile(
    r"\b[Pp]hase[ -](?:[1-4]|I{1,3}|IV)[ab]?(?:\s?(?:/|-|and|or)\s?(?:[Pp]hase )?(?:[1-4]|I{1,3}|IV)[ab]?)?\b"
)
_ELIGIBILITY = "/protocolSection/eligibilityModule"
_CRITERIA = f"{_ELIGIBILITY}/eligibilityCriteria"
_PHASES = "/protocolSection/designModule/phases"
_FULL_LINE = 60
"""Characters from which on a line may have been wrapped."""
_PARTED = re.compile(r"\s*;\s*")


def fill(reading: Reading) -> Draft:
    """The study that a text states, as far as rules can tell."""
    draft = Draft(reading.source)
    for passage in reading.passages:
        _labelled(passage, draft)
    _registry_number(draft)
    _phase(draft)
    _eligibility(reading.passages, draft)
    return draft


@cache
def _labels() -> Mapping[str, str]:
    """The field that each label means."""
    rows = tomllib.loads(Path(__file__).with_name("plain_labels.toml").read_text(encoding="utf-8"))
    return {label: name for name, labels in rows.items() for label in labels}


def _labelled(passage: Passage, draft: Draft) -> None:
    """Put what a label's value means."""
    name = _labels().get((passage.label or "").casefold())
    if name is None:
        return
    pointer = fields()[name].pointer
    lines, words = _value(passage, draft)
    if name == "phases":
        _put_phases(draft, words, lines)
    elif "*" in pointer:
        for k, item in enumerate(_PARTED.split(words.strip("; "))):
            if (at := pointer.replace("*", str(k))) not in draft.evidence:
                draft.read(at, lines, item)
    elif pointer not in draft.evidence:
        draft.read(pointer, lines, words)


def _value(passage: Passage, draft: Draft) -> tuple[LineRange, str]:
    """A label's value and its lines: it goes on below where it is indented, or where its line was full."""
    first, last = passage.lines
    line, *below = draft.source.lines[first - 1 : last]
    label_and_value = labelled(line)
    assert label_and_value
    if len(line) < _FULL_LINE:
        below = [*takewhile(lambda text: text[:1].isspace(), below)]
    return (first, first + len(below)), " ".join([label_and_value[1], *(text.strip() for text in below)])


def _registry_number(draft: Draft) -> None:
    pointer = fields()["nctId"].pointer
    found = {m[0]: m.start() for m in reversed([*_NCT.finditer(draft.source.text)])}
    if pointer not in draft.evidence and len(found) == 1:
        ((number, at),) = found.items()
        line, _ = draft.source.position(at)
        draft.read(pointer, (line, line), number)


def _phase(draft: Draft) -> None:
    """The phase that the text names, when it names one alone."""
    found = {" ".join(m[0].casefold().split()): m for m in reversed([*_PHASE.finditer(draft.source.text)])}
    if f"{_PHASES}/0" not in draft.evidence and len(found) == 1:
        (m,) = found.values()
        _put_phases(draft, m[0], draft.source.lines_of(*m.span()))


def _put_phases(draft: Draft, words: str, lines: LineRange) -> None:
    codes = codes_of(fields()["phases"], words)
    if not codes:
        draft.unreadable(f"{_PHASES}/0")
    for k, (code, said) in enumerate(codes):
        draft.put(f"{_PHASES}/{k}", code, lines, said)


def _eligibility(passages: Sequence[Passage], draft: Draft) -> None:
    source = draft.source
    inside = [p for p in passages if _heads_criteria(p.section)]
    if not inside:
        return
    first, last = inside[0].lines[0], inside[-1].lines[1]
    while first > 1 and not _heads_criteria(source.line(first).strip()):
        first -= 1
    text = source.span(first, last)
    draft.put(_CRITERIA, text.strip(), (first, last), text)
    ages(draft, (first, last))


def _heads_criteria(heading: str) -> bool:
    return bool(headings(heading, marked=False))


def ages(draft: Draft, lines: LineRange) -> None:
    """Put the ages of the one inclusion criterion at these lines that states them, if there is one alone."""
    stated: list[tuple[LineRange, Constraint]] = []
    for criterion in split(draft.source, lines):
        if criterion.kind == "inclusion":
            stated += [(criterion.lines, c) for c in criterion.constraints if c.kind == "age"]
    if len(stated) != 1:
        return
    ((at, age),) = stated
    if age.condition or age.sex or age.negated or age.excepted or age.ucum not in ("a", "mo"):
        return
    for name, bound in (("minimumAge", age.lower), ("maximumAge", age.upper)):
        pointer = fields()[name].pointer
        if bound is not None and bound.inclusive and bound.value.is_integer() and pointer not in draft.evidence:
            unit = "Year" if age.ucum == "a" else "Month"
            number = int(bound.value)
            draft.put(pointer, f"{number} {unit}{'s' * (number != 1)}", at, age.quote)
