"""A stored record made ready for questions: its values by path, each with a citation, and its units of evidence.

A unit is the smallest thing an answer quotes: a criterion, a sentence of a narrative, a field with its value, a line
of an arm. What a unit is (inclusion criterion, summary, arm …) is told by the values whose evidence stands at its
lines, so that it holds for every format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from extract.evidence import fold, pointer, steps
from extract.reading import Passage
from extract.source import LineRange, Source
from qa.answer import Citation
from qa.sentences import sentences

if TYPE_CHECKING:
    from extract.criteria.constraints import Constraint
    from index.stored import Stored

UnitKind = Literal[
    "inclusion",
    "exclusion",
    "summary",
    "description",
    "arm",
    "intervention",
    "outcome",
    "field",
    "heading",
    "title",
    "text",
]
"""heading: the name or type of an arm or intervention, which gives meaning and proves little by itself."""

_KIND_OF_PATH: tuple[tuple[str, UnitKind], ...] = (
    ("/protocolSection/descriptionModule/briefSummary", "summary"),
    ("/protocolSection/descriptionModule/detailedDescription", "description"),
    ("/protocolSection/armsInterventionsModule/armGroups", "arm"),
    ("/protocolSection/armsInterventionsModule/interventions", "intervention"),
    ("/protocolSection/outcomesModule", "outcome"),
    ("/protocolSection/identificationModule/briefTitle", "title"),
    ("/protocolSection/identificationModule/officialTitle", "title"),
    ("/protocolSection", "field"),
    ("/hasResults", "field"),
    ("/relatedTrials", "field"),
)
_ELIGIBILITY = "/protocolSection/eligibilityModule/eligibilityCriteria"
_HEADING = 80
"""Characters up to which a line that ends in a colon heads what follows ("Primary objective:")."""
_WEAK = frozenset({"heading", "field"})


class Value(NamedTuple):
    """A value of the study and where it stands there."""

    pointer: str
    value: Any


class Unit(NamedTuple):
    """A piece of evidence: verbatim `text` (white space folded) of `lines`, `number` in the record's order. `label` is
    what it belongs to (a criterion's id, an arm's name, a section) and `context` what it is understood with (a parent
    criterion, a section): neither is part of its text. `constraints` are a criterion's, as JSON."""

    number: int
    text: str
    lines: LineRange
    kind: UnitKind
    label: str
    context: str = ""
    constraints: Sequence[Mapping[str, Any]] = ()

    @property
    def of_criteria(self) -> bool:
        """Whether it is an eligibility criterion."""
        return self.kind in ("inclusion", "exclusion")

    def parsed(self) -> list[Constraint]:
        """A criterion's constraints."""
        from extract.criteria.constraints import Constraint

        return [Constraint.from_json(c) for c in self.constraints]


