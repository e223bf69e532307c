"""The arms of a page, told apart with the help of its interventions.

    label  description*  type?  (name type-marker description*)*          an arm

Nothing marks where an intervention's description ends and the next arm's label stands, and in observational studies
nothing marks an arm at all. But the Interventions section says every name and description again. So the arms are the
cheapest way to read the lines as the units above, found by dynamic programming: what the layout forbids is costly,
what only looks odd costs little. A line that fits nowhere is left over at a price.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Literal, NamedTuple

from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, Text, block_text, line_text, value_text
from extract.readers.page_records import Record
from extract.source import LineRange

# States: what the last unit was. Adrift is after an intervention whose description the Interventions section does not
# give: only there, and after a label, is it open where the next arm begins.
_START, _LABEL, _DESCRIBED, _TYPED, _LISTED, _ADRIFT = range(6)
_HEAD = (_LABEL, _DESCRIBED)

_Unit = Literal["label", "description", "type", "intervention", "stray", "left over"]

# What the layout forbids, by price: an arm without a type where arms have types, an intervention that its section does
# not have, a marker that belongs to nothing, another line that does, a label inside a paragraph.
_UNTYPED, _UNKNOWN_INTERVENTION = 1000.0, 3.0
_LEFT_OVER_MARKER, _LEFT_OVER, _LEFT_OVER_AMONG_TYPED = 8.0, 6.0, 2.0
_NOT_APART = 6.0
# What looks odd in an arm that no type marks: to have no description or intervention when others have one, ...
_UNLIKE_THE_OTHERS, _UNLISTED = 3.0, 2.0
# ... a label that is long, ends like a sentence, begins in its middle, is said twice, is longer than the one above, ...
_LONG_LABEL, _ENDS_LIKE_A_SENTENCE, _STARTS_LIKE_A_FRAGMENT, _SAID_BEFORE, _LABEL_OUTGROWN = 6.0, 1.0, 1.0, 3.0, 1.0
# ... a description that says no more than its label, or goes on; words behind an intervention that are not its own.
_SHORT_DESCRIPTION, _MORE_DESCRIPTION, _STRAY = 2.0, 0.7, 0.5

_LONGEST_LABEL = 110
"""Registries allow 100 characters in an arm's label."""
_SHORT = 60
_BULLETS = "*-•\\"


class ArmIntervention(NamedTuple):
    """An intervention as an arm lists it. `entry` is its place in the Interventions section, None if it isn't there."""

    name: Text
    type: str
    entry: int | None


class Arm(NamedTuple):
    """One arm or cohort and the interventions listed with it."""

    label: Text
    description: Text | None
    type: Text | None
    interventions: tuple[ArmIntervention, ...]
    lines: LineRange


class _Read(NamedTuple):
    """Lines read as one unit, by their indexes; `entry` is the place of an intervention in its section."""

    unit: _Unit
    start: int
    end: int
    entry: int | None


class _Step(NamedTuple):
    """The cheapest way to a state after some lines: what it cost, the unit read last and where that began."""

    cost: float
    start: int
    state: int
    unit: _Unit
    entry: int | None = None


def arms(body: Sequence[Line], interventions: Sequence[Record]) -> tuple[tuple[Arm, ...], list[Line]]:
    """The arms in `body`, and the lines that belong to none. Time is linear in the lines."""
    known = _Known(interventions)
    reading = _Alignment(body, known, described=True)
    if not reading.typed:
        # Where nothing marks an arm, either the arms have descriptions or they have none: the cheaper of the two.
        reading = min(reading, _Alignment(body, known, described=False), key=lambda r: r.cost)
    return _assembled(body, reading.units)


