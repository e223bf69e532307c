"""The arms of a page, told apart with the help of its interventions.

    label  description*  type?  (name type-marker description*)*          an arm

Nothing marks where an intervention's description ends and the next arm's label stands, and in observational studies
nothing marks an arm at all. But the Interventions section says every name and description again. So the arms are the
cheapest way to read the lines as the units above: what the layout forbids is costly, what only looks odd costs little.
A line that fits nowhere is left over at a price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Literal, NamedTuple

from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, Text, block_text, range_of, value_text
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


_Node = tuple[int, int]
"""How many lines are read, and the state after them."""
_Step = tuple[_Node, _Unit, int | None]
"""The node a step came from, the unit it read, and an intervention's entry."""


def arms(body: Sequence[Line], interventions: Sequence[Record]) -> tuple[tuple[Arm, ...], list[Line]]:
    """The arms in `body`, and the lines that belong to none. Time is linear in the lines."""
    known = _Known(interventions)
    alignment = _Alignment(body, known)
    readings = [alignment.cheapest(described=True)]
    if not alignment.typed:
        # Where nothing marks an arm, either the arms have descriptions or they have none: the cheaper of the two.
        readings.append(alignment.cheapest(described=False))
    _, units = min(readings, key=lambda reading: reading[0])
    return _assembled(body, units)


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
        while end < limit and body[end].mark not in _markers():
            end += 1
        words = [line.text for line in body[at + 2 : end]]
        for length in sorted(lengths, reverse=True):
            entry = lengths[length].get(tuple(words[:length])) if length <= len(words) else None
            if entry is not None:
                return length, entry, True
        entries = [entry for same in lengths.values() for entry in same.values()]
        return 0, entries[0] if len(entries) == 1 else None, False


class _Alignment:
    """The cheapest way from the first line to the last, by Dijkstra's algorithm over lines read and states.

    Most pages can be read at no price at all; their other readings are never looked at.
    """

    def __init__(self, body: Sequence[Line], known: _Known) -> None:
        self.body, self.known, self.described = body, known, True
        # The page's other labels are mere words here.
        group_type, intervention_type = _markers()
        self.is_type = [line.mark == group_type for line in body]
        self.is_kind = [line.mark == intervention_type for line in body] + [False]
        self.typed = any(self.is_type)
        self.listed = any(self.is_kind)
        self.apart = any(line.opens for line in body[1:])
        self.repeated = _repeated(body)
        self.left_over = _LEFT_OVER_AMONG_TYPED if self.typed else _LEFT_OVER

    def cheapest(self, *, described: bool) -> tuple[float, list[_Read]]:
        """The price and the units of the cheapest reading, where arms are taken to have descriptions or none."""
        self.described = described
        end = len(self.body)
        came: dict[_Node, _Step | None] = {}
        # Of equal prices the reading that has come farthest goes on; the running number keeps steps uncompared.
        number = count()
        queue: list[tuple[float, int, int, int, _Step | None]] = [(0.0, 0, next(number), _START, None)]
        while True:
            cost, before, _, state, step = heappop(queue)
            at = -before
            if at > end:
                return cost, _back(came, (end, state))
            node = (at, state)
            if node in came:
                continue
            came[node] = step
            if at == end:
                heappush(queue, (cost + self._headless(state), -end - 1, next(number), state, None))
                continue
            for price, to, unit, reached, entry in self._moves(at, state):
                heappush(queue, (cost + price, -reached, next(number), to, (node, unit, entry)))

    def _moves(self, at: int, state: int) -> Iterator[tuple[float, int, _Unit, int, int | None]]:
        """What may be read next: its price, the state after it, the unit, where it ends, an intervention's entry."""
        if self.is_type[at] or self.is_kind[at]:
            yield _LEFT_OVER_MARKER, state, "left over", at + 1, None
            if self.is_type[at] and state in _HEAD:
                yield 0.0, _TYPED, "type", at + 1, None
            return
        yield self.left_over, state, "left over", at + 1, None
        yield self._as_label(at, state), _LABEL, "label", at + 1, None
        if state in _HEAD:
            yield self._as_description(at, state), _DESCRIBED, "description", at + 1, None
        elif state == _ADRIFT:
            yield _STRAY, state, "stray", at + 1, None
        if self.is_kind[at + 1] and state != _START:
            headed = _UNTYPED if state in _HEAD and self.typed else 0.0
            if self.known.knows(self.body[at], self.body[at + 1]):
                length, entry, found = self.known.described(self.body, at)
                yield headed, _LISTED if found else _ADRIFT, "intervention", at + 2 + length, entry
            else:
                yield headed + _UNKNOWN_INTERVENTION, _ADRIFT, "intervention", at + 2, None

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


def _back(came: Mapping[_Node, _Step | None], node: _Node) -> list[_Read]:
    """The units of a reading that ends at the node, in the order of the lines."""
    units: list[_Read] = []
    while step := came[node]:
        before, unit, entry = step
        units.append(_Read(unit, before[0], node[0], entry))
        node = before
    return units[::-1]


def _markers() -> tuple[str, str]:
    """What opens the line of an arm's type, and of an intervention's."""
    markers = layout().markers
    return markers["group_type"], markers["intervention_type"]


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
        ArmIntervention(body[r.start], body[r.start + 1].value, r.entry) for r in units if r.unit == "intervention"
    )
    words = block_text(description) if description else None
    return Arm(label, words, kind, listed, range_of(body[units[0].start : units[-1].end]))
