"""From a question to a plan, by rules and by what its wording resembles (qa/classifier.py).

a person is described, to learn if they may take part → patient
a field is asked for                                  → field (several, where the question has several clauses)
who may take part is asked about                      → criterion
anything else                                         → narrative
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from extract.criteria import measures
from qa.asking import says, wanted
from qa.classifier import Classifier
from qa.durations import spans
from qa.facets import mentions, told
from qa.facts import person, tells
from qa.fields import fields
from qa.geography import place_in
from qa.patterns import Words, words_of
from qa.phrasing import bank, phrasing_stems, topics
from qa.plan import Intent, Plan
from qa.words import Item, items

FIELD = 0.33
"""The likeness from which a question asks for a field, if no topic comes nearer."""
FIELD_DESPITE = 0.5
"""The same for a question with words that no phrasing has and the record is not about: they may be what it asks."""
SURE = 0.7
"""The likeness from which nothing else is asked."""
DESPITE_TEXT = 0.85
"""The same for a question with words that the record's text has: it may be what the text tells."""
CLEAR, AHEAD = 0.6, 0.4
"""The same where nothing else comes within `AHEAD` of it: whatever else is named, nothing else can be asked."""
CLAUSE = 0.4
"""The same for one of several clauses, which have less to go by."""
_DESCRIBED = 0.2
"""How much less than a field a question may resemble one about a person, when a person is described."""
_NEARLY = 0.1
_APART = 0.15
_LIMIT = 0.25
_OF_TOPIC = 0.15
_VERBS = 0.2
_STEEPNESS = 8.0
_AUXILIARIES = frozenset(
    {
        "any",
        "is",
        "are",
        "was",
        "were",
        "am",
        "can",
        "could",
        "may",
        "might",
        "would",
        "will",
        "shall",
        "should",
        "do",
        "does",
    }
    | {"did", "has", "have", "had", "isn't", "aren't", "can't", "couldn't", "won't", "doesn't", "don't", "wouldn't"}
)
_ASKING_WH = re.compile(
    r"(?:^|[,;.?–—]\s*|\s-\s)(?:(?:and|but|or|so)\s+)?"
    r"(?:(?:up to|down to|on|in|at|for|by|to|from|of|with|after|until|under|over|above|below|within|since)\s+)?"
    r"(?:what|which|who|whom|whose|when|where|why|how)(?:['’]?(?:s|re|d|ll))?\b",
    re.IGNORECASE,
)
"""A question word that opens a clause, and not one that tells of someone ("a woman who had …")."""
_VERDICT_ASKED = re.compile(
    r"(?:[,.;:–—]|\s-)\s*(?:still|is that|is this|would that be|would it be|all)?\s*(?:a\s+)?"
    r"(?:ok|okay|eligible|acceptable|allowed|fine|possible|suitable|alright|right|problem|issue|enough|good enough"
    r"|accepted|included|excluded|permitted|include|exclude|enroll?|admit|candidate|yes or no|y/n|in or out"
    r"|(?:(?:shut|ruled|kept|left|screened|thrown|counted) )?(?:in|out))\s*\?\s*$",
    re.IGNORECASE,
)
"""A word that asks for the verdict on what stands before it: "hip replaced 2 years ago - ok?"."""
_CLAUSES = re.compile(r"\s*[;?]\s+(?=\S)|,?\s+\b(?:and|plus|also)\b\s+|,\s+(?=\S)", re.IGNORECASE)
_ABOUT = re.compile(r"\s*([^?]+?)(?:\s[-–—]|:)\s+(\S.*)")
"""What is spoken of, and what is asked of it."""
_SITES = "site|sites|centre|centres|center|centers|hospital|hospitals|clinic|clinics|location|locations"
_DESCRIBED_STUDY = re.compile(
    r"\b(the|this|that|your)(?: [\w-]+){1,5}? (?:study|trial|research|project|programme|program|experiment)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"\b(who|what|where|when|how|that)(s|re)\b", re.IGNORECASE)
_OPENINGS = re.compile(r"[,.;:?–—]\s+|\s-\s|^(?:so|and|but|ok|okay)\s+", re.IGNORECASE)
_ELIGIBILITY_FIELDS = frozenset({"ages", "minimum_age", "maximum_age", "sex", "healthy_volunteers", "criteria"})
_WITH_FIGURES = frozenset(
    {"enrollment", "start", "completion", "primary_completion", "duration", "arms", "interventions", "contact", "ages"}
    | {"minimum_age", "maximum_age", "primary_outcomes", "secondary_outcomes", "updated", "first_posted", "criteria"}
)
"""Fields that may answer a question for a figure. A code such as PARALLEL answers none."""
_ANSWERING: Mapping[str, frozenset[str]] = {
    "when": frozenset(
        {
            "start",
            "completion",
            "primary_completion",
            "duration",
            "updated",
            "first_posted",
            "results",
            "primary_outcomes",
        }
    ),
    "where": frozenset({"sites", "countries", "contact", "officials"}),
    "why": frozenset({"why_stopped", "summary"}),
}
"""The fields that may answer a question for a time, a place or a reason."""
_OF_MEASURES = frozenset(
    {"primary_outcomes", "secondary_outcomes", "results", "arms", "conditions", "title", "summary"}
)
"""Fields that may answer a question that names a measure."""


def understand(
    question: str,
    classifier: Classifier,
    *,
    subject: frozenset[str] = frozenset(),
    spoken: Callable[[Item], bool] = lambda _: False,
) -> Plan:
    """The plan of a question about one record. `subject` are the terms of the record's own title and conditions,
    `spoken` tells whether its text speaks of something."""
    read = _Read(question, classifier, subject, spoken)
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
    spoken: Callable[[Item], bool]

    @cached_property
    def words(self) -> Words:
        return words_of(self.question)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return items(self.question)

    @cached_property
    def likes(self) -> Mapping[str, float]:
        return self.classifier.likeness(_spelled(self.question), self.subject)

    @cached_property
    def yes_no(self) -> bool:
        """Whether a yes or no is asked for: an auxiliary opens the question or a clause, or an "ok?" ends it."""
        if any(word in _AUXILIARIES for word in self._openings):
            return True
        if not self.question.rstrip().endswith("?") or _ASKING_WH.search(self.question):
            return False
        return self._eligibility or self._described or bool(mentions(self.words))

    @cached_property
    def _openings(self) -> list[str]:
        """The first word of each sentence and clause."""
        return [part.split()[0].lower().strip("\"'(") for part in _OPENINGS.split(self.question) if part.split()]

    @cached_property
    def _described(self) -> bool:
        """Whether a person is described, by a pronoun, an age or a value."""
        said = person(self.question)
        return says("person", self.words) or bool(said.measured) or said.age is not None or bool(spans(self.question))

    @cached_property
    def _eligibility(self) -> bool:
        return says("eligibility", self.words)

    @cached_property
    def _best_topic(self) -> float:
        return max(self.likes[t] for t in topics())

    def fields(self) -> list[str]:
        """The fields asked for, the likeliest first."""
        clauses = [c for c in _CLAUSES.split(self.question) if len(c.split()) >= 2]
        if len(clauses) > 1:
            self.classifier.prepare([self.question, *clauses])
        best = max(fields(), key=lambda f: self.likes[f])
        chosen = self._by_facet_alone()
        if not chosen:
            chosen = [best] if self._asks(best, self.likes, self._best_topic) else self._by_facet()
        if not chosen:
            chosen = self._after_the_dash() or self._of_the_study() or self._of_a_place()
        if chosen == ["status"] and self._of_sites:
            chosen = ["sites"]
        if len(clauses) < 2:
            return chosen
        by_clause = [field for clause in clauses if (field := self._of_clause(clause))]
        if len(by_clause) == len(clauses) and set(chosen) <= set(by_clause):
            chosen = by_clause  # answered in the order of the question
        elif chosen:
            chosen += by_clause
        return list(dict.fromkeys(chosen))

    def _by_facet_alone(self) -> list[str]:
        """The field of the facets that a yes/no question is made of ("is it observational?")."""
        spoken = mentions(self.words)
        alone = len({m.facet.field for m in spoken}) == 1 and all(told(self.words, i, spoken) for i in self.items)
        return [spoken[0].facet.field] if alone and self.yes_no and not self._eligibility else []

    @cached_property
    def _of_sites(self) -> bool:
        """Whether the status of single sites is asked for: "which centres are still closed"."""
        return bool(self.words.find("which|what|where|many … " + _SITES))

    def _of_a_place(self) -> list[str]:
        """The sites, where the question names a place: "is it run in Leeds?"."""
        return ["sites"] if says("located", self.words) and place_in(self.question) else []

    def _of_the_study(self) -> list[str]:
        """The field that is asked of a study which the question describes: "who pays for the new asthma app study?"."""
        short = _DESCRIBED_STUDY.sub(r"\1 study", self.question)
        if short == self.question:
            return []
        likes = self.classifier.likeness(_spelled(short), self.subject)
        nearest, other = sorted(likes, key=lambda c: -likes[c])[:2]
        clear = likes[nearest] >= max(CLAUSE, likes[other] + _APART)
        return [nearest] if nearest in fields() and clear else []

    def _after_the_dash(self) -> list[str]:
        """The field that is asked for after the trial was named: "gastric cancer, stage III - what phase?"."""
        about = _ABOUT.match(self.question)
        if not about or _ASKING_WH.search(about[1]):
            return []
        likes = self.classifier.likeness(about[2], self.subject)
        nearest = max(likes, key=lambda c: likes[c])
        return [nearest] if nearest in fields() and likes[nearest] >= SURE else []

    def _of_clause(self, clause: str) -> str | None:
        """The field that a part of the question asks for."""
        likes = self.classifier.likeness(clause, self.subject)
        nearest = max(likes, key=lambda c: likes[c])
        return nearest if nearest in fields() and likes[nearest] >= CLAUSE else None

    def _asks(self, field: str, likes: Mapping[str, float], best_topic: float) -> bool:
        if self._kind_asked and field not in _ANSWERING[self._kind_asked]:
            return False
        foreign = self._foreign(field)
        if any(self.spoken(item) for item in foreign) and likes[field] < DESPITE_TEXT and not _clear(field, likes):
            return False
        if likes[field] >= SURE:
            return True
        cued = any(self.words.find(cue.lower()) for cue in fields()[field].cues)
        if likes[field] < (FIELD_DESPITE if foreign and not cued else FIELD) or likes[field] < best_topic:
            return False
        if wanted(self.words) and field not in _WITH_FIGURES:
            return False
        return not (self._measures and field not in _OF_MEASURES)

    def _by_facet(self) -> list[str]:
        """The field of a facet that a yes/no question names ("is it double-blind?")."""
        if not self.yes_no or self._measures:
            return []
        spoken = dict.fromkeys(m.facet.field for m in mentions(self.words))
        most = max(self.likes.values())
        return [f for f in spoken if self.likes[f] >= (most if self._foreign(f) else self._best_topic - _NEARLY)][:1]

    @cached_property
    def _kind_asked(self) -> str | None:
        """The question word that says what kind of thing answers, of a question that has one part."""
        if len(_CLAUSES.split(self.question)) > 1:
            return None
        return next((word for word in ("why", "when", "where") if self.words.find(word)), None)

    def _foreign(self, field: str) -> list[Item]:
        """What the question speaks of beside the field: not in its phrasings, and not what the record is about. Words
        that name no concept count only when no phrasing at all has them."""
        known, own = bank().weights, bank().vocabulary[field]
        return [
            i
            for i in self.items
            if not self._own(i) and not (i.concepts & own if i.concepts else i.stem in known) and i.stem not in own
        ]

    def _own(self, item: Item) -> bool:
        """Whether a word names what the record is about."""
        return not self.subject.isdisjoint({item.stem, *item.stem.split(), *item.concepts})

    @cached_property
    def _measures(self) -> bool:
        return any(m.kind in ("measurement", "score") for _, _, m in measures.matcher().finditer(self.question))

    def describes_a_person(self, asked: list[str]) -> bool:
        """Whether a person is described, or a trait of one, to learn if they may take part."""
        if _ASKING_WH.search(self.question) or says("existence", self.words):
            return self.yes_no and self._described and bool(self.words.find("what if|about"))
        if _VERDICT_ASKED.search(self.question) and not self._all_said_by_facets():
            return True
        if not self.yes_no:
            if person(self.question).age is not None and not wanted(self.words):
                return True
            if person(self.question).measured and not wanted(self.words) and not self._limit_asked:
                return True
            return (says("statement", self.words) or bool(spans(self.question))) and self._best_patient
        if asked and asked[0] in _ELIGIBILITY_FIELDS and not self._described:
            return self._eligibility and self._names_a_trait()
        strongest = max((self.likes[f] for f in asked if f not in _ELIGIBILITY_FIELDS), default=0.0)
        if strongest > self.likes["patient"] + (_DESCRIBED if self._described else 0.0) or self._all_said_by_facets():
            return False
        return self._eligibility or self.likes["patient"] > strongest + 0.1 or (self._described and not asked)

    def _names_a_trait(self) -> bool:
        """Whether a group is told by more than the field is about: "can pregnant women join?" is not about sex."""
        spoken = mentions(self.words)
        return any(i.concepts and tells(i) and not told(self.words, i, spoken) for i in self.items if not self._own(i))

    @cached_property
    def _limit_asked(self) -> bool:
        """Whether the question is more like one for a limit than one about a person."""
        return self.likes["limit"] > self.likes["patient"] + _LIMIT

    @cached_property
    def _best_patient(self) -> bool:
        return self.likes["patient"] >= max(self.likes[f] for f in fields()) - 0.15

    def _all_said_by_facets(self) -> bool:
        """Whether the question is about nothing but facets of a field ("can healthy women join?")."""
        spoken = [m for m in mentions(self.words) if m.facet.field in _ELIGIBILITY_FIELDS]
        if not spoken or re.search(r"\d", self.question):
            return False
        return all(told(self.words, i, spoken) or i.stem in phrasing_stems() for i in self.items)

    def criterial(self) -> float:
        """How much the question asks who may take part, 0 to 1: by its nearest topic of either kind, and its verbs."""
        by_kind = {"criterion": 0.0, "patient": 0.0, "narrative": 0.0}
        for topic in topics().values():
            by_kind[topic.kind] = max(by_kind[topic.kind], self.likes[topic.id])
        lean = max(by_kind["criterion"], by_kind["patient"]) - by_kind["narrative"]
        lean += _VERBS * self._eligibility - _VERBS * says("narrative", self.words)
        return 1 / (1 + math.exp(-_STEEPNESS * lean))


def _spelled(question: str) -> str:
    """The question with the apostrophes that are left out in haste: "whos running it"."""
    return _SHORT.sub(r"\1'\2", question)


def _clear(field: str, likes: Mapping[str, float]) -> bool:
    """Whether a question is like this field and like nothing else."""
    return likes[field] >= max(CLEAR, AHEAD + max(like for other, like in likes.items() if other != field))