class _Known:
    """What the Interventions section says, by name and type, and then by how many lines the description has."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._by_name: dict[tuple[str, str], dict[int, dict[tuple[str, ...], int]]] = {}
        for entry, record in enumerate(records):
            words = [line.text for line in record.body[:-1]]
            if words:
                lengths = self._by_name.setdefault((words[0], record.body[-1].value), {})
                lengths.setdefault(len(words) - 1, {}).setdefault(tuple(words[1:]), entry)

    def knows(self, name: Line, kind: Line) -> bool:
        """Whether the section has an intervention of this name and type."""
        return (name.text, kind.value) in self._by_name

    def described(self, body: Sequence[Line], at: int) -> tuple[int, int | None, bool]:
        """For the known intervention named at `at`: how many lines its description takes here, its place in the
        section, and whether it is found. Without it the place is told by the name, if only one has it."""
        lengths = self._by_name[body[at].text, body[at + 1].value]
        end, limit = at + 2, min(len(body), at + 2 + max(lengths))
        while end < limit and not _is_marker(body[end]):
            end += 1
        words = [line.text for line in body[at + 2 : end]]
        for length in sorted(lengths, reverse=True):
            entry = lengths[length].get(tuple(words[:length])) if length <= len(words) else None
            if entry is not None:
                return length, entry, True
        entries = [entry for same in lengths.values() for entry in same.values()]
        return 0, entries[0] if len(entries) == 1 else None, False


class _Alignment:
    """The dynamic programme: `best[i][s]` is the cheapest way to read the first i lines and end in state s."""

    def __init__(self, body: Sequence[Line], known: _Known, described: bool) -> None:
        self.body, self.known, self.described = body, known, described
        self.is_type = [_is_marker(line, "group_type") for line in body]
        self.is_kind = [_is_marker(line, "intervention_type") for line in body] + [False]
        self.typed = any(self.is_type)
        self.listed = any(self.is_kind)
        self.apart = any(line.opens for line in body[1:])
        self.best: list[dict[int, _Step]] = [{} for _ in range(len(body) + 1)]
        self.best[0][_START] = _Step(0.0, 0, _START, "left over")
        self.repeated = _repeated(body)
        for at in range(len(body)):
            for state, step in self.best[at].items():
                self._read_on(at, state, step.cost)
        ends = {state: step.cost + self._headless(state) for state, step in self.best[-1].items()}
        self.end = min(ends, key=ends.__getitem__)
        self.cost = ends[self.end]

    @property
    def units(self) -> list[_Read]:
        """The cheapest reading."""
        units: list[_Read] = []
        end, state = len(self.body), self.end
        while end:
            step = self.best[end][state]
            units.append(_Read(step.unit, step.start, end, step.entry))
            end, state = step.start, step.state
        return units[::-1]

    def _read_on(self, at: int, state: int, cost: float) -> None:
        """Everything that may be read next after `at` lines."""
        marker = self.is_type[at] or self.is_kind[at]
        price = _LEFT_OVER_MARKER if marker else _LEFT_OVER_AMONG_TYPED if self.typed else _LEFT_OVER
        self._offer(at, state, "left over", at + 1, state, cost + price)
        if self.is_type[at] and state in _HEAD:
            self._offer(at, state, "type", at + 1, _TYPED, cost)
        if not marker:
            if self.is_kind[at + 1] and state != _START:
                self._offer_intervention(at, state, cost)
            if state in _HEAD:
                self._offer(at, state, "description", at + 1, _DESCRIBED, cost + self._as_description(at, state))
            elif state == _ADRIFT:
                self._offer(at, state, "stray", at + 1, state, cost + _STRAY)
            self._offer(at, state, "label", at + 1, _LABEL, cost + self._as_label(at, state))

    def _offer_intervention(self, at: int, state: int, cost: float) -> None:
        if state in _HEAD and self.typed:
            cost += _UNTYPED
        length, entry, to = 0, None, _ADRIFT
        if self.known.knows(self.body[at], self.body[at + 1]):
            length, entry, found = self.known.described(self.body, at)
            to = _LISTED if found else _ADRIFT
        else:
            cost += _UNKNOWN_INTERVENTION
        self._offer(at, state, "intervention", at + 2 + length, to, cost, entry)

    def _offer(
        self, start: int, state: int, unit: _Unit, end: int, to: int, cost: float, entry: int | None = None
    ) -> None:
        held = self.best[end].get(to)
        if held is None or cost < held.cost:
            self.best[end][to] = _Step(cost, start, state, unit, entry)

    def _headless(self, state: int) -> float:
        """The price of leaving an arm with neither type nor intervention, where others have them; and without a
        description, where others have one."""
        if state not in _HEAD:
            return 0.0
        if self.typed:
            return _UNTYPED
        undescribed = _UNLIKE_THE_OTHERS if state == _LABEL and self.described else 0.0
        return undescribed + (_UNLISTED if self.listed else 0.0)

    def _as_label(self, at: int, state: int) -> float:
        """Where an arm must begin, anything may be its label; elsewhere it should look like one."""
        if state not in (_LABEL, _DESCRIBED, _ADRIFT):
            return 0.0
        line = self.body[at]
        cost = self._headless(state)
        if self.apart and not line.opens:
            cost += _NOT_APART
        if len(line.text) > _LONGEST_LABEL:
            cost += _LONG_LABEL
        if line.text[-1] in ".;:,":
            cost += _ENDS_LIKE_A_SENTENCE
        if line.text[0].islower() or line.text[0] in _BULLETS:
            cost += _STARTS_LIKE_A_FRAGMENT
        if at in self.repeated:
            cost += _SAID_BEFORE
        if state == _LABEL:
            above = self.body[at - 1].text
            outgrown = 1.0 if _repeats(line.text, above) else min(1.0, max(0.0, len(line.text) / len(above) - 1.0))
            cost += _LABEL_OUTGROWN * outgrown
        return cost

    def _as_description(self, at: int, state: int) -> float:
        """A description says more than its label: twice the length is nothing odd, the same length is. Most have one
        paragraph."""
        text, above = self.body[at].text, self.body[at - 1].text
        if self.typed:
            return 0.0
        if state == _DESCRIBED:
            return 0.0 if text[0] in _BULLETS or above[-1] == ":" else _MORE_DESCRIPTION
        cost = 0.0 if self.described else _UNLIKE_THE_OTHERS
        if text[-1] not in ".;:" and len(text) <= _SHORT and not _repeats(text, above):
            cost += _SHORT_DESCRIPTION * min(1.0, max(0.0, 2.0 - len(text) / len(above)))
        return cost


def _is_marker(line: Line, *names: str) -> bool:
    """Whether a marker of arms opens the line, of these names or any. The page's other labels are mere words here."""
    return line.mark is not None and line.mark in (
        layout().markers[n] for n in names or ("group_type", "intervention_type")
    )


