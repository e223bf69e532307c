"""What the model found, put together with what the rules found. The policy and its reasons: docs/design/model.md.

rules state nothing        the model's value stands
rules state a value        it stands, and a different one of the model's is listed as a disagreement
words run together         the split that the model cites stands, if it covers exactly the words of the line: there
                           the rules only guess, and neither can add or lose a word
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extract.evidence import Evidence, fold
from extract.extraction import Extraction, Finding
from extract.model.asks import Ask, asks
from extract.model.ground import Accepted, Rejected, Verdict
from extract.model.texts import Tokens
from extract.source import Source
from extract.study import Study

DISAGREES = "model-disagrees"
REJECTED = "model-rejected"

Item = dict[str, list[Accepted]]
"""An item of a list, by its members; a member that is a list has several values."""

_BRIEF = 120


@dataclass
class Found:
    """What the model found in one record, over all calls: values by field and item, and what did not hold."""

    single: dict[str, Accepted] = field(default_factory=dict)
    several: dict[str, list[Accepted]] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Take in what came of one reply. Of a single value the first stands; lists grow by what they have not."""
        items: dict[tuple[str, str], Item] = {}
        for verdict in verdicts:
            ask = verdict.ask
            if isinstance(verdict, Rejected):
                self.rejected.setdefault(ask.name, verdict)
            elif ask.items:
                number = verdict.pointer.removeprefix(f"{ask.items}/").partition("/")[0]
                items.setdefault((ask.items, number), {}).setdefault(ask.member, []).append(verdict)
            elif ask.many:
                known = self.several.setdefault(ask.name, [])
                if not any(_same(verdict.value, k.value) for k in known):
                    known.append(verdict)
            else:
                self.single.setdefault(ask.name, verdict)
        for (where, _), item in items.items():
            self._add_item(where, item)

    def _add_item(self, where: str, item: Item) -> None:
        keys = {a.member for a in asks().values() if a.items == where and a.key}
        known = self.items.setdefault(where, [])
        if keys & set(item) and not any(_same_item(item, k) for k in known):
            known.append(item)


def merge(
    extraction: Extraction, found: Found, source: Source, wanted: Sequence[Ask]
) -> tuple[Extraction, list[Finding]]:
    """The extraction with what the model found, and what is to be said of that. Only fields that were asked for are
    touched."""
    merged = _Merge(extraction, source)
    for ask in wanted:
        if ask.items is None:
            single = [found.single[ask.name]] if ask.name in found.single else []
            merged.values(ask, found.several.get(ask.name, []) if ask.many else single)
    for where in dict.fromkeys(a.items for a in wanted if a.items):
        merged.items(where, found.items.get(where, []))
    for ask in wanted:
        if ask.name in found.rejected:
            merged.rejected(ask, found.rejected[ask.name].reason)
    return merged.result(), merged.findings


def runs_together(extraction: Extraction, ask: Ask, source: Source) -> bool:
    """Whether the rules split a line at its spaces alone: any other split of its words is as possible."""
    evidence = _evidence_below(extraction.evidence, ask.pointer.removesuffix("/*"))
    lines = {e.lines for e in evidence}
    if not ask.many or ask.items or ask.field.kind != "text" or len(lines) != 1:
        return False
    ((first, last),) = lines
    words = fold(source.line(first)) if first == last else ""
    return " " in words and _covers([e.quote for e in evidence], words)


