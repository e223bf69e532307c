"""What a question over many trials is about besides conditions on fields, and which records speak of it, and where.

"which trials exclude hepatitis B"          exclusion criteria
"studies enrolling people on dialysis"      title, conditions, groups, inclusion criteria
"who tests semaglutide"                     interventions and groups
"anything on herniated discs"               title, conditions, interventions, else the summary
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from qa.asking import scopes
from qa.clauses import clauses, denied_at
from qa.facets import facets
from qa.filters import Conditions
from qa.matching import match
from qa.patterns import Words
from qa.phrasing import phrasing_stems
from qa.ranking import Evidence
from qa.record import Unit, UnitKind
from qa.words import Item, items, stems_of

_KINDS: Mapping[str, frozenset[UnitKind]] = {
    "conditions": frozenset({"field"}),
    "interventions": frozenset({"arm", "intervention", "heading", "title"}),
    "exclusion": frozenset({"exclusion"}),
    "inclusion": frozenset({"inclusion", "heading", "field", "arm", "title"}),
    "about": frozenset({"heading", "field", "arm", "intervention", "title"}),
}
_SECOND: Mapping[str, frozenset[UnitKind]] = {"about": frozenset({"summary"})}
"""Where else to look when the first places say nothing."""
_SPOKEN = 0.75
"""How well a unit must hold each item of the topic."""


class Topic(NamedTuple):
    """The items that a record must speak of, and in which parts of it."""

    items: tuple[Item, ...]
    scope: str

    @property
    def _needed(self) -> Sequence[Item]:
        """What must be spoken of: names of things, where there are any, and not the words about them."""
        names = [i for i in self.items if i.concepts or not i.text.islower()]
        return names or self.items

    def spoken(self, evidence: Evidence) -> list[Unit]:
        """The units of a record that prove it speaks of the topic: one that has all of it, or several together."""
        for kinds in (_KINDS[self.scope], _SECOND.get(self.scope, frozenset())):
            units = [u for u in evidence.record.units if u.kind in kinds and self._counts(u, evidence)]
            units.sort(key=lambda u: u.kind == "title")  # a title proves less than what it is the title of
            found = self._held(units, evidence, together=kinds is _KINDS[self.scope] and self.scope != "exclusion")
            if found:
                return found
        return []

    def _counts(self, unit: Unit, evidence: Evidence) -> bool:
        """Whether the unit is of the scope: of all fields only the conditions are."""
        return unit.kind != "field" or unit.lines in evidence.condition_lines

    def _held(self, units: Sequence[Unit], evidence: Evidence, *, together: bool) -> list[Unit]:
        best: list[tuple[float, Unit]] = []
        for item in self._needed:
            held = [(match(item, evidence.terms(u)), u) for u in units]
            good = [(m, u) for m, u in held if m >= _SPOKEN and not _denied(item, u)]
            if not good:
                return []
            best.append(max(good, key=lambda g: (g[0], g[1].kind != "title", -g[1].number)))
        whole = next((u for u in units if all(match(i, evidence.terms(u)) >= _SPOKEN for i in self._needed)), None)
        if whole and not any(_denied(i, whole) for i in self._needed):
            return [whole]
        return list({u.number: u for _, u in best}.values()) if together else []


def _denied(item: Item, unit: Unit) -> bool:
    """Whether an inclusion criterion asks for the absence of the thing ("no dialysis")."""
    if unit.kind != "inclusion":
        return False
    parts = clauses(unit.text)
    for found in items(unit.text):
        if found.stem == item.stem or found.concepts & item.concepts:
            clause = next((p for p in parts if p.start <= found.start < p.end), None)
            return clause is not None and denied_at(unit.text, found.start, clause)
    return False


def topic(question: Words, conditions: Conditions) -> Topic | None:
    """The topic of a question, without what its conditions explain; None when nothing is left."""
    explained = _explained(conditions)
    own = tuple(
        item
        for item in _alternatives(items(question.text))
        if not any(a <= item.start < b for a, b in conditions.spans)
        and not explained.intersection(item.stem.split())
        and (item.concepts or item.stem not in phrasing_stems())
        and not item.text.isdigit()
    )
    if not own:
        return None
    said = scopes(question)
    scope = next((s for s in ("conditions", "interventions", "exclusion", "inclusion") if s in said), "about")
    return Topic(own, scope)


def _explained(conditions: Conditions) -> frozenset[str]:
    """The stems of the words by which such questions are put, and by which the fields of their conditions are told."""
    stems = set(_asking_stems())
    spoken = {m.facet.field for m in conditions.facets}
    for facet in facets().values():
        if facet.field in spoken:
            stems |= {stem for says in facet.says for stem, _, _ in stems_of(says.replace("|", " ").replace("*", ""))}
    return frozenset(stems)


def _alternatives(found: Sequence[Item]) -> list[Item]:
    """Items that name one concept twice ("slipped / herniated discs") are one."""
    kept: list[Item] = []
    for item in found:
        if not any(item.concepts and item.concepts == k.concepts for k in kept):
            kept.append(item)
    return kept


@cache
def _asking_stems() -> frozenset[str]:
    """The stems of the words by which such questions are put."""
    text = files("qa").joinpath("many.toml").read_text(encoding="utf-8").split("[countries]")[0]
    return frozenset(stem for stem, _, _ in stems_of(text.replace("|", " ").replace("*", "")))
