"""From a question to a plan, by rules and by what its wording resembles (qa/phrasing.py).

a person is described, to learn if they may take part → patient
a field is asked for                                  → field (several, where the question has several clauses)
who may take part is asked about                      → criterion
anything else                                         → narrative
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from extract.criteria import measures
from qa.asking import says, wanted
from qa.facets import mentions
from qa.fields import fields
from qa.patterns import Words, words_of
from qa.phrasing import Classifier, bank, phrasing_stems, topics
from qa.plan import Intent, Plan
from qa.words import Item, items

FIELD = 0.33
"""The likeness from which a question asks for a field, if no topic comes nearer."""
FIELD_DESPITE = 0.5
"""The same for a question with words that no phrasing has and the record is not about: they may be what it asks."""
SURE = 0.7
"""The likeness from which nothing else is asked."""
CLAUSE = 0.45
"""The same for one of several clauses, which have less to go by."""
_OF_TOPIC = 0.15
_VERBS = 0.2
_STEEPNESS = 8.0
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "can", "could", "may", "might", "would", "will", "shall", "should", "do", "does"}
    | {"did", "has", "have", "had", "isn't", "aren't", "can't", "couldn't", "won't", "doesn't", "don't", "wouldn't"}
)
_WH = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)(?:['’]?(?:s|re|d|ll))?\b", re.IGNORECASE)
_CLAUSES = re.compile(r"\s*[;?]\s+(?=\S)|,?\s+\b(?:and|plus|also)\b\s+|,\s+(?=\S)", re.IGNORECASE)
_OPENINGS = re.compile(r"[,.;:?–—]\s+|\s-\s|^(?:so|and|but|ok|okay)\s+", re.IGNORECASE)
_ELIGIBILITY_FIELDS = frozenset({"ages", "minimum_age", "maximum_age", "sex", "healthy_volunteers", "criteria"})
_WITH_FIGURES = frozenset(
    {"enrollment", "start", "completion", "primary_completion", "duration", "arms", "interventions", "contact", "ages"}
    | {"minimum_age", "maximum_age", "primary_outcomes", "secondary_outcomes", "updated", "first_posted", "criteria"}
)
"""Fields that may answer a question for a figure. A code such as PARALLEL answers none."""
_OF_MEASURES = frozenset(
    {"primary_outcomes", "secondary_outcomes", "results", "arms", "conditions", "title", "summary"}
)
"""Fields that may answer a question that names a measure."""


def understand(question: str, classifier: Classifier, *, subject: frozenset[str] = frozenset()) -> Plan:
    """The plan of a question about one record. `subject` are the terms of the record's own title and conditions."""
    read = _Read(question, classifier, subject)
    asked = read.fields()
    criterial = read.criterial()
    intent: Intent
    if read.describes_a_person(asked):
        intent, asked, criterial = "patient", [], 1.0
    elif asked:
        intent = "field"
    else:
        intent = "criterion" if criterial >= 0.5 else "narrative"
    return Plan(
        question=question,
        intent=intent,
        fields=asked,
        yes_no=read.yes_no,
        count=bool(read.words.find("how many|count|number")),
        wants=wanted(read.words),
        topics={t: round(read.likes[t], 3) for t in topics() if read.likes[t] >= _OF_TOPIC},
        criterial=criterial,
    )