class _Merge:
    """An extraction in the making: the rules' study, evidence and outcomes, and what is added to them."""

    def __init__(self, extraction: Extraction, source: Source) -> None:
        self._extraction = extraction
        self._source = source
        self._study = extraction.study.model_dump(mode="json")
        self._evidence = dict(extraction.evidence)
        self._outcomes = dict(extraction.outcomes)
        self.findings: list[Finding] = []

    def result(self) -> Extraction:
        """The extraction."""
        parts = {"evidence": self._evidence, "outcomes": self._outcomes}
        return self._extraction.model_copy(update={"study": Study.model_validate(self._study), **parts})

    def values(self, ask: Ask, proposed: Sequence[Accepted]) -> None:
        """A field that stands by itself: one value, or a list of them."""
        pointer = ask.pointer.removesuffix("/*")
        stated = _at(self._study, pointer)
        if not proposed:
            return
        if stated in (None, []):
            self._put(pointer, ask, proposed)
        elif not ask.many:
            self._compare(pointer, stated, proposed[0])
        elif not _same_list(stated, proposed):
            if runs_together(self._extraction, ask, self._source) and self._resplits(pointer, proposed):
                self._drop(pointer)
                self._put(pointer, ask, proposed)
            else:
                both = [*_evidence_below(self._evidence, pointer), *map(_proof, proposed)]
                self._disagreement(ask.name, stated, [p.value for p in proposed], both)

    def items(self, where: str, proposed: Sequence[Item]) -> None:
        """The items of a list: all of the model's where the rules have none, else those of both side by side."""
        stated = _at(self._study, where) or []
        if not stated:
            for n, item in enumerate(proposed):
                self._put_item(f"{where}/{n}", item)
            return
        left = list(range(len(stated)))
        for item in proposed:
            at = max(left, key=lambda n: _likeness(stated[n], item), default=None)
            if at is None or not _likeness(stated[at], item):
                values = [a.value for same in item.values() for a in same]
                self._disagreement(
                    where.rpartition("/")[2], None, values, [_proof(a) for s in item.values() for a in s]
                )
                continue
            left.remove(at)
            self._merge_item(f"{where}/{at}", stated[at], item)

    def rejected(self, ask: Ask, reason: str) -> None:
        """A field for which nothing stands because what was proposed did not hold."""
        if self._outcomes.get(ask.pointer) != "extracted":
            self._outcomes[ask.pointer] = "rejected"
            self._find(REJECTED, f"{ask.name}: the model's value was rejected: {reason}", [])

    def _merge_item(self, at: str, stated: Mapping[str, Any], item: Item) -> None:
        for member, proposed in item.items():
            there = stated.get(member)
            if there in (None, []):
                self._put(f"{at}/{member}", proposed[0].ask, proposed)
            elif isinstance(there, list):
                if not _same_list(there, proposed):
                    both = [*_evidence_below(self._evidence, f"{at}/{member}"), *map(_proof, proposed)]
                    self._disagreement(_short(f"{at}/{member}"), there, [p.value for p in proposed], both)
            else:
                self._compare(f"{at}/{member}", there, proposed[0])

    def _compare(self, pointer: str, stated: object, proposed: Accepted) -> None:
        if not _same(stated, proposed.value):
            both = [*self._evidence.get(pointer, []), _proof(proposed)]
            self._disagreement(_short(pointer), stated, proposed.value, both)

    def _resplits(self, pointer: str, proposed: Sequence[Accepted]) -> bool:
        """Whether the proposed items are the words of the rules' line, all of them, in order."""
        (lines, *_) = {e.lines for e in _evidence_below(self._evidence, pointer)}
        return all(p.lines == lines for p in proposed) and _covers(
            [p.quote for p in proposed], fold(self._source.line(lines[0]))
        )

    def _put_item(self, at: str, item: Item) -> None:
        for member, proposed in item.items():
            self._put(f"{at}/{member}", proposed[0].ask, proposed)

    def _put(self, pointer: str, ask: Ask, proposed: Sequence[Accepted]) -> None:
        for n, accepted in enumerate(proposed):
            at = f"{pointer}/{n}" if ask.many else pointer
            _set(self._study, at, accepted.value)
            self._evidence[at] = [_proof(accepted)]
        self._outcomes[ask.pointer] = "extracted"

    def _drop(self, pointer: str) -> None:
        """Take out a list, with its evidence."""
        _set(self._study, pointer, [])
        for known in [p for p in self._evidence if p.startswith(f"{pointer}/")]:
            del self._evidence[known]

    def _disagreement(self, name: str, stated: object, proposed: object, evidence: list[Evidence]) -> None:
        rules = "nothing of the kind" if stated is None else _brief(stated)
        self._find(DISAGREES, f"{name}: the rules read {rules}, the model {_brief(proposed)}", evidence)

    def _find(self, code: str, message: str, evidence: list[Evidence]) -> None:
        self.findings.append(Finding(code=code, severity="info", message=message, evidence=evidence))


def _proof(accepted: Accepted) -> Evidence:
    return Evidence(lines=accepted.lines, quote=accepted.quote, method="model")


def _evidence_below(evidence: Mapping[str, list[Evidence]], pointer: str) -> list[Evidence]:
    """The evidence of what a list holds, in the order of its items."""
    found: list[Evidence] = []
    while f"{pointer}/{len(found)}" in evidence:
        found.append(evidence[f"{pointer}/{len(found)}"][0])
    return found


def _covers(quotes: Sequence[str], words: str) -> bool:
    return fold(" ".join(quotes)) == words


def _same(one: object, other: object) -> bool:
    """Whether two values say the same: texts by their words, everything else exactly."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or Tokens(one).norms == Tokens(other).norms
    return one == other and type(one) is type(other)


def _same_list(stated: Sequence[object], proposed: Sequence[Accepted]) -> bool:
    return len(stated) == len(proposed) and all(_same(s, p.value) for s, p in zip(stated, proposed, strict=True))


def _same_item(one: Item, other: Item) -> bool:
    return one.keys() == other.keys() and all(_same_list([a.value for a in one[m]], other[m]) for m in one)


def _likeness(stated: Mapping[str, Any], item: Item) -> int:
    """How many members of two items agree; 0 when the members that make them an item do not."""
    agree = {m: _agrees(stated.get(m), proposed) for m, proposed in item.items()}
    keys = [m for m, proposed in item.items() if proposed[0].ask.key]
    return sum(agree.values()) if all(agree[m] for m in keys) else 0


def _agrees(stated: object, proposed: Sequence[Accepted]) -> bool:
    return _same_list(stated, proposed) if isinstance(stated, list) else _same(stated, proposed[0].value)


def _short(pointer: str) -> str:
    """A pointer from the last name of a module on: "armGroups/0/type"."""
    steps = pointer.split("/")
    return "/".join(steps[3:] if steps[1:2] == ["protocolSection"] else steps[1:])


def _brief(value: object) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    words = fold(text)
    return f'"{words if len(words) <= _BRIEF else words[: _BRIEF - 1] + "…"}"'


def _at(study: Mapping[str, Any], pointer: str) -> Any:
    node: Any = study
    for step in pointer.split("/")[1:]:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _set(study: dict[str, Any], pointer: str, value: object) -> None:
    """Set a value; what it stands in is made where it is missing, lists for steps in digits."""
    steps = pointer.split("/")[1:]
    node: Any = study
    for step, below in zip(steps, [*steps[1:], ""], strict=True):
        new: object = value if not below else [] if below.isdigit() else {}
        if isinstance(node, list):
            if int(step) == len(node):
                node.append(new)
            elif not below:
                node[int(step)] = value
            node = node[int(step)]
        else:
            node = node.setdefault(step, new) if below else node.__setitem__(step, value)
