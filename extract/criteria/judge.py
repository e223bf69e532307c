"""One criterion against one patient: met, violated, or unknown and what to ask.

A criterion says more than its constraints, so a decision needs to be certain of the rest:

    inclusion   violated by a constraint that all must meet; met when every constraint holds and nothing else is asked
    exclusion   violated when what excludes holds and nothing else is needed; met when it cannot hold
    either      undecided as soon as words limit, let off, deny or offer alternatives

`met` means that the criterion doesn't stand against the patient: an exclusion is met by who hasn't what excludes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from extract.criteria.constraints import Constraint
from extract.criteria.evaluate import Answer, evaluate
from extract.criteria.measures import table
from extract.criteria.patient import Patient
from extract.criteria.patient_words import words as patient_words
from extract.criteria.wording import (
    CONSTRAINT,
    Rest,
    defines,
    exemplifies,
    items,
    may_describe,
    names_the_same,
    rest_of,
    sex_of,
    speaks_of_age,
)

Kind = Literal["inclusion", "exclusion"]
Status = Literal["met", "violated", "unknown"]
Meaning = Literal["requirement", "definition", "example", "aside"]
Combine = Literal["all", "any", "agree"]
"""How truths combine: every one is needed, one is enough, or which of the two is not said and they must agree."""
_BREAK = re.compile(r"[()\[\].:;]")
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_BEFORE = 40
"""How far before a constraint the words stand that say it defines or exemplifies."""


class Part(NamedTuple):
    """A constraint of the criterion with its answer.

    truth: the answer, with the words that deny it counted. meaning: how it stands in its sentence; a definition
    ("anemia (Hb < 10 g/dL)"), an example, or what parentheses hold beside other words, is not asked by itself.
    """

    constraint: Constraint
    answer: Answer
    truth: bool | None
    meaning: Meaning


class Decision(NamedTuple):
    """What a criterion says about the patient.

    settled: whether the parts are known well enough, taken together, that none needs asking. named: what the patient
    has or hasn't of what the words name. more: whether the words ask something besides the parts.
    """

    status: Status
    parts: tuple[Part, ...] = ()
    settled: bool = False
    named: tuple[str, ...] = ()
    more: bool = False


def decide(text: str, kind: Kind, constraints: Sequence[Constraint], patient: Patient) -> Decision:
    """The decision on one criterion, read alone."""
    rows = _rows(text, constraints)
    known = {c.condition: _has(c.condition, patient) for c in constraints if c.condition}
    applying = _applying(constraints, known, patient)
    rest = _rest(text, rows, constraints, known)
    if not constraints:
        return _by_name(rest, text, kind, patient)
    parts = tuple(_part(c, _meaning(text, rows, c), known, patient) for c in applying)
    if rest.content:
        parts = tuple(_doubted(part) for part in parts)
    joined = said = None
    denied = rest.negated and not any(c.negated for c in applying)
    if parts and not rest.conditions and not denied and not (kind == "exclusion" and rest.obliged):
        alone = not rest_of(text[rows[-1][1] :]).content
        joined, said = _inclusion(parts, rest) if kind == "inclusion" else _exclusion(parts, rest, alone=alone)
    if sex_of(text) not in (None, patient.sex) and (kind == "inclusion" or said):
        said = None  # it speaks of the other sex, or of one that the patient may not be
    status = _status(said, kind)
    more = status == "unknown" and (bool(rest.content) or any(part.constraint.variable is None for part in parts))
    return Decision(status, parts, settled=joined is not None, more=more)


def _status(said: bool | None, kind: Kind) -> Status:
    return "unknown" if said is None else "met" if said == (kind == "inclusion") else "violated"


def _applying(
    constraints: Sequence[Constraint], known: Mapping[str, bool | None], patient: Patient
) -> list[Constraint]:
    """The constraints that concern the patient: of their sex, under a condition they may have, not replaced by it."""
    replaced = {c.variable for c in constraints if c.condition and known[c.condition]}
    return [
        c
        for c in constraints
        if c.sex in (None, patient.sex) or patient.sex is None
        if (known[c.condition] is not False if c.condition else c.variable not in replaced)
    ]


def _part(constraint: Constraint, meaning: Meaning, known: Mapping[str, bool | None], patient: Patient) -> Part:
    answer = evaluate(constraint, patient)
    certain = not (constraint.excepted or constraint.conditional)
    certain = certain and (constraint.condition is None or known[constraint.condition] is True)
    truth = answer.truth if certain else None
    return Part(constraint, answer, truth if truth is None else truth != constraint.negated, meaning)


def _doubted(part: Part) -> Part:
    """The part without its truth where it may not be the patient's age: "an ulcer for less than 1 year"."""
    age = part.constraint.variable == "age"
    return part._replace(truth=None) if age and not speaks_of_age(part.constraint.quote) else part


