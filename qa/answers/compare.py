"""Answers that set trials beside each other: what is asked of each, and which has more of a field with an order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa.answer import Claim
from qa.answers.claims import Draft, citations
from qa.asking import superlative
from qa.fields import fields
from qa.patterns import Words
from qa.record import Record, Value
from qa.wording import years

Told = Callable[[str], Draft]
"""What is answered for one trial."""


def answer(question: Words, records: Sequence[Record], told: Told) -> Draft:
    """The same question answered for each trial, with the verdict first where one field decides."""
    claims: list[Claim] = []
    statuses: list[str] = []
    for record in records:
        draft = told(record.id)
        statuses.append(draft.status)
        claims += [Claim(text=f"{record.id}: {c.text}", citations=c.citations) for c in draft.claims]
    verdict = _verdict(question, records)
    if verdict:
        claims = [verdict, *claims]
    text = "\n".join(c.text for c in claims) or "Not stated in these records."
    if not claims or (verdict is None and "answered" not in statuses and "partial" not in statuses):
        return Draft("not_stated", text, claims, [r.id for r in records])
    silent = any(s == "not_stated" for s in statuses) and verdict is None
    return Draft("partial" if silent else "answered", text, claims, [r.id for r in records])


def _verdict(question: Words, records: Sequence[Record]) -> Claim | None:
    """Which trial has more, or less, of the field that the question compares by."""
    asked = superlative(question)
    if asked is None:
        return None
    field, more = fields()[asked[0]], asked[1]
    known = [(order(v.value), v, r) for r in records for v in field.values(r)[:1]]
    ordered = [(o, v, r) for o, v, r in known if o is not None]
    if len(ordered) < len(records):
        return None
    ordered.sort(key=lambda k: str(k[0]) if isinstance(k[0], str) else k[0], reverse=more)
    first, second = ordered[0], ordered[1]
    word = "the same" if first[0] == second[0] else None
    parts = [f"{r.id} {_said(v)}" for _, v, r in ordered]
    text = f"{field.name.capitalize()}: {', '.join(parts)}"
    text = (
        f"{text}; they are {word}."
        if word
        else f"{first[2].id} has the {'higher' if more else 'lower'} {field.name}. {text}."
    )
    return Claim(text=text, citations=[c for _, v, r in ordered for c in citations(r, [v.pointer])])


def order(value: object) -> float | str | None:
    """What a value is compared by: a number, an age in years, else its words (dates)."""
    if isinstance(value, int | float):
        return float(value)
    age = years(str(value))
    return age if age is not None else str(value)


def _said(value: Value) -> str:
    return f"{value.value:,}" if isinstance(value.value, int) else str(value.value)