@dataclass(frozen=True)
class _Read:
    """A question with what its wording resembles."""

    question: str
    classifier: Classifier
    subject: frozenset[str]

    @cached_property
    def words(self) -> Words:
        return words_of(self.question)

    @cached_property
    def items(self) -> list[Item]:
        return items(self.question)

    @cached_property
    def likes(self) -> Mapping[str, float]:
        return self.classifier.likeness(self.question, self.subject)

    @cached_property
    def yes_no(self) -> bool:
        """Whether a yes or no is asked for: an auxiliary opens the question or a clause, or an "ok?" ends it."""
        openings = [part.split()[0].lower() for part in _OPENINGS.split(self.question) if part.split()]
        if any(word in _AUXILIARIES for word in openings):
            return _WH.match(self.question) is None
        return self.question.rstrip().endswith("?") and not _WH.search(self.question) and self._eligibility

    @cached_property
    def _eligibility(self) -> bool:
        return says("eligibility", self.words)

    @cached_property
    def _best_topic(self) -> float:
        return max(self.likes[t] for t in topics())

    def fields(self) -> list[str]:
        """The fields asked for, the likeliest first."""
        best = max(fields(), key=lambda f: self.likes[f])
        chosen = [best] if self._asks(best, self.likes, self._best_topic) else self._by_facet()
        known, clauses = fields(), [c for c in _CLAUSES.split(self.question) if len(c.split()) >= 2]
        if chosen and len(clauses) > 1:
            for clause in clauses:
                likes = self.classifier.likeness(clause, self.subject)
                nearest = max(likes, key=lambda c: likes[c])
                if nearest in known and likes[nearest] >= CLAUSE and nearest not in chosen:
                    chosen.append(nearest)
        return chosen

    def _asks(self, field: str, likes: Mapping[str, float], best_topic: float) -> bool:
        if likes[field] >= SURE:
            return True
        cued = any(self.words.find(cue.lower()) for cue in fields()[field].cues)
        if likes[field] < (FIELD_DESPITE if self._foreign and not cued else FIELD) or likes[field] < best_topic:
            return False
        if wanted(self.words) and field not in _WITH_FIGURES:
            return False
        return not (self._measures and field not in _OF_MEASURES)

    def _by_facet(self) -> list[str]:
        """The field of a facet that a yes/no question names ("is it double-blind?")."""
        if not self.yes_no or self._foreign or self._measures:
            return []
        spoken = [m.facet.field for m in mentions(self.words)]
        return [f for f in dict.fromkeys(spoken) if self.likes[f] >= self._best_topic - 0.1][:1]

    @cached_property
    def _foreign(self) -> list[Item]:
        """What the question speaks of that is in no phrasing and is not what the record is about."""
        known = bank().weights
        return [
            i
            for i in self.items
            if i.stem not in known
            and not any(c in known for c in i.concepts)
            and not {i.stem, *i.stem.split(), *i.concepts} & self.subject
        ]

    @cached_property
    def _measures(self) -> bool:
        return any(m.id != "age" for _, _, m in measures.matcher().finditer(self.question))

    def describes_a_person(self, asked: list[str]) -> bool:
        """Whether a person is described, or a trait of one, to learn if they may take part."""
        if (_WH.match(self.question) and not self._person_first()) or says("existence", self.words):
            return False
        if not self.yes_no:
            return says("statement", self.words) and not _WH.search(self.question) and self._best_patient
        strongest = max((self.likes[f] for f in asked if f not in _ELIGIBILITY_FIELDS), default=0.0)
        if strongest > self.likes["patient"] or self._all_said_by_facets():
            return False
        described = says("person", self.words) or bool(re.search(r"\d", self.question))
        return self._eligibility or self.likes["patient"] > strongest + 0.1 or (described and not asked)

    def _person_first(self) -> bool:
        """Whether a question word only opens what is said of a person ("what if she had a stroke, can she join?")."""
        return self.yes_no and bool(self.words.find("what if|about"))

    @cached_property
    def _best_patient(self) -> bool:
        return self.likes["patient"] >= max(self.likes[f] for f in fields()) - 0.15

    def _all_said_by_facets(self) -> bool:
        """Whether the question is about nothing but facets of a field ("can healthy women join?")."""
        spoken = [m for m in mentions(self.words) if m.facet.field in _ELIGIBILITY_FIELDS]
        if not spoken or re.search(r"\d", self.question):
            return False
        spans = [self.words.span(m.first, m.after) for m in spoken]
        left = [i for i in self.items if not any(a <= i.start < b for a, b in spans)]
        return not [i for i in left if i.stem not in phrasing_stems()]

    def criterial(self) -> float:
        """How much the question asks who may take part, 0 to 1: by its nearest topic of either kind, and its verbs."""
        by_kind = {"criterion": 0.0, "patient": 0.0, "narrative": 0.0}
        for topic in topics().values():
            by_kind[topic.kind] = max(by_kind[topic.kind], self.likes[topic.id])
        lean = max(by_kind["criterion"], by_kind["patient"]) - by_kind["narrative"]
        lean += _VERBS * self._eligibility - _VERBS * says("narrative", self.words)
        return 1 / (1 + math.exp(-_STEEPNESS * lean))