def _rows(text: str, constraints: Sequence[Constraint]) -> list[tuple[int, int]]:
    """Where constraints stand in the text; those that only commas, "and", "or" and fillers part are one row."""
    rows: list[tuple[int, int]] = []
    for start, end in sorted({c.chars for c in constraints}):
        if rows and (start < rows[-1][1] or _joins(text[rows[-1][1] : start])):
            rows[-1] = (rows[-1][0], max(end, rows[-1][1]))
        else:
            rows.append((start, end))
    return rows


def _joins(between: str) -> bool:
    rest = rest_of(between)
    return not (_BREAK.search(between) or rest.content or rest.conditions or rest.negated)


def _meaning(text: str, rows: Sequence[tuple[int, int]], constraint: Constraint) -> Meaning:
    start, end = next(row for row in rows if row[0] <= constraint.chars[0] < row[1])
    marked = text[max(0, start - _BEFORE) : start] + CONSTRAINT + text[end : end + 2]
    if exemplifies(marked):
        return "example"
    if defines(marked):
        return "definition"
    before = text[:start]
    opened = max(before.rfind("("), before.rfind("["))
    return "aside" if opened > max(before.rfind(")"), before.rfind("]")) else "requirement"


def _rest(
    text: str,
    rows: Sequence[tuple[int, int]],
    constraints: Sequence[Constraint],
    known: Mapping[str, bool | None],
) -> Rest:
    """What the text says besides its constraints and the conditions that the patient is known to have or not.

    The words of a score's own name ask nothing more: "NYHA class III heart failure".
    """
    out, end = [], 0
    for start, stop in rows:
        out += [text[end:start], CONSTRAINT]
        end = stop
    without = "".join((*out, text[end:]))
    settled = [condition for condition, has in known.items() if has is not None]
    for condition in settled:
        without = without.replace(condition, "")
    # A quote may hold the words that limit it ("≤ 2 in patients with …"), so these are looked for everywhere.
    whole = rest_of(text)
    rest = rest_of(without)._replace(conditions=max(0, whole.conditions - len(settled)), obliged=whole.obliged)
    scores = [table()[c.variable] for c in constraints if c.kind == "score" and c.variable]
    own = {word for score in scores for alias in score.aliases for word in rest_of(alias).content}
    return rest._replace(content=tuple(word for word in rest.content if word not in own))


def _inclusion(parts: Sequence[Part], rest: Rest) -> tuple[bool | None, bool | None]:
    """(truth of the parts together, truth of the whole)"""
    joined = _joined(parts, sharing_or="agree", otherwise="all")
    asked = [part for part in parts if part.meaning == "requirement" or not rest.content]
    if asked and not rest.alternatives and _joined(asked, sharing_or="agree", otherwise="all") is False:
        return joined, False
    return joined, True if joined and not rest.content else None


def _exclusion(parts: Sequence[Part], rest: Rest, *, alone: bool) -> tuple[bool | None, bool | None]:
    """(truth of the parts together, truth of the whole). alone: whether nothing is asked behind the parts."""
    meanings = {part.meaning for part in parts}
    # Words beside an age or a time say whose it is: "seizures (over 18 years old)", "surgery within 3 months".
    measured = not any(part.constraint.kind in ("age", "window", "duration") for part in parts)
    named = meanings == {"example"} or (meanings == {"definition"} and not rest.listed)
    names_all = named and measured and alone
    joined = _joined(parts, sharing_or="any", otherwise="any" if names_all and "example" in meanings else "agree")
    if joined and (not rest.content or names_all):
        return joined, True
    decides = not rest.content or (measured and not rest.listed and meanings <= {"requirement", "definition"})
    if joined is False and decides and not rest.alternatives:
        return joined, False
    return joined, None


