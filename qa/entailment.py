"""What a criterion says of a described person: whether it lets them in, keeps them out, or cannot tell.

Figures are decided by the criterion's constraints, units converted. What is no figure is decided by its words: which
clause of it speaks of the person's condition or drug (what it asks, lets off or admits), whether that clause denies
it, whether the person does, and whether the time since falls into the criterion's window. Nothing is decided where
the person is not spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import ValidationError

from extract.criteria import units
from extract.criteria.evaluate import evaluate
from extract.criteria.measures import table as measure_table
from extract.criteria.patient import Fact, Patient
from qa import durations
from qa.clauses import Clause, Role, clauses, denied_at
from qa.facts import Measured, Person, Thing, modifiers, severities, tells
from qa.facts import table as words_table
from qa.matching import BROADER, INFLECTED, NARROWER
from qa.record import Unit
from qa.wording import plain
from qa.words import Item, items, lexicon, stem

if TYPE_CHECKING:
    from extract.criteria.constraints import Constraint

Verdict = Literal["in", "out"]


class Judgement(NamedTuple):
    """What one criterion says of the person. `certain` marks what figures decided; `reason` says it in words; `by` is
    what of the person it speaks of, `strength` how closely."""

    unit: Unit
    verdict: Verdict
    reason: str
    certain: bool
    strength: float
    by: str = ""


def judge(unit: Unit, person: Person, about: frozenset[str] = frozenset()) -> Judgement | None:
    """The criterion's judgement; None when it does not speak of the person or cannot tell.

    `about` are the concepts of what the trial is for: an exclusion that names them ("complications of diabetes") does
    not keep out who has just them.
    """
    return _by_figures(unit, person) or _by_counts(unit, person) or _by_words(unit, person, about)


# Figures


def _by_figures(unit: Unit, person: Person) -> Judgement | None:
    parts = clauses(unit.text)
    decided: list[_Decided] = []
    constraints = [c for c in unit.parsed() if c.sex in (None, person.sex) and not c.condition]
    for value in person.measured:
        for c in constraints:
            if not _same_measure(c.variable, value.variable):
                continue
            truth = _relative(c, value) if value.of_normal else evaluate(c, _patient(c, value, person)).truth
            if truth is not None:
                decided.append(_Decided(truth != c.negated, c, value, _role(c, parts)))
    if not decided:
        return None
    lenient = next((d for d in decided if d.role != "main" or d.constraint.excepted), None)
    if lenient:
        return Judgement(unit, "in" if lenient.holds else "out", lenient.reason, True, 1.0)
    hit = next((d for d in decided if d.holds), None)
    missed = next((d for d in decided if not d.holds), None)
    if unit.kind == "exclusion":
        return Judgement(unit, "out" if hit else "in", (hit or decided[0]).reason, True, 1.0)
    joined_by_or = any(c.connective == "or" for c in constraints)
    if hit and (joined_by_or or not missed):
        return Judgement(unit, "in", hit.reason, True, 1.0)
    if missed and joined_by_or and len(decided) < len({c.variable for c in constraints}):
        return None
    return Judgement(unit, "out", (missed or decided[0]).reason, True, 1.0)


class _Decided(NamedTuple):
    """A constraint decided by a value: whether what its words say holds, and the clause it stands in."""

    holds: bool
    constraint: Constraint
    value: Measured
    role: Role

    @property
    def reason(self) -> str:
        measure = measure_table().get(self.value.variable)
        label = measure.label if measure else self.constraint.label
        relation = "is" if self.holds else "is not"
        return f"{label} {self.value.value:g} {relation} “{plain(self.constraint.quote)}”"


def _relative(c: Constraint, value: Measured) -> bool | None:
    """Whether a multiple of the upper limit of normal is within bounds that are given in multiples of it."""
    return _within(value.value, c) if c.relative_to == "ULN" else None


def _patient(c: Constraint, value: Measured, person: Person) -> Patient:
    """The person with that one value, in the criterion's unit where none was given and it can be meant."""
    measure = measure_table()[c.variable or value.variable]
    unit = value.ucum
    if unit and c.ucum and c.ucum.startswith(f"{unit}/"):
        unit = None  # "20 copies" of a load per millilitre
    if unit is None and c.ucum and units.plausible(value.value, c.ucum, measure) is not False:
        unit = c.ucum
    try:
        fact = Fact.model_validate({"measure": measure.id, "value": value.value, "unit": unit})
    except ValidationError:
        return Patient()
    return Patient(facts=(fact,), sex=person.sex)


def _role(c: Constraint, parts: Sequence[Clause]) -> Role:
    return next((p.role for p in parts if p.start <= c.chars[0] < p.end), "main")


