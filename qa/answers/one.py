"""The answer to a question about one record: by its fields, of a described person, or quoted from its text."""

from __future__ import annotations

from qa.answers import fields, passages, patients
from qa.answers.claims import Draft
from qa.answers.silence import silent, unpublished
from qa.asked import Asked
from qa.asking import says
from qa.ranking import Evidence

TOLD_IN_TEXT = frozenset(
    {"primary_outcomes", "secondary_outcomes", "summary", "duration", "conditions", "interventions", "arms", "criteria"}
    | {"data_sharing", "data_monitoring", "ages", "minimum_age", "maximum_age", "sex", "purpose", "masking"}
    | {"allocation", "model"}
)
"""The fields that a record without a value for them may tell of in its text."""


def answer(evidence: Evidence, asked: Asked, rank: passages.Rank) -> Draft:
    """The answer, or that the record is silent and what was looked at."""
    record = evidence.record
    if says("outcome", asked.words) and set(asked.plan.fields) <= {"results", "enrollment"}:
        draft = unpublished(record)
        if draft:
            return draft
    if asked.plan.intent == "field":
        draft = fields.answer(record, asked)
        if draft:
            return draft
        if not TOLD_IN_TEXT.issuperset(asked.plan.fields):
            return silent(record, asked, None, None)
    _, ranking = rank(asked.question)
    if asked.plan.intent == "patient":
        draft = patients.answer(record, asked, ranking)
        if draft:
            return draft
    draft = passages.answer(record, asked, ranking, rank)
    if draft.status == "not_stated" and says("whole_study", asked.words):
        return fields.answer(record, asked.of_fields("duration")) or draft
    return draft