def _joined(parts: Sequence[Part], *, sharing_or: Combine, otherwise: Combine) -> bool | None:
    """The truth of constraints that words join: by "or" where that joins them all, else as `otherwise` says.

    sharing_or: what "or" means between measures that share a bound ("AST or ALT ≤ 2 × ULN").
    """
    groups = [list(group) for _, group in groupby(parts, key=lambda part: part.constraint.quote)]
    truths = [_combined([p.truth for p in g], _sharing(g, sharing_or, otherwise)) for g in groups]
    joins = [group[0].constraint.connective for group in groups[1:]]
    if joins and all(join == "or" for join in joins):
        return _combined(truths, "any")
    return _combined(truths, "agree" if "or" in joins or _rival(parts) else otherwise)


def _sharing(group: Sequence[Part], sharing_or: Combine, otherwise: Combine) -> Combine:
    """How measures that share a bound combine: "AST and ALT ≤ 2 × ULN" includes by both, excludes by who knows."""
    last = group[-1].constraint.label
    names = group[0].constraint.quote.rpartition(last)[0] if last else ""
    if _OR.search(names) or any(part.constraint.connective == "or" for part in group[1:]):
        return sharing_or
    return otherwise if len({part.constraint.variable for part in group}) > 1 else "all"


def _rival(parts: Sequence[Part]) -> bool:
    """Whether one measure has two bounds on one side: each holds for somebody, and the words say for whom."""
    sides = [
        (part.constraint.variable, side)
        for part in parts
        for side in ("lower", "upper")
        if part.constraint.variable and getattr(part.constraint, side) is not None
    ]
    return len(sides) > len(set(sides))


def _combined(truths: Sequence[bool | None], how: Combine) -> bool | None:
    every, some = all(truths), any(truths)
    none = all(truth is False for truth in truths)
    if how == "all":
        return False if False in truths else True if every else None
    if how == "any":
        return True if some else False if none else None
    return True if every else False if none else None


def _by_name(rest: Rest, text: str, kind: Kind, patient: Patient) -> Decision:
    """A criterion without constraints, by what it names: conditions, drugs, pregnancy."""
    members = items(text)
    if not members or rest.conditions or rest.negated or not _plain(members):
        return Decision("unknown", more=True)
    names = [" ".join(member) for member in members]
    known = [_has(name, patient) for name in names]
    said = _combined(known, "any" if kind == "exclusion" and rest.alternatives else "agree")
    named = tuple(_said(n, patient) for n, has in zip(names, known, strict=True) if has is not None and has == said)
    return Decision(_status(said, kind), named=named, more=said is None)


def _plain(members: Sequence[tuple[str, ...]]) -> bool:
    """Whether each member of a list stands for itself: in "severe pain or nausea" the first word is of both."""
    if len(members) == 1:
        return True
    named = [member for member in members if not _is_state(" ".join(member))]
    short = all(len(member) <= 2 and not may_describe(member) for member in named)
    return not named or (len(members[0]) == 1 and short)


def _said(name: str, patient: Patient) -> str:
    """What the patient's description says of a name that it decides."""
    has = next((item.name for item in patient.items() if names_the_same(item.name, name)), None)
    hasnt = next((f"no {absent}" for absent in patient.absent if names_the_same(absent, name)), None)
    return has or hasnt or (name if _has(name, patient) else f"not {name}")


def _is_state(name: str) -> str | None:
    """Pregnant or breastfeeding, when the name is that state."""
    states = ("pregnant", "breastfeeding")
    return next((s for s in states if any(names_the_same(phrase, name) for phrase in patient_words()[s])), None)


def _has(name: str, patient: Patient) -> bool | None:
    state = _is_state(name)
    if state is not None:
        return False if patient.sex == "male" else patient.pregnant if state == "pregnant" else patient.breastfeeding
    if any(names_the_same(item.name, name) for item in patient.items()):
        return True
    return False if any(names_the_same(absent, name) for absent in patient.absent) else None
