"""Answers about a trial's design: who is masked, its groups, what they get, what is measured, who may enter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qa.answer import Claim
from qa.answers.claims import FieldQuestion, citations
from qa.answers.selecting import how_many, selected
from qa.record import Record, Value
from qa.wording import around, capital, coded, counted, listed, lower, plain, sentence, shortened

_ARMS = "/protocolSection/armsInterventionsModule/armGroups/*"
_INTERVENTIONS = "/protocolSection/armsInterventionsModule/interventions/*"
_MODEL = "/protocolSection/designModule/designInfo/interventionModel"
_LONG = 260
"""Characters of a description inside an answer that lists several."""


def masking(q: FieldQuestion) -> list[Claim]:
    """The level, and who is masked."""
    level, who = q.record.values(q.field.paths[0]), q.record.values(q.field.paths[1])
    if not level:
        return []
    code = str(level[0].value)
    if code == "NONE":
        text = "Open label: nobody is blinded (masking: none)."
    else:
        parties = [lower(coded(v.pointer, str(v.value))) for v in who]
        text = (
            f"{coded(level[0].pointer, code)} masking: {listed([_plural(p) for p in parties])}."
            if parties
            else f"{coded(level[0].pointer, code)} masking."
        )
    told = Claim(text=text, citations=citations(q.record, (v.pointer for v in (*level, *who))))
    return [told, *_told_otherwise(q.record, masked=code != "NONE")]


_SAYS_MASKED = re.compile(
    r"\b(?:single|double|triple|observer|assessor|investigator|evaluator|rater|patient)[- ]?(?:blind|mask)", re.I
)
_SAYS_OPEN = re.compile(
    r"\bopen[- ]label(?! (?:extension|phase|period|part|treatment phase|follow))|\b(?:un|non-)(?:blinded|masked)\b",
    re.I,
)


def _told_otherwise(record: Record, *, masked: bool) -> list[Claim]:
    """What the record's text says against its masking field, shortly quoted."""
    says = _SAYS_OPEN if masked else _SAYS_MASKED
    units = [u for u in record.units if u.kind in ("summary", "description", "title") and says.search(u.text)]
    return [
        Claim(
            text=f"But its text says: “{shortened(plain(around(u.text, says)), _LONG)}”",
            citations=[record.citation(u.lines, u.text)],
        )
        for u in units[:1]
    ]


def _plural(party: str) -> str:
    return party if party.endswith("s") else f"{party}s"


def allocation(q: FieldQuestion) -> list[Claim]:
    """Randomized or not."""
    words = {
        "RANDOMIZED": "Allocation is randomized.",
        "NON_RANDOMIZED": "Allocation is not randomized (non-randomized).",
    }
    return [
        Claim(
            text=words.get(str(v.value), "Allocation: not applicable; there is nothing to allocate between."),
            citations=citations(q.record, [v.pointer]),
        )
        for v in q.field.values(q.record)
    ]


def model(q: FieldQuestion) -> list[Claim]:
    """The intervention or observational model."""
    claims = []
    for v in q.field.values(q.record):
        kind = "Intervention" if v.pointer.endswith("interventionModel") else "Observational"
        words = lower(coded(v.pointer, str(v.value)))
        claims.append(Claim(text=f"{kind} model: {words}.", citations=citations(q.record, [v.pointer])))
    return claims


def arms(q: FieldQuestion) -> list[Claim]:
    """Each group asked for: its label, type, what its description says, and what it gets."""
    every = q.record.values(_ARMS)
    if how_many(q.asked) not in (None, len(every)):
        return []  # "the three cohorts" of a record with two groups are told elsewhere
    chosen = selected(every, q.asked, _words_of_arm)
    claims = [_arm(q.record, v, detailed=len(chosen) <= 6) for v in chosen]
    if claims and len(chosen) == len(every):
        first = claims[0]
        lead = f"{counted(len(every), 'group')}." if len(every) > 1 else "One group only, with no comparison group."
        proof = citations(q.record, [_MODEL]) if len(every) == 1 and q.record.value(_MODEL) == "SINGLE_GROUP" else []
        claims[0] = Claim(text=f"{lead} {first.text}", citations=[*proof, *first.citations])
    return claims


