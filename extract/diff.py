"""Two readings of a trial compared: field by field and criterion by criterion, each with its lines on both sides.

Two versions of a record are compared in all that they hold. Records of two formats are compared in the fields that the
rules look for (rules/fields.toml), since neither is at fault for what its format has no place for. White space and the
backslashes of Markdown do not make a difference. Items of a list are found again by their names (diff.toml) or, where
those changed as well, by their likeness; criteria by their words, then by their likeness. Order alone is no difference.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from pydantic import Field

from extract.document import Contract, Document
from extract.evidence import Line, fold, pointer
from extract.extraction import Criterion, Extraction
from extract.reading import Reading
from extract.rules.fields import fields
from extract.source import LineRange

Kind = Literal["changed", "added", "removed"]

_ALIKE = 0.5
"""From this share of common words on, two items or criteria are versions of one."""

_MOST_PAIRS = 40_000
"""Pairs of items whose likeness is looked at; a longer list in which so much changed is another list."""

_ESCAPE = re.compile(r"\\(?=[^\w\s])")
_INDEX = re.compile(r"/\d+(?=/|$)")
_WORD = re.compile(r"\w+|[^\w\s]")


class Side(Contract):
    """What one side says: the value, where it stands in its study, and its lines."""

    pointer: str
    value: Any
    lines: tuple[Line, Line] | None = None


class FieldChange(Contract):
    """A field, or a whole item of a list, that the sides do not share. `a` is absent from what was added."""

    change: Kind
    field: str
    a: Side | None = None
    b: Side | None = None


class CriterionSide(Contract):
    """A criterion on one side."""

    id: str
    text: str
    lines: tuple[Line, Line]


class CriterionChange(Contract):
    """A criterion that the sides do not share, or that stands under the other kind now."""

    change: Kind
    a: CriterionSide | None = None
    b: CriterionSide | None = None


class Comparison(Contract):
    """How two documents differ. `equal` counts the values and criteria that are the same on both sides."""

    a: Document
    b: Document
    fields: list[FieldChange] = Field(default_factory=list)
    criteria: list[CriterionChange] = Field(default_factory=list)
    equal: int = 0

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.fields or self.criteria)


class Version(NamedTuple):
    """One side of a comparison."""

    reading: Reading
    extraction: Extraction


def diff(a: Version, b: Version) -> Comparison:
    """Compare two documents, `a` the older."""
    result = Comparison(a=a.extraction.document, b=b.extraction.document)
    comparer = _Comparer(a, b, result)
    comparer.objects(a.extraction.study.root, b.extraction.study.root, "", "")
    _criteria(a.extraction.criteria, b.extraction.criteria, result)
    return result


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("extract").joinpath("diff.toml").read_text(encoding="utf-8"))


class _Comparer:
    """Walks two studies at once. `at_a` and `at_b` are pointers: an item may have moved."""

    def __init__(self, a: Version, b: Version, result: Comparison) -> None:
        self._a, self._b, self._result = a, b, result
        alike = a.reading.source.format == b.reading.source.format
        self._patterns = None if alike else {f.pointer for f in fields().values()}
        self._left_out = set(_table()["left_out"]["pointers"])
        if not alike:
            self._left_out |= set(_table()["left_out"]["across_formats"])

    def objects(self, a: Mapping[str, Any], b: Mapping[str, Any], at_a: str, at_b: str) -> None:
        for key in [*a, *(k for k in b if k not in a)]:
            below_a, below_b = at_a + pointer(key), at_b + pointer(key)
            if _INDEX.sub("/*", below_b) not in self._left_out:
                self._values(a.get(key), b.get(key), below_a, below_b)

    def _values(self, a: Any, b: Any, at_a: str, at_b: str) -> None:
        if isinstance(a, dict) or isinstance(b, dict):
            self.objects(a or {}, b or {}, at_a, at_b)
        elif isinstance(a, list) or isinstance(b, list):
            self._lists(a or [], b or [], at_a, at_b)
        elif self._is_compared(at_b):
            if _bare(a) == _bare(b):
                self._result.equal += a is not None
            else:
                self._note(a, b, at_a, at_b)

    def _lists(self, a: Sequence[Any], b: Sequence[Any], at_a: str, at_b: str) -> None:
        names = _table()["names"].get(_INDEX.sub("/*", at_b), ())
        pairs = _paired([_name(item, names) for item in a], [_name(item, names) for item in b])
        for i, k in pairs:
            here_a, here_b = f"{at_a}/{i}", f"{at_b}/{k}"
            if i is not None and k is not None:
                self._values(a[i], b[k], here_a, here_b)
            elif self._is_compared(here_b if i is None else here_a):
                self._note(None if i is None else a[i], None if k is None else b[k], here_a, here_b)

    def _is_compared(self, at: str) -> bool:
        if self._patterns is None:
            return True
        pattern = _INDEX.sub("/*", at)
        return any(p == pattern or p.startswith(f"{pattern}/") for p in self._patterns)

    def _note(self, a: Any, b: Any, at_a: str, at_b: str) -> None:
        change: Kind = "added" if a is None else "removed" if b is None else "changed"
        side_a = None if a is None else Side(pointer=at_a, value=a, lines=_lines(self._a, at_a))
        side_b = None if b is None else Side(pointer=at_b, value=b, lines=_lines(self._b, at_b))
        field = _INDEX.sub("/*", at_a if b is None else at_b)
        self._result.fields.append(FieldChange(change=change, field=field, a=side_a, b=side_b))


def _lines(version: Version, at: str) -> LineRange | None:
    """The lines of a value, or those of an item's values as far as they stand together."""
    evidence, places = version.extraction.evidence, version.reading.places
    if at in evidence:
        return evidence[at][0].lines
    if at in places:
        return places[at]
    below = [e[0].lines for p, e in evidence.items() if p.startswith(f"{at}/")]
    below = sorted(below or [lines for p, lines in places.items() if p.startswith(f"{at}/")])
    if not below:
        return None
    first, last = below[0]
    for start, end in below:
        last = max(last, end) if start <= last + 2 else last
    return first, last


