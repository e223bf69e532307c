"""A model that knows a record's gold: reads the request it gets, and answers it with true values and true citations.

It sees what a real model sees: the fields by name in the schema, the record as numbered lines. A `Twist` makes it lie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extract.model.asks import Ask, asks, by_items
from extract.model.texts import Folded, Tokens, visible
from tests.prompts.stub import Answer, Received, gives

_ROW = re.compile(r"(?m)^(\d+)\| (.*)$")
_NCT = re.compile(r"NCT\d{8}")

Twist = Callable[[Ask, Any], Any]
"""What is answered instead of a field's true value."""


class Place(NamedTuple):
    """Where words stand: their position in what is shown, their lines, and the words there."""

    at: int
    first: int
    last: int
    words: str


@dataclass
class Shown:
    """The lines of one request."""

    rows: list[tuple[int, str]]
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self._starts: list[int] = []
        at = 0
        for _, row in self.rows:
            self._starts.append(at)
            at += len(row) + 1
        self.text = "\n".join(row for _, row in self.rows)
        self._folded = Folded(self.text)
        self._tokens = Tokens(self.text)

    def find(self, words: str, start: int = 0) -> Place | None:
        """The first place at or after a position where the words stand as a whole."""
        wanted = " ".join(words.split())
        for a, b in self._folded.find(wanted, start, len(self.text)):
            if not (self._inside(a) or self._inside(b)):
                return self._place(a, b)
        for a, b in self._tokens.find(Tokens(visible(wanted)), start, len(self.text)):
            return self._place(a, b)
        return None

    def _place(self, a: int, b: int) -> Place:
        return Place(a, self._line(a), self._line(b - 1), self.text[a:b])

    def _inside(self, at: int) -> bool:
        return 0 < at < len(self.text) and self.text[at - 1].isalnum() and self.text[at].isalnum()

    def _line(self, at: int) -> int:
        from bisect import bisect_right

        return self.rows[bisect_right(self._starts, at) - 1][0]


# How the page words a value, and below which label it stands: what a reader of the page knows.
LABELS = {
    "overallStatus": "Recruitment Status",
    "phases": "Clinical Phase",
    "enrollment": "Total Enrollment",
    "studyType": "Study Classification",
    "startDate": "Study Start Date",
    "completionDate": "Study Completion Date",
    "lastUpdatePostDate": "Last Updated",
    "allocation": "Allocation Method",
    "interventionModel": "Intervention Model",
    "observationalModel": "Observational Model",
    "primaryPurpose": "Primary Study Purpose",
    "masking": "Blinding Strategy",
    "whoMasked": "Blinding Strategy",
    "minimumAge": "Minimum Eligible Age",
    "maximumAge": "Maximum Eligible Age",
    "sex": "Eligible Sex",
    "healthyVolunteers": "Accepts Healthy Volunteers",
    "briefSummary": "\nBrief Summary",
    "detailedDescription": "\nDetailed Description",
    "conditions": "\nConditions",
    "leadSponsor": "\nSponsors",
    "orgStudyId": "\nOther Identifiers",
}
SECTIONS = {
    "secondaryIdInfos": "\nOther Identifiers",
    "collaborators": "\nSponsors",
    "armGroups": "\nStudy Groups",
    "interventions": "\nInterventions",
    "locations": "\nLocations",
    "overallOfficials": "\nPrincipal Investigators",
    "centralContacts": "\nCentral Contacts",
    "facilityContacts": "\nFacility Contacts",
}


@dataclass
class Oracle:
    """A stub's script: answers for the records whose gold it has, by their registration number."""

    gold: Mapping[str, Mapping[str, Any]]
    twist: Twist = lambda ask, value: value

    def __call__(self, received: Received) -> Answer:
        if "eligibility criteria for what bounds" in received.text:
            return gives({}, received)
        shown = Shown([(int(n), row) for n, row in _ROW.findall(received.text)])
        trial = next((t for t in _NCT.findall(received.text) if t in self.gold), "")
        return gives(self.answer(self.gold.get(trial, {}), _wanted(received), shown), received)

    def answer(self, study: Mapping[str, Any], wanted: Sequence[Ask], shown: Shown) -> dict[str, Any]:
        """The object that a request asks for."""
        reply: dict[str, Any] = {}
        for items, members in by_items(wanted).items():
            if items is None:
                for ask in members:
                    start = shown.text.find(LABELS.get(ask.name, "\0"))
                    reply[ask.member] = self._cited(ask, _at(study, ask.pointer), shown, max(start, 0))
                continue
            name = items.rpartition("/")[2]
            start = max(shown.text.find(SECTIONS.get(name, "\0")), 0)
            found = []
            for item in _at(study, items) or []:
                key = next((a for a in members if a.key), members[0])
                place = (
                    shown.find(_wordings(key, _at(item, "/" + key.member))[0], start)
                    if _at(item, "/" + key.member)
                    else None
                )
                start = place.at if place else start
                found.append({a.member: self._cited(a, _at(item, "/" + a.member), shown, start) for a in members})
            reply[name] = [item for item in found if any(item.values())] or None
        return reply

    def _cited(self, ask: Ask, value: Any, shown: Shown, start: int) -> Any:
        if value in (None, [], ""):
            return None
        if ask.many:
            found = [self._one(ask, v, shown, start) for v in value]
            return [f for f in found if f] or None
        return self._one(ask, value, shown, start)

    def _one(self, ask: Ask, value: Any, shown: Shown, start: int) -> dict[str, Any] | None:
        value = self.twist(ask, value)
        if value is None:
            return None
        if ask.long:
            return _passage(str(value), shown, start)
        for begin in (start, 0):
            places = [p for words in _wordings(ask, value) if (p := shown.find(words, begin))]
            if places:
                place = min(places)
                cited = {"first_line": place.first, "last_line": place.last, "quote": place.words}
                return cited if ask.field.kind == "text" else {**cited, "value": value}
        return None


def _passage(value: str, shown: Shown, start: int) -> dict[str, Any] | None:
    """A passage by its lines and ends."""
    whole = shown.find(value, start)
    if whole is None:
        return None
    words = whole.words.split()
    ends = {"first_words": " ".join(words[:5])[:120], "last_words": " ".join(words[-5:])[-120:]}
    return {"first_line": whole.first, "last_line": whole.last, **ends}


def _wordings(ask: Ask, value: Any) -> list[str]:
    """How a page may word a value."""
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    if ask.name == "armInterventions":
        return [str(value).partition(": ")[2] or str(value)]
    if ask.vocabulary:
        return [str(value), *ask.vocabulary.spellings.get(str(value), ())]
    return [str(value)]


def _wanted(received: Received) -> list[Ask]:
    """The fields that a request asks for, by its schema."""
    body = received.body
    if "response_format" in body:
        schema = body["response_format"]["json_schema"]["schema"]
    elif "tools" in body:
        schema = body["tools"][0]["function"]["parameters"]
    else:
        text = received.text
        schema, _ = json.JSONDecoder().raw_decode(text[text.index("{", text.index("json_schema")) :])
    names = set(schema["properties"])
    members = {n: set(d.get("properties", ())) for n, d in schema.get("$defs", {}).items()}
    found = []
    for ask in asks().values():
        container = (ask.items or "").rpartition("/")[2]
        inside = members.get(container[:1].upper() + container[1:], set())
        if ask.name in names if ask.items is None else container in names and ask.member in inside:
            found.append(ask)
    return found


def _at(node: Any, pointer: str) -> Any:
    for step in pointer.removesuffix("/*").split("/")[1:]:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node