def _words_of_arm(arm: Mapping[str, Any]) -> str:
    return " ".join(filter(None, [arm.get("label"), arm.get("type"), *(arm.get("interventionNames") or ())]))


def _arm(record: Record, arm: Value, *, detailed: bool) -> Claim:
    label, kind, text = arm.value.get("label"), arm.value.get("type"), arm.value.get("description")
    words = plain(label or "Unnamed group")
    if kind:
        words += f" ({lower(coded(f'{arm.pointer}/type', kind))})"
    pointers = [f"{arm.pointer}/label"]
    parts = []
    if text and detailed:
        parts.append(shortened(plain(text), _LONG))
        pointers.append(f"{arm.pointer}/description")
    elif kind:
        pointers.append(f"{arm.pointer}/type")
    for v in _given(record, label) if detailed else []:
        name, about = plain(v.value.get("name", "")), v.value.get("description")
        if about and plain(about) not in " ".join(parts):
            parts.append(f"{name}: {shortened(plain(about), _LONG)}")
        elif name and name.lower() not in words.lower() + " ".join(parts).lower():
            parts.append(name)
    return Claim(
        text=sentence(f"{words}: {'; '.join(p.rstrip('.') for p in parts)}" if parts else words),
        citations=citations(record, pointers),
    )


def _given(record: Record, label: str | None) -> list[Value]:
    """The interventions of a group."""
    return [v for v in record.values(_INTERVENTIONS) if label in (v.value.get("armGroupLabels") or ())]


def interventions(q: FieldQuestion) -> list[Claim]:
    """Each intervention asked for, with its type and description."""
    chosen = selected(q.record.values(_INTERVENTIONS), q.asked, lambda i: i.get("name", ""))
    claims = []
    for v in chosen:
        name, kind, about = plain(v.value.get("name", "")), v.value.get("type"), v.value.get("description")
        words = f"{name} ({lower(coded(f'{v.pointer}/type', kind))})" if kind else name
        pointers = [f"{v.pointer}/name"]
        if about and len(chosen) <= 6:
            words += f": {shortened(plain(about), _LONG)}"
            pointers.append(f"{v.pointer}/description")
        claims.append(Claim(text=sentence(words), citations=citations(q.record, pointers)))
    return claims


def outcomes(q: FieldQuestion) -> list[Claim]:
    """Each outcome measure with its time frame."""
    claims = []
    for v in selected(q.field.values(q.record), q.asked, lambda o: o.get("measure", "")):
        words = plain(v.value.get("measure", ""))
        pointers = [f"{v.pointer}/measure"]
        if v.value.get("timeFrame"):
            words += f" (time frame: {plain(v.value['timeFrame'])})"
            pointers.append(f"{v.pointer}/timeFrame")
        claims.append(Claim(text=sentence(words), citations=citations(q.record, pointers)))
    return claims


_MOST_CRITERIA = 12


def criteria(q: FieldQuestion) -> list[Claim]:
    """The criteria of the kind asked for, shortened when there are many."""
    kinds = [
        kind
        for kind, said in (
            (
                "inclusion",
                q.asked.says(
                    "inclusion",
                    "include",
                    "eligible",
                    "qualify",
                    "can|could|may … take|join|enter",
                    "requirement*",
                    "looking for",
                    "entry",
                ),
            ),
            (
                "exclusion",
                q.asked.says(
                    "exclusion*", "exclude*", "rule* … out", "cannot|can't|not", "disqualif*", "bar|bars|barred"
                ),
            ),
        )
        if said
    ]
    wanted = kinds[-1:] if kinds else ["inclusion", "exclusion"]
    chosen = [c for c in q.record.criteria if c["kind"] in wanted and not c.get("parent")]
    room = max(40, 1200 // max(1, min(len(chosen), _MOST_CRITERIA)))
    claims = [
        Claim(
            text=sentence(capital(shortened(plain(c["text"]), room))),
            citations=[q.record.citation((c["lines"][0], c["lines"][1]), label=c["id"])],
        )
        for c in chosen[:_MOST_CRITERIA]
    ]
    left = len(chosen) - len(claims)
    if claims and left:
        last = claims[-1]
        claims[-1] = Claim(
            text=f"{last.text} And {counted(left, 'more criterion', 'more criteria')}.", citations=last.citations
        )
    return claims
