"""How the trial is built: title and summary on phase, masking, allocation, arms and size against the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.extraction import Finding, Severity
from extract.findings.record import Passage, Record, alone
from extract.vocabulary import vocabulary

_DESIGN = "designModule"
_INFO = "designModule/designInfo"

_PHASE = re.compile(
    r"(?<!two-)(?<!multi-)\bphase[ -]?(?P<phases>(?:[0-4]|I{1,3}|IV)[ab]?(?:\s?[/\-–&,]\s?(?:[0-4]|I{1,3}|IV)[ab]?)?)"
    r"(?![\w.-])(?= .*?\b(?:study|trial)\b|:|,|$)",
    re.IGNORECASE,
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}

_OPEN_AT_ALL = re.compile(r"\bopen[- ]label", re.IGNORECASE)
_OPEN = re.compile(
    r"\bopen[- ]label(?:ed|led)?\b"
    r"(?! (?:extension|follow|phase|period|part|treatment|run|lead|rescue|study extension))",
    re.IGNORECASE,
)
_BLIND = re.compile(r"\b(?:double|triple|quadruple)[- ]?(?:blind|mask)(?:ed)?\b", re.IGNORECASE)
_BLINDED = ("DOUBLE", "TRIPLE", "QUADRUPLE")
_PARTS = re.compile(r"\b(?:extension|followed by|run-in|lead-in|part [12ab]|phase [12ab] and)\b", re.IGNORECASE)

_RANDOMIZED = re.compile(r"(?<!non-)(?<!non )(?<!non)(?<!not )\brandomi[sz]ed\b", re.IGNORECASE)
_NOT_RANDOMIZED = re.compile(r"\bnon[- ]?randomi[sz]ed\b", re.IGNORECASE)
_ALLOCATED = ("RANDOMIZED", "NON_RANDOMIZED", "NA")

_ARMS = re.compile(
    r"\b(?P<number>single|one|two|three|four|five|2|3|4|5)[- ](?:treatment[- ])?(?:arm|armed)\b"
    r"(?! (?:circumference|span))",
    re.IGNORECASE,
)
_NUMBERS = {"single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}

_ENROLLED = re.compile(
    r"\b(?:a total of|total of)\s+(?P<number>\d{1,3}(?:,\d{3})+|\d+)\s+(?:[\w-]+ ){0,3}?"
    r"(?:patients|participants|subjects|volunteers|individuals|adults|children|women|men)\s+"
    r"(?:will be|are to be|are planned to be)\s+(?:enrolled|recruited|included|randomi[sz]ed)\b",
    re.IGNORECASE,
)
_STILL_PLANNED = ("NOT_YET_RECRUITING", "RECRUITING", "ENROLLING_BY_INVITATION")


def check(record: Record) -> Iterator[Finding]:
    """All checks of this module."""
    texts = list(record.texts())
    titles = [t for t in texts if t.kind == "title"]
    yield from _phase(record, titles)
    yield from _masking(record, texts)
    yield from _allocation(record, titles)
    yield from _arms(record, texts)
    yield from _enrollment(record, texts)


def _phase(record: Record, titles: list[Passage]) -> Iterator[Finding]:
    field = record.value(f"{_DESIGN}/phases")
    if not field:
        return
    admitted = {p.removeprefix("EARLY_").removeprefix("PHASE") for p in field}
    for title in titles:
        m = alone(_PHASE, title.text) if "phase" in title.caseless else None
        if m is None:
            continue
        said = {_ROMAN.get(p, p) for p in re.split(r"[^\da-z]+", m["phases"].lower().replace("a", "").replace("b", ""))}
        if "0" in said or said & admitted:  # a title may name one phase of two, and calls an early phase 1 phase 0
            continue
        shown = "/".join(vocabulary("Phase").word(p) for p in field)
        message = f"the title says {m[0].strip()}, the field {shown.lower()}"
        proof = record.proof(f"{_DESIGN}/phases")
        # The registry asks for "not applicable" where no drug is tested, whatever the trial calls itself.
        severity: Severity = "info" if field == ["NA"] else "warning"
        yield record.finding("phase-disagreement", severity, message, record.at(title.lines, m[0]), *proof)
        return


def _masking(record: Record, texts: list[Passage]) -> Iterator[Finding]:
    field = record.value(f"{_INFO}/maskingInfo/masking")
    if field == "NONE":
        said = [(t, m) for t in texts if _may_say_blind(t) and (m := _BLIND.search(t.text))]
    elif field in _BLINDED:
        said = [(t, m) for t in texts if "label" in t.caseless and (m := _OPEN.search(t.text))]
    else:
        return
    if not said or _is_both(texts):
        return
    text, m = said[0]
    if any(_PARTS.search(t.text) for t in texts[: texts.index(text) + 1]):
        return
    message = f"the {text.kind} says {m[0].lower()}, the field {vocabulary('Masking').word(field).lower()}"
    proof = record.proof(f"{_INFO}/maskingInfo/masking")
    yield record.finding("masking-disagreement", "warning", message, record.at(text.lines, m[0]), *proof)


def _is_both(texts: list[Passage]) -> bool:
    return any(_OPEN_AT_ALL.search(t.text) for t in texts) and any(_BLIND.search(t.text) for t in texts)


def _may_say_blind(text: Passage) -> bool:
    return "blind" in text.caseless or "mask" in text.caseless


def _allocation(record: Record, titles: list[Passage]) -> Iterator[Finding]:
    field = record.value(f"{_INFO}/allocation")
    if field not in _ALLOCATED:
        return
    said, denied = (_NOT_RANDOMIZED, _RANDOMIZED) if field == "RANDOMIZED" else (_RANDOMIZED, _NOT_RANDOMIZED)
    for title in titles:
        found = said.search(title.text) if "random" in title.caseless else None
        if found is None or denied.search(title.text):
            continue
        message = f"the title says {found[0].lower()}, the field {vocabulary('Allocation').word(field).lower()}"
        proof = record.proof(f"{_INFO}/allocation")
        yield record.finding("allocation-disagreement", "warning", message, record.at(title.lines, found[0]), *proof)
        return


def _arms(record: Record, texts: list[Passage]) -> Iterator[Finding]:
    arms = record.value("armsInterventionsModule/armGroups") or []
    stated = [(t, m) for t in texts if "arm" in t.caseless for m in _ARMS.finditer(t.text)]
    said = {_count(m["number"]) for _, m in stated}
    if not arms or len(said) != 1 or any(_PARTS.search(t.text) for t in texts):
        return
    (number,) = said
    # Cohorts, dose levels and induction phases are often registered as arms, too: then more of them say nothing
    # against the text. A single arm among parallel ones does.
    parallel = record.value(f"{_INFO}/interventionModel") == "PARALLEL"
    if number == len(arms) or (number < len(arms) and not (number == 1 and parallel)):
        return
    text, m = stated[0]
    labels = [e for k in range(len(arms)) for e in record.proof(f"armsInterventionsModule/armGroups/{k}/label")]
    message = f"the {text.kind} says {m[0].lower()}, the record lists {len(arms)} arm{'s' * (len(arms) != 1)}"
    yield record.finding("arms-disagreement", "info", message, record.at(text.lines, m[0]), *labels)


def _count(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word)


def _enrollment(record: Record, texts: list[Passage]) -> Iterator[Finding]:
    count = record.value(f"{_DESIGN}/enrollmentInfo/count")
    planned = record.value("statusModule/overallStatus") in _STILL_PLANNED
    if count is None or not planned:
        return
    stated = [(t, m) for t in texts if "total of" in t.caseless for m in _ENROLLED.finditer(t.text)]
    if len(stated) != 1:
        return
    ((text, m),) = stated
    if (number := int(m["number"].replace(",", ""))) != count:
        message = f"the {text.kind} plans {number} participants, the field {count}"
        proof = record.proof(f"{_DESIGN}/enrollmentInfo/count")
        yield record.finding("enrollment-disagreement", "warning", message, record.at(text.lines, m[0]), *proof)