def _same_measure(a: str | None, b: str) -> bool:
    return a == b or any(a in kin and b in kin for kin in words_table()["kin"])


def _by_counts(unit: Unit, person: Person) -> Judgement | None:
    """A number of things that no measure names: "10 cigarettes a day", "four nights a week"."""
    for counted in person.counted:
        for c in unit.parsed():
            measured = c.variable is not None and c.kind != "count"
            if measured or c.kind in ("window", "age") or not (c.lower or c.upper):
                continue
            said = {s for item in items(f"{c.label} {c.quote}") for s in (item.stem, *item.concepts)}
            if not said & counted.names:
                continue
            holds = _within(counted.value, c) != c.negated
            verdict: Verdict = "in" if holds == (unit.kind == "inclusion") else "out"
            if _role(c, clauses(unit.text)) != "main":
                verdict = "in" if holds else "out"
            relation = "is" if holds else "is not"
            return Judgement(unit, verdict, f"{counted.text} {relation} “{plain(c.quote)}”", True, 1.0)
    return None


def _within(value: float, c: Constraint) -> bool:
    above = c.lower is None or value > c.lower.value or (c.lower.inclusive and value == c.lower.value)
    return above and (c.upper is None or value < c.upper.value or (c.upper.inclusive and value == c.upper.value))


# Words


class _Shared(NamedTuple):
    """A thing of the person's that the criterion speaks of: where, in which clause, and how closely."""

    thing: Thing
    at: int
    clause: Clause
    closeness: float


def _by_words(unit: Unit, person: Person, about: frozenset[str]) -> Judgement | None:
    text = unit.text
    parts = clauses(text)
    inner = items(text)
    told = [thing for thing in person.things if tells(thing.item)]
    told = [thing for thing in told if not _is_general(thing)] or told
    if unit.kind == "exclusion" and not _qualified_alike(person, inner):
        told = [thing for thing in told if thing.denied or about.isdisjoint(thing.item.concepts)]
    shared = [s for thing in told for s in _places(thing, inner, parts)]
    if not shared:
        return None
    best = _deciding(unit, shared)
    opposed = _opposed(text, person)
    if not opposed and _undecided(best, person):
        return None
    verdict = _verdict(unit, best, person, text, opposed=opposed)
    if verdict is None:
        return None
    return Judgement(unit, verdict, "", False, best.closeness, best.thing.item.stem)


def _is_general(thing: Thing) -> bool:
    return bool(thing.item.concepts) and thing.item.concepts <= set(words_table()["general"])


def _qualified_alike(person: Person, inner: Sequence[Item]) -> bool:
    """Whether the person's things are qualified by a word of the criterion's: "uncontrolled hypertension"."""
    said = {term for item in inner for term in (item.stem, *item.concepts)}
    own = (thing.item for thing in person.things if not tells(thing.item))
    return any(item.concepts & said or (item.stem in modifiers() and item.stem in said) for item in own)


def _undecided(best: _Shared, person: Person) -> bool:
    """Whether the person's thing is a value: what no figure could decide, the words about it cannot either. Nor
    does a common word decide of a person of whom values are told ("on room air")."""
    if person.measured and not best.thing.item.concepts:
        return True
    return any(best.thing.item.text.lower() in m.named.lower() for m in person.measured)


def _places(thing: Thing, inner: Sequence[Item], parts: Sequence[Clause]) -> list[_Shared]:
    found = []
    for n, item in enumerate(inner):
        closeness = _closeness(thing.item, item)
        clause = next((p for p in parts if p.start <= item.start < p.end), None)
        if not closeness or clause is None:
            continue
        # An exception for the special does not let off the general: "inhaled steroids" are not any steroid.
        general = closeness == BROADER or (closeness == SYNONYM and clause.role != "main")
        if not (general and n and _narrowed(inner[n - 1], item)) and not (
            closeness == BROADER and _grave(inner[:n], clause)
        ):
            found.append(_Shared(thing, item.start, clause, closeness))
    return found


SYNONYM = 0.97
"""How closely one name of a thing is another: the criterion with the person's own word is the nearer one."""


def _narrowed(before: Item, item: Item) -> bool:
    """Whether the word before makes a general name a special one: "squamous cell carcinoma" is not any cancer."""
    beside = 0 <= item.start - (before.start + len(before.text)) <= 1
    return beside and not before.concepts and before.stem not in modifiers()


def _grave(before: Sequence[Item], clause: Clause) -> bool:
    """Whether only the grave cases of a kind are meant: "serious cardiovascular disease", "serious disease (heart)"."""
    outside = [item for item in before if item.start < clause.start]
    near = (*before[-_GRAVE_REACH:], *outside[-_GRAVE_REACH - 1 :])
    return any(stem(word) == item.stem for item in near for word in words_table()["grave"])


