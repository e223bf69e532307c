"""Invented trial pages in the layout of the page reader, and the damage that copying a page does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from extract.evidence import fold, stands_at
from extract.readers import page
from extract.readers.page_layout import layout
from extract.rules import page as rules
from extract.rules.draft import Draft
from extract.source import Source, source_from_bytes

Damage = Callable[[str], str]

HEAD = "Warm Baths for Cold Feet\n\nNCT ID: NCT99000101\n\nLast Updated: 2025-02-03\n\nStudy Results\n\nResults pending"

SECTIONS: Mapping[str, str] = {
    "Basic Information": """Recruitment Status

ACTIVE_NOT_RECRUITING

Clinical Phase

PHASE1/PHASE2

Total Enrollment

1,240 participants

Study Classification

INTERVENTIONAL

Study Start Date

2024-05

Study Completion Date

2026-11-30""",
    "Brief Summary": """Cold feet keep people awake. This trial asks whether a warm foot bath helps.

The bath is compared with socks.""",
    "Detailed Description": """Background

Sleep begins when the body cools.

Study Design

Everybody keeps a diary:

* bed time
* time of waking""",
    "Conditions": "Insomnia Cold Feet",
    "Study Design": """Allocation Method

RANDOMIZED

Intervention Model

PARALLEL

Primary Study Purpose

TREATMENT

Blinding Strategy

DOUBLE

Participants Outcome Assessors""",
    "Study Groups": """Bath

A foot bath each evening

Group Type EXPERIMENTAL

Foot bath

Intervention Type DEVICE

Water of 40 degrees

for ten minutes

Sleep diary

Intervention Type BEHAVIORAL

Socks

Group Type ACTIVE_COMPARATOR

Wool socks

Intervention Type OTHER

Socks of sheep's wool

Sleep diary

Intervention Type BEHAVIORAL""",
    "Interventions": """Foot bath

Water of 40 degrees

for ten minutes

Intervention Type DEVICE

Wool socks

Socks of sheep's wool

Intervention Type OTHER

Sleep diary

Intervention Type BEHAVIORAL""",
    "Eligibility Criteria": """Inclusion Criteria

1. Age 18 to 70 years
2. Cold feet at bed time

Exclusion Criteria

1. Open wounds of the feet
Minimum Eligible Age

18 Years

Maximum Eligible Age

70 Years

Eligible Sex

ALL

Accepts Healthy Volunteers

Yes""",
    "Sponsors": """Sleep Institute of Nowhere

OTHER

Sponsor Role lead

Sock Makers, Inc.

INDUSTRY

Sponsor Role collaborator""",
    "Responsible Party": """Ada Example

Professor of Sleep

Responsibility Role PRINCIPAL_INVESTIGATOR""",
    "Principal Investigators": """Ada Example

Role: PRINCIPAL_INVESTIGATOR

Sleep Institute of Nowhere""",
    "Locations": """Sleep Institute of Nowhere, Ward 3

Nowhere, , Korea, Republic of

Site Status RECRUITING

St. Example Hospital, Springfield

Springfield, Ohio, United States

Site Status COMPLETED""",
    "Countries": "Korea, Republic of United States",
    "Central Contacts": """Ada Example

Role: CONTACT

Phone: +82 2 555 0100

Email: [email protected]""",
    "Facility Contacts": """Ben Example

Role: primary

555-0199""",
    "Other Identifiers": """BATH-1

Identifier Type: -

Identifier Source: org_study_id

2024-599001-11-00

Identifier Type: CTIS

Identifier Source: secondary_id""",
    "More Related Trials": """Socks at Night
NCT99000102 COMPLETED PHASE2/PHASE3""",
}
"""What stands below each heading of the invented page, by heading."""


def page_of(sections: Mapping[str, str], *, head: str = HEAD) -> str:
    """The text of a page with these sections, in the layout's order, each with its helper sentence."""
    blocks = [head]
    for spec in layout().sections:
        if spec.heading in sections:
            blocks += [spec.heading, spec.helper, sections[spec.heading]]
    return "\n\n".join(blocks) + "\n"


def page_with(**changed: str | None) -> str:
    """The invented page with some sections, named as in the layout's data, said otherwise or left out (None)."""
    headings = {spec.name: spec.heading for spec in layout().sections}
    sections = {**SECTIONS, **{headings[name]: text for name, text in changed.items() if text is not None}}
    left_out = {headings[name] for name, text in changed.items() if text is None}
    return page_of({heading: text for heading, text in sections.items() if heading not in left_out})


def source_of(text: str) -> Source:
    """The source of a page's text."""
    return source_from_bytes(text.encode(), path="page.txt", format="page-text")


def filled(text: str) -> Draft:
    """What reader and rules make of a page's text; every quote of it stands at its lines."""
    source = source_of(text)
    draft = rules.fill(page.read(source))
    for pointer, evidence in draft.evidence.items():
        for e in evidence:
            assert stands_at(e.quote, e.lines, source), (pointer, e)
    return draft


def said(text: str) -> dict[str, object]:
    """Every value that is made of a page's text by its pointer, white space folded."""
    return dict(leaves(filled(text).study))


def leaves(node: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of a study with its pointer, strings with their white space folded."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, f"{pointer}/{key}")
    else:
        yield pointer, fold(node) if isinstance(node, str) else node


def _without_helpers(text: str) -> str:
    for spec in layout().sections:
        text = text.replace(f"{spec.helper}\n\n", "")
    return text


def _without_blank_lines(text: str) -> str:
    return re.sub(r"\n{2,}", "\n", text)


def _labels_beside_values(text: str) -> str:
    for label in ("Recruitment Status", "Total Enrollment", "Study Start Date", "Allocation Method", "Eligible Sex"):
        text = re.sub(rf"(?m)^{label}\n\n(.*)$", rf"{label}: \1", text)
    return text.replace("\nMinimum Eligible Age\n\n", "\nMinimum Eligible Age: ")


def _indented(text: str) -> str:
    return "\n".join(f"\u00a0 {line}\t " if k % 3 else line for k, line in enumerate(text.split("\n")))


def _with_navigation(text: str) -> str:
    return f"Skip to main content\nHome > Trials\nConditions\nLocations\n\n{text}\nShare this page\n\n© 2025 Nobody\n"


def _all_at_once(text: str) -> str:
    damaged = _with_navigation(_without_blank_lines(_labels_beside_values(_without_helpers(text))))
    return "\ufeff" + _indented(damaged).replace("\n", "\r\n")


DAMAGE: Mapping[str, Damage] = {
    "blank lines lost": _without_blank_lines,
    "helper sentences missing": _without_helpers,
    "helper sentences and blank lines missing": lambda text: _without_blank_lines(_without_helpers(text)),
    "labels beside their values": _labels_beside_values,
    "indentation, NBSP and tabs": _indented,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "navigation around the page": _with_navigation,
    "all at once": _all_at_once,
}
"""What copying a page does to its text. It never changes a value."""
