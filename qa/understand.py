"""From a question to a plan, by rules and by the nearest phrasings.

eligibility of a described person  → patient
near a phrasing of a field         → field (several, where the question has several clauses)
near what criteria are asked about → criterion
anything else                      → narrative
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from qa.asking import says, wanted
from qa.facets import mentions
from qa.fields import fields
from qa.patterns import Words, words_of
from qa.phrasing import Vectors, likeness, topics
from qa.plan import Intent, Plan

FIELD = 0.5
"""The likeness to a field's phrasing from which a question asks for that field, if no topic is nearer."""
CLAUSE = 0.55
"""The same for one of several clauses, which have less to go by."""
_ASKING = frozenset("is are was were am can could may might would will shall should do does did has have had".split())  # noqa: SIM905 - a list of words reads better as words
_WH = frozenset({"what", "which", "who", "whom", "whose", "when", "where", "why", "how"})
_VERBS = 0.25
_STEEPNESS = 8.0
_CLAUSES = re.compile(r"\s*(?:[;?]|,?\s+\b(?:and|plus|also)\b|,)\s+(?=\S)", re.IGNORECASE)


def understand(question: str, *, subject: frozenset[str] = frozenset(), vectors: Vectors | None = None) -> Plan:
    """The plan of a question about one record. `subject` are the stems of the record's own title and conditions."""
    words = words_of(question)
    likes = likeness(question, subject, vectors)
    yes_no = _yes_no(words)
    fields_asked = _fields(question, words, likes, subject, vectors, yes_no=yes_no)
    criterial = _criterial(words, likes)
    intent: Intent
    if _patient(words, likes, yes_no=yes_no, fields_asked=fields_asked):
        intent = "patient"
    elif fields_asked:
        intent = "field"
    else:
        intent = "criterion" if criterial >= 0.5 else "narrative"
    return Plan(
        question=question,
        intent=intent,
        fields=fields_asked,
        yes_no=yes_no,
        count=bool(words.find("how many|count|number")),
        wants=wanted(words),
        criterial=1.0 if intent == "patient" else criterial,
    )


def _yes_no(words: Words) -> bool:
    """Whether a yes or no is asked for: an auxiliary opens the question or one of its clauses, or it ends in "ok?"."""
    all_words = words.plain.split()
    if not all_words or any(w in _WH for w in all_words[:2]):
        return False
    clauses = [c.split() for c in re.split(r"[,.;:–—-]\s+|\s-\s", words.text.lower()) if c.split()]
    opens = any(c[0].strip("'\"") in _ASKING for c in clauses) or (
        len(all_words) > 1 and all_words[0] in ("so", "and", "but") and all_words[1] in _ASKING
    )
    ends = words.text.rstrip().endswith("?") and not any(w in _WH for w in all_words)
    return opens or ends


def _patient(words: Words, likes: Mapping[str, float], *, yes_no: bool, fields_asked: list[str]) -> bool:
    if not yes_no:
        return False
    eligibility = says("eligibility", words)
    person = says("person", words) or bool(re.search(r"\d", words.text))
    spoken = [
        m for m in mentions(words) if m.facet.field in ("healthy_volunteers", "sex", "minimum_age", "maximum_age")
    ]
    best_field = max((likes[f] for f in fields()), default=0.0)
    if spoken and not re.search(r"\d", words.text):
        return False
    if fields_asked and likes["patient"] < best_field and fields_asked[0] not in _ELIGIBILITY_FIELDS:
        return False
    return (eligibility and (person or likes["patient"] >= best_field)) or likes["patient"] > max(best_field, 0.5)


_ELIGIBILITY_FIELDS = frozenset({"ages", "minimum_age", "maximum_age", "sex", "healthy_volunteers", "criteria"})


def _fields(
    question: str,
    words: Words,
    likes: Mapping[str, float],
    subject: frozenset[str],
    vectors: Vectors | None,
    *,
    yes_no: bool,
) -> list[str]:
    best_topic = max(likes[t] for t in topics())
    found = [f for f in sorted(fields(), key=lambda f: -likes[f]) if likes[f] >= FIELD and likes[f] >= best_topic]
    chosen = found[:1]
    if yes_no and not chosen:
        spoken = [m.facet.field for m in mentions(words)]
        chosen = [f for f in dict.fromkeys(spoken) if likes[f] >= best_topic - 0.1][:1]
    cued = [f.id for f in fields().values() if likes[f.id] >= 0.3 and any(words.find(c.lower()) for c in f.cues)]
    if not chosen and cued and max(likes[f] for f in cued) >= best_topic:
        chosen = [max(cued, key=lambda f: likes[f])]
    clauses = [c for c in _CLAUSES.split(question) if len(c.split()) >= 2]
    if chosen and len(clauses) > 1:
        for clause in clauses:
            own = likeness(clause, subject, vectors)
            best = max(fields(), key=lambda f: own[f])
            if own[best] >= CLAUSE and own[best] >= max(own[t] for t in topics()) and best not in chosen:
                chosen.append(best)
    return chosen


def _criterial(words: Words, likes: Mapping[str, float]) -> float:
    """How much the question asks who may take part, 0 to 1: by its nearest topic of either kind, and by its verbs."""
    by_kind: dict[str, float] = {"criterion": 0.0, "patient": 0.0, "narrative": 0.0}
    for topic in topics().values():
        by_kind[topic.kind] = max(by_kind[topic.kind], likes[topic.id])
    lean = max(by_kind["criterion"], by_kind["patient"]) - by_kind["narrative"]
    lean += _VERBS * says("eligibility", words) - _VERBS * says("narrative", words)
    return 1 / (1 + math.exp(-_STEEPNESS * lean))