def _repeated(body: Sequence[Line]) -> set[int]:
    """Lines that another line of the section says too, other than the one below them."""
    first: dict[str, int] = {}
    repeated: set[int] = set()
    for at, line in enumerate(body):
        before = first.setdefault(line.text, at)
        if before < at - 1:
            repeated |= {before, at}
    return repeated


def _repeats(text: str, label: str) -> bool:
    """Whether a line says the label above it once more, as descriptions do."""
    return label.casefold() in text.casefold()


def _assembled(body: Sequence[Line], units: Sequence[_Read]) -> tuple[tuple[Arm, ...], list[Line]]:
    """Arms out of the units: each runs from its label to the unit before the next label."""
    rest = [line for r in units if r.unit == "left over" for line in body[r.start : r.end]]
    kept = [r for r in units if r.unit != "left over"]
    labels = [k for k, r in enumerate(kept) if r.unit == "label"]
    ends = [*labels[1:], len(kept)]
    return tuple(_arm(body, kept[a:b]) for a, b in zip(labels, ends, strict=False)), rest


def _arm(body: Sequence[Line], units: Sequence[_Read]) -> Arm:
    label = body[units[0].start]
    # Lines that follow a left-over one are no part of the description, or its quote would not be whole.
    described = (r.start for r in units if r.unit == "description")
    description = [body[at] for at, whole in zip(described, count(units[0].start + 1), strict=False) if at == whole]
    kind = next((value_text(body[r.start]) for r in units if r.unit == "type"), None)
    listed = tuple(
        ArmIntervention(line_text(body[r.start]), body[r.start + 1].value, r.entry)
        for r in units
        if r.unit == "intervention"
    )
    words = block_text(description) if description else None
    return Arm(line_text(label), words, kind, listed, (label.number, body[units[-1].end - 1].number))
