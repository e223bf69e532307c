"""Result tables in words: every figure with its group, its row, its unit, its spread, and of how many.

Week 12 – Placebo: mean 3.2 (standard deviation 0.4) mmol/L, 52 Participants analyzed     outcomes: a line a figure
Sex: Female – Placebo: 20 of 52 Participants; Drug: 24 of 50 Participants                 baseline: a line a row
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from extract.readers.reading_text_layout import TableKind
from extract.readers.reading_text_values import BEFORE_ITEMS, BETWEEN, Node, objects, said
from extract.vocabulary import vocabulary

_SAID_BY_UNIT = ("NUMBER", "COUNT_OF_PARTICIPANTS", "COUNT_OF_UNITS")
_SHARE = "COUNT_OF_PARTICIPANTS"
_SPREADS = ("spread", "lowerLimit", "upperLimit")


class Said(NamedTuple):
    """Words (line ends of the record's may be in them), and the pointers below the measure of what they say."""

    text: str
    pointers: list[str]


class _Scale(NamedTuple):
    """What the figures are ("mean", "standard deviation", "mmol/L"). A share is a count out of its base."""

    param: str | None
    dispersion: str | None
    unit: str | None
    is_share: bool


class _Base(NamedTuple):
    """Of how many the figures are, by group id."""

    units: str
    counts: Mapping[str, str]


Denominators = Mapping[str, Mapping[str, str]]
"""How many were analysed, by unit and group id."""


def denominators(node: Node) -> Denominators:
    """What a module, a measure or a row of it lists as denominators."""
    found: dict[str, dict[str, str]] = {}
    if "denoms" not in node:  # most have none
        return found
    for denom in objects(node, ("denoms",)):
        counts = ((c.get("groupId"), said(c.get("value"))) for c in objects(denom, ("counts",)))
        found[said(denom.get("units")) or ""] = {g: value for g, value in counts if type(g) is str and value}
    return found


def table_rows(measure: Node, shared: Denominators, kind: TableKind, groups: Mapping[str, str]) -> Iterator[list[Said]]:
    """The lines of each class of one measure's table.

    `shared` are the denominators of the whole module, `groups` the titles by id. A title that stands over several
    lines is said by each of them.
    """
    scale = _scale(measure)
    usual, selected = denominators(measure) or shared, said(measure.get("denomUnitsSelected"))
    for i, row in enumerate(objects(measure, ("classes",))):
        here = f"/classes/{i}"
        title = _title(row, here)
        base = _base(denominators(row) or usual, selected)
        lines = list(_denominator_lines(row, here, title, groups))
        for j, category in enumerate(objects(row, ("categories",))):
            place = f"{here}/categories/{j}"
            head = _joined(": ", title, _title(category, place))
            cells = [
                _cell(cell, f"{place}/measurements/{k}", scale, base, groups, kind)
                for k, cell in enumerate(objects(category, ("measurements",)))
            ]
            if kind == "baseline":
                name = Said(said(measure.get("title")) or "", [])
                lines.append(_joined(BEFORE_ITEMS, _joined(": ", name, head), _joined(BETWEEN, *cells)))
            else:
                lines += [_joined(BEFORE_ITEMS, head, cell) for cell in cells] or [head]
        yield [line for line in lines if line.pointers] or ([title] if title.text else [])


def _title(node: Node, here: str) -> Said:
    text = said(node.get("title"))
    return Said(text, [f"{here}/title"]) if text else Said("", [])


def _joined(between: str, *parts: Said) -> Said:
    spoken = [p for p in parts if p.text]
    if len(spoken) == 1:
        return spoken[0]
    return Said(between.join([p.text for p in spoken]), [x for p in spoken for x in p.pointers])


def _scale(measure: Node) -> _Scale:
    param, dispersion = said(measure.get("paramType")), said(measure.get("dispersionType"))
    return _Scale(
        vocabulary("MeasureParam").word(param) if param and param not in _SAID_BY_UNIT else None,
        vocabulary("MeasureDispersion").word(dispersion) if dispersion else None,
        said(measure.get("unitOfMeasure")),
        param == _SHARE,
    )


def _base(by_unit: Denominators, selected: str | None) -> _Base | None:
    """The denominators in the unit that the measure is analysed in; None when that unit is not certain."""
    unit = selected or (next(iter(by_unit)) if len(by_unit) == 1 else "Participants")
    return _Base(unit, by_unit[unit]) if unit in by_unit else None


def _denominator_lines(row: Node, here: str, title: Said, groups: Mapping[str, str]) -> Iterator[Said]:
    for d, denom in enumerate(objects(row, ("denoms",))):
        place = f"{here}/denoms/{d}"
        units = said(denom.get("units"))
        unit = Said(f"{units} analyzed", [f"{place}/units"]) if units else Said("Analyzed", [])
        counts = []
        for c, count in enumerate(objects(denom, ("counts",))):
            value = said(count.get("value"))
            figure = Said(value, [f"{place}/counts/{c}/value"]) if value else Said("", [])
            counts.append(_of_group(count, f"{place}/counts/{c}", figure, groups))
        yield _joined(BEFORE_ITEMS, _joined(": ", title, unit), _joined(BETWEEN, *counts))


def _of_group(node: Node, here: str, figure: Said, groups: Mapping[str, str]) -> Said:
    group = said(node.get("groupId"))
    name = Said(groups.get(group, group), [f"{here}/groupId"]) if group else Said("", [])
    return _joined(": ", name, figure)


def _cell(cell: Node, here: str, scale: _Scale, base: _Base | None, groups: Mapping[str, str], kind: TableKind) -> Said:
    """One figure with all that belongs to it."""
    value = said(cell.get("value"))
    count = base.counts.get(str(cell.get("groupId"))) if base else None
    is_share = bool(base and count and scale.unit and scale.is_share and base.units.casefold() == scale.unit.casefold())
    spread, spread_pointers = _spread(cell, here, scale)
    words = (scale.param, value or "no value", f"of {count}" if is_share else None, spread, scale.unit)
    text = " ".join([w for w in words if w])
    if kind == "outcome" and base and count and not is_share:
        text += f", {count} {base.units} analyzed"
    comment = said(cell.get("comment"))
    text += f" ({comment})" if comment else ""
    keys = [k for k, v in (("value", value), ("comment", comment)) if v]
    return _of_group(cell, here, Said(text, [f"{here}/{k}" for k in keys] + spread_pointers), groups)


def _spread(cell: Node, here: str, scale: _Scale) -> tuple[str | None, list[str]]:
    if cell.keys().isdisjoint(_SPREADS):
        return None, []
    spread, lower, upper = stated = [said(cell.get(k)) for k in _SPREADS]
    name = scale.dispersion or ("spread" if spread else "limits")
    if lower and upper:
        limits = f"{lower} to {upper}"
    else:
        limits = f"from {lower}" if lower else f"up to {upper}" if upper else ""
    figures = ", ".join([f for f in (spread, limits) if f])
    pointers = [f"{here}/{k}" for k, v in zip(_SPREADS, stated, strict=True) if v]
    return (f"({name} {figures})" if figures else None), pointers