class Record:
    """One document of a library, as long as that is open. Everything is made when it is first asked for."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self.id = stored.id
        """The document's id in the library: its NCT number, or its file's stem."""

    @cached_property
    def source(self) -> Source:
        """Its numbered lines."""
        return self._stored.source

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What its reader made of the lines."""
        return self._stored.passages

    @cached_property
    def _extraction(self) -> Mapping[str, Any]:
        json: Mapping[str, Any] = self._stored.extraction_json
        return json

    @property
    def study(self) -> Mapping[str, Any]:
        """The study as it is written out: CT.gov v2 names, codes and all."""
        study: Mapping[str, Any] = self._extraction["study"]
        return study

    @property
    def criteria(self) -> Sequence[Mapping[str, Any]]:
        """Its eligibility criteria in order, as the contract of extraction has them."""
        criteria: Sequence[Mapping[str, Any]] = self._extraction.get("criteria", ())
        return criteria

    @property
    def findings(self) -> Sequence[Mapping[str, Any]]:
        """Where it contradicts itself, as the contract of extraction has it."""
        findings: Sequence[Mapping[str, Any]] = self._extraction.get("findings", ())
        return findings

    def values(self, path: str) -> list[Value]:
        """The values at a path, in order; "*" stands for every item of a list or object. Nulls are left out."""
        found: list[tuple[tuple[str | int, ...], Any]] = [((), self.study)]
        for step in steps(path):
            found = list(_step(found, step))
        return [Value(pointer(*at), value) for at, value in found if value is not None]

    def value(self, path: str) -> Any:
        """The one value at a path; None when the record has none."""
        values = self.values(path)
        return values[0].value if values else None

    def cite(self, pointer: str, *, label: str | None = None) -> Citation | None:
        """The lines that prove a value; None when the record names none for it."""
        stated = self._evidence.get(pointer)
        if stated:
            first, last = stated[0]["lines"]
            return self.citation((first, last), stated[0]["quote"], label=label)
        if pointer in self._places:
            return self.citation(self._places[pointer], label=label)
        return None

    def citation(self, lines: LineRange, quote: str | None = None, *, label: str | None = None) -> Citation:
        """A citation of lines of this record; without a quote, of all their text."""
        return Citation(
            document=self.id,
            path=self.source.path,
            member=self._stored.document.member,
            lines=lines,
            quote=fold(self.source.span(*lines)) if quote is None else quote,
            sha256=self.source.sha256,
            label=label,
        )

    @property
    def _evidence(self) -> Mapping[str, Any]:
        evidence: Mapping[str, Any] = self._extraction.get("evidence", {})
        return evidence

    @cached_property
    def _places(self) -> Mapping[str, LineRange]:
        return {} if self._evidence else self._stored.reading.places

    def places(self) -> Iterator[tuple[str, LineRange]]:
        """Every value's pointer with its lines."""
        for path, stated in self._evidence.items():
            first, last = stated[0]["lines"]
            yield path, (first, last)
        yield from self._places.items()

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every unit of evidence, in the order of the lines."""
        return tuple(_units(self))


def _step(found: Iterable[tuple[tuple[str | int, ...], Any]], step: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    for at, node in found:
        if isinstance(node, Mapping):
            keys = list(node) if step == "*" else [step] if step in node else []
            yield from (((*at, key), node[key]) for key in keys)
        elif isinstance(node, list):
            if step == "*":
                yield from (((*at, i), item) for i, item in enumerate(node))
            elif step.isdigit() and int(step) < len(node):
                yield (*at, int(step)), node[int(step)]


def _units(record: Record) -> Iterator[Unit]:
    pieces = [*_criterion_pieces(record), *_passage_pieces(record)]
    pieces.sort(key=lambda p: p[1])
    # What a layout says twice (an intervention under its arm, and by itself) has a value's evidence at one place only.
    known = {text: kind for text, _, kind, *_ in pieces if kind != "text"}
    for number, (text, lines, kind, label, context, constraints) in enumerate(pieces):
        yield Unit(number, text, lines, known.get(text, kind), label, context, constraints)


_Piece = tuple[str, LineRange, UnitKind, str, str, Sequence[Mapping[str, Any]]]


def _criterion_pieces(record: Record) -> Iterator[_Piece]:
    by_id = {c["id"]: c for c in record.criteria}
    for c in record.criteria:
        parent = by_id.get(c.get("parent") or "")
        context = " ".join(filter(None, [c.get("group"), parent["text"] if parent else None]))
        first, last = c["lines"]
        yield c["text"], (first, last), c["kind"], c["id"], context, c.get("constraints", ())


def _passage_pieces(record: Record) -> Iterator[_Piece]:
    taken = {n for c in record.criteria for n in range(c["lines"][0], c["lines"][1] + 1)}
    kinds = _kinds(record)
    for passage in record.passages:
        first, last = passage.lines
        if taken.intersection(range(first, last + 1)):
            continue
        label = passage.label or passage.section
        if all(kinds.get(line, "field") == "field" for line in range(first, last + 1)) and first in kinds:
            yield fold(record.source.span(first, last)), (first, last), "field", label, passage.section, ()
            continue
        heading = ""
        for lines, text in _sentences(record.source, passage.lines):
            kind = kinds.get(lines[0], "text")
            if text.endswith(":") and len(text) <= _HEADING and kind in ("summary", "description"):
                heading, kind = text, "heading"
            yield text, lines, kind, label, f"{passage.section} {heading}".strip(), ()


def _sentences(source: Source, lines: LineRange) -> Iterator[tuple[LineRange, str]]:
    """The sentences of some lines, each with its own."""
    start = source.offset(lines[0])
    for a, b in sentences(source.span(*lines)):
        text = fold(source.text[start + a : start + b])
        if text:
            yield source.lines_of(start + a, start + b), text


def _kinds(record: Record) -> dict[int, UnitKind]:
    """What each line is, by the values whose evidence stands there. Where several do, what is told outweighs names."""
    kinds: dict[int, UnitKind] = {}
    for path, (first, last) in record.places():
        kind = _kind_of(path)
        if kind is None:
            continue
        for line in range(first, last + 1):
            known = kinds.get(line)
            if known is None or (known in _WEAK and kind not in _WEAK):
                kinds[line] = kind
    return kinds


def _kind_of(path: str) -> UnitKind | None:
    if path == _ELIGIBILITY:
        return None
    kind: UnitKind | None = next((k for prefix, k in _KIND_OF_PATH if path.startswith(prefix)), None)
    return "heading" if kind in ("arm", "intervention") and not path.endswith("/description") else kind
