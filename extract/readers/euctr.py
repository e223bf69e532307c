"""The EU Clinical Trials Register's text downloads: numbered labels, each with its value behind a colon.

    E.3 Principal inclusion criteria: 1. Male or female, 30 to 75 years of age
    2. Carriers of a pathogenic mutation

Lines without a label go on with the value above. A file may hold many records, one a member state and trial. As
everywhere in the register's shapes, E.1.1 is the name "e11"; labels without a number are names in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extract.readers.nodes import Node
from extract.source import Source, sha256

_BEGINS = "EudraCT Number:"
_OTHER_SIGN = "A.2 EudraCT number:"
_CODE = r"[A-HNP]\.(?:\d+(?:\.\d+)*)?"
_LABEL = re.compile(
    rf"(?P<code>{_CODE}(?: (?:and|to) {_CODE})*|Sponsor's Protocol Code Number|National Competent Authority|Link"
    r"|EudraCT Number|Clinical Trial Type|Trial Status|Date on which this record[^:]*|D\.IMP|D\.8 Placebo)"
    r"(?P<words>[^:]*?)(?: \((?P<language>[a-z]{2})\))?\s*:(?P<value>\s.*|)"
)
_TITLE = re.compile(r"[A-HNP]\. \D[^:]*|(?:[A-HNP]\.\d[\d.]*) [^:]*|Summary|MedDRA Classification")
_GROUP = re.compile(r"(?:(?P<sponsor>Sponsor) \d+|(?P<imp>D\.IMP): \d+)\s*")
_COUNTRY = re.compile(r"/ctr-search/trial/[\d-]+/(\w+)")
_LONGEST_LABEL = 250
_GROUP_NAMES = {"Sponsor": "b1", "D.IMP": "dimp"}
_OVER = re.compile(r"D\.8\b|[EG]\.")


@dataclass(frozen=True, slots=True)
class EuctrRecord:
    """One record, where it stood ("lines 294-541"; None when it is the whole file), and its SHA-256: that of the file,
    or of its own lines."""

    member: str | None
    node: Node
    sha256: str


def recognises(text: str) -> bool:
    """Whether a text is such a download."""
    lines = f"\n{text}"
    return f"\n{_BEGINS}" in lines and f"\n{_OTHER_SIGN}" in lines


def records(source: Source) -> Iterator[EuctrRecord]:
    """Every record of the file, in order."""
    starts = [n for n, line in enumerate(source.lines) if line.startswith(_BEGINS)]
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        node = _record(source.lines[start:end], start + 1)
        if len(starts) == 1:
            yield EuctrRecord(None, node, source.sha256)
        else:
            own = "\n".join(source.lines[start:end])
            yield EuctrRecord(f"lines {start + 1}-{end}", node, sha256(own.encode()))


def short_name(name: str) -> str:
    """The name of a label: "e11" for "e11_medical_conditions", as for "E.1.1"; names in words stay."""
    m = re.match(r"([a-h]\d+)_", name)
    return m[1] if m else name.removeprefix("_")


def _record(lines: Sequence[str], first: int) -> Node:
    record = Node("record", f"line {first}")
    group = record
    value: Node | None = None
    for number, line in enumerate(lines, start=first):
        if m := _GROUP.fullmatch(line):
            group = Node(_GROUP_NAMES[m["sponsor"] or m["imp"]], f"line {number}")
            record.children.append(group)
            value = None
        elif m := _labelled(line):
            if _OVER.match(m["code"]):
                group = record
            value = Node(_name(m), f"line {number}", (m["value"] or "").strip(), label=_label(m))
            group.children.append(value)
        elif _TITLE.fullmatch(line):
            group = record if _OVER.match(line) else group
            value = None
        elif value is not None:
            value.text += f"\n{line.rstrip()}"
    for below in (record, *record.children):
        for node in below.children:
            node.text = node.text.rstrip()
    record.children.append(_identifier(record))
    return record


def _labelled(line: str) -> re.Match[str] | None:
    """The label that a line begins with; one is short."""
    return _LABEL.fullmatch(line) if 0 < line.find(":") <= _LONGEST_LABEL else None


def _name(label: re.Match[str]) -> str:
    language = f"_{label['language']}" if label["language"] else ""
    code = label["code"]
    if re.match(r"[A-H]\.\d", code):
        return code.split(" ")[0].replace(".", "").lower() + language
    return re.sub(r"\W+", "_", (code + label["words"]).strip().lower()).strip("_") + language


def _label(label: re.Match[str]) -> str:
    language = f" ({label['language']})" if label["language"] else ""
    return f"{label['code']}{label['words']}{language}"


def _identifier(record: Node) -> Node:
    """The record's own number: that of the trial and the member state, as in the register's addresses."""
    number, link = record.first("eudract_number"), record.first("link")
    country = _COUNTRY.search(link.text) if link else None
    text = f"{number.text}-{country[1]}" if number and country else number.text if number else ""
    return Node("record_id", number.locator if number else record.locator, text)