def _bare(value: Any) -> Any:
    """A value without what makes no difference."""
    return fold(_ESCAPE.sub("", value)) if isinstance(value, str) else value


def _name(item: Any, names: Sequence[str]) -> str:
    """What an item is known by: its name, else all its words."""
    if not isinstance(item, dict):
        return str(_bare(item))
    words = [str(_bare(item[n])) for n in names if item.get(n) is not None]
    return " ".join(words or map(str, _scalars(item)))


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for below in node.values() if isinstance(node, dict) else node:
            yield from _scalars(below)
    elif node is not None:
        yield _bare(node)


def _paired(a: Sequence[str], b: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Which text of `a` is which of `b`: the same words first, then the most alike; in the order of `b`, then of `a`.

    None stands for what has no partner.
    """
    partner: dict[int, int] = {}  # of items of `b`
    free = dict.fromkeys(range(len(a)))
    for k, text in enumerate(b):
        i = next((i for i in free if a[i] == text), None)
        if i is not None:
            partner[k] = i
            del free[i]
    left = [k for k in range(len(b)) if k not in partner]
    few = len(left) * len(free) <= _MOST_PAIRS
    alike = [(_likeness(a[i], b[k]), i, k) for k in left for i in free] if few else []
    for likeness, i, k in sorted(alike, key=lambda found: (-found[0], *found[1:])):
        if likeness >= _ALIKE and i in free and k not in partner:
            partner[k] = i
            del free[i]
    return [*((partner.get(k), k) for k in range(len(b))), *((i, None) for i in free)]


def _likeness(a: str, b: str) -> float:
    """The share of words that two texts have in common, in order: 0 to 1."""
    matcher = SequenceMatcher(None, _WORD.findall(a.casefold()), _WORD.findall(b.casefold()), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


def _criteria(a: Sequence[Criterion], b: Sequence[Criterion], result: Comparison) -> None:
    """Criteria of one kind are paired first; what is left over may have gone to the other kind."""
    left_a, left_b = list[Criterion](), list[Criterion]()
    for kind in ("inclusion", "exclusion"):
        older, newer = ([c for c in side if c.kind == kind] for side in (a, b))
        for i, k in _paired([str(_bare(c.text)) for c in older], [str(_bare(c.text)) for c in newer]):
            if i is not None and k is not None:
                _note_criterion(older[i], newer[k], result)
            elif i is not None:
                left_a.append(older[i])
            elif k is not None:
                left_b.append(newer[k])
    for i, k in _paired([str(_bare(c.text)) for c in left_a], [str(_bare(c.text)) for c in left_b]):
        _note_criterion(None if i is None else left_a[i], None if k is None else left_b[k], result)
    result.criteria.sort(key=lambda c: [side.lines for side in (c.b, c.a) if side])


def _note_criterion(a: Criterion | None, b: Criterion | None, result: Comparison) -> None:
    if a and b and a.kind == b.kind and _bare(a.text) == _bare(b.text):
        result.equal += 1
        return
    change: Kind = "added" if a is None else "removed" if b is None else "changed"
    sides = (None if c is None else CriterionSide(id=c.id, text=c.text, lines=c.lines) for c in (a, b))
    result.criteria.append(CriterionChange(change=change, a=next(sides), b=next(sides)))