_GRAVE_REACH = 2


def _closeness(asked: Item, said: Item) -> float:
    if asked.stem == said.stem:
        return 1.0
    if asked.concepts & said.concepts:
        return SYNONYM
    kinds = lexicon().kinds
    if any(kinds[c] & asked.concepts for c in said.concepts):
        return NARROWER
    if any(kinds[c] & said.concepts for c in asked.concepts):
        return BROADER
    own, other = set(asked.stem.split()), set(said.stem.split())
    if asked.concepts and len(own) > 1 and not said.concepts:
        return 0.0  # "blood transfusion" is not just any blood
    return INFLECTED if (len(own) > 1 or len(other) > 1) and (own <= other or other <= own) else 0.0


def _deciding(unit: Unit, shared: Sequence[_Shared]) -> _Shared:
    """What decides: an exception or permission that fits no worse than what is asked; what an inclusion asks for and
    the person denies; else what fits best."""
    main = {s.thing.item.stem: s.closeness for s in shared if s.clause.role == "main" and not s.thing.denied}
    lenient = [
        s
        for s in shared
        if s.clause.role != "main"
        and s.thing.denied == denied_at(unit.text, s.at, s.clause)
        and s.closeness >= main.get(s.thing.item.stem, 0.0)
    ]
    denied = [s for s in shared if s.clause.role == "main" and s.thing.denied and s.closeness >= SYNONYM]
    if unit.kind == "inclusion" and denied:
        return denied[0]
    own = [s for s in lenient if s.thing.item.stem not in main] or lenient
    pool = own or [s for s in shared if not s.thing.denied] or list(shared)
    return max(pool, key=lambda s: (s.closeness, -s.at))


def _verdict(unit: Unit, best: _Shared, person: Person, text: str, *, opposed: bool) -> Verdict | None:
    if best.clause.role != "main":
        verdict = _lenient(best, person, text)
        if unit.kind == "inclusion" and best.clause.role == "exception" and not _denies(text, best.clause):
            return "out" if verdict == "in" else "in"
        return verdict
    present = not best.thing.denied
    wanted = unit.kind == "inclusion"
    if denied_at(text, best.at, best.clause):
        wanted = not wanted
    if opposed:
        present = not present
    if present and not _within_time(best, text, wanted=wanted):
        return "in" if not wanted else "out"
    return "in" if present == wanted else "out"


def _denies(text: str, exception: Clause) -> bool:
    """Whether what an inclusion excepts from is denied ("no prior therapy, except …"): then the exception is let in."""
    main = next((p for p in clauses(text) if p.role == "main" and p.end <= exception.start), None)
    return main is not None and denied_at(text, main.end, main)


def _lenient(best: _Shared, person: Person, text: str) -> Verdict | None:
    """An exception admits, if the time it names has passed."""
    limit = min(
        (s for s in durations.spans(text) if best.clause.start <= s.start < best.clause.end),
        key=lambda s: abs(s.start - best.at),
        default=None,
    )
    since = best.thing.ago if best.thing.ago is not None else best.thing.lasting or person.ago
    if limit and since is not None and since < limit.days:
        return "out"
    return "in"


def _within_time(best: _Shared, text: str, *, wanted: bool) -> bool:
    """Whether the person's time fits the criterion's: recent enough for an exclusion, long enough for a requirement."""
    spans = durations.spans(text)
    if not spans:
        return True
    limit = min(spans, key=lambda s: abs(s.start - best.at))
    since = best.thing.ago if best.thing.ago is not None else best.thing.lasting
    if since is None:
        return True
    before = text[max(0, limit.start - 24) : limit.start].lower()
    longer = bool(re.search(r"at least|more than|over|longer than|minimum|≥|>|greater|not less", before))
    if wanted and not re.search(r"within|past|last|recent", before):
        longer = True
    return since >= limit.days if longer else since <= limit.days


def _opposed(text: str, person: Person) -> bool:
    """Whether the person is described by the opposite of a word of the criterion ("HER2 positive", "HER2-negative"), or
    by another severity."""
    said = {stem(w) for w in re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", text)} | {
        stem(w) for w in re.findall(r"[A-Za-z]+", text)
    }
    own = {s for thing in person.things for s in thing.item.stem.split() if not thing.denied}
    own_severity, said_severity = own & severities(), said & severities()
    if own_severity and said_severity and not own_severity & said_severity:
        return True
    for a, b in words_table()["opposites"]:
        for x, y in ((a, b), (b, a)):
            if stem(x) in own and stem(y) in said and stem(x) not in said and stem(y) not in own:
                return True
    return False
