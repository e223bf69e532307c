"""The plots of a report as plain geometry, for the template to draw as SVG. Units are SVG user units; y grows down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evaluation.report import ALL, Curve, Measure, Report

LABEL, TRACK, ROW = 190.0, 420.0, 18.0
"""Widths of a label and of the scale beside it, height of a row."""

SIDE = 260.0
"""Width and height of a curve's square."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar from the scale's zero to `x`, with its interval."""

    y: float
    x: float
    low: float
    high: float
    series: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled row of one or two marks."""

    label: str
    y: float
    marks: list[Mark]
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one measure over all groups. `zero` is where the scale's zero is, `ticks` are (x, label)."""

    title: str
    rows: list[Row]
    ticks: list[tuple[float, str]]
    zero: float
    height: float


def bars(report: Report) -> list[Bars]:
    """One chart for each name of measure that several groups have, the headline's first."""
    wanted = report.headline[1].split()[-1]
    names = list(dict.fromkeys(m.name for m in report.measures if m.group != ALL))
    charts = [_bars(name, [m for m in report.measures if m.name == name and m.value is not None]) for name in names]
    return sorted((c for c in charts if len(c.rows) > 1), key=lambda c: c.title != wanted)


def _bars(name: str, measures: list[Measure]) -> Bars:
    rows = []
    for index, measure in enumerate(measures):
        y = index * ROW
        both = measure.against is not None
        height = ROW / 2 if both else ROW
        marks = [_mark(measure.value or 0, measure.low, measure.high, y, height, 0)]
        if (other := measure.against) is not None:
            marks.append(_mark(other.other, other.other_low, other.other_high, y + height - 2, height, 1))
        title = f"{measure.group} {name}: n = {measure.n:,} in {measure.trials:,} trials"
        rows.append(Row(measure.group, y + ROW / 2, marks, title + (f"; {measure.note}" if measure.note else "")))
    ticks = [(LABEL + TRACK * t / 4, f"{t / 4:g}") for t in range(5)]
    return Bars(name, rows, ticks, LABEL, len(rows) * ROW)


def _mark(value: float, low: float | None, high: float | None, y: float, height: float, series: int) -> Mark:
    x, a, b = (
        round(LABEL + TRACK * v, 2) for v in (value, value if low is None else low, value if high is None else high)
    )
    return Mark(round(y + height / 2, 2), x, a, b, series, f"{value:.3f}")


def differences(report: Report) -> list[Bars]:
    """How much the first system is ahead on each group's headline measure, around a zero in the middle."""
    wanted = report.headline[1].split()[-1]
    compared = [m for m in report.measures if m.against and m.name.split()[-1] == wanted]
    compared = [m for m in compared if m.group == ALL or (m.against and m.against.difference)]
    if not compared:
        return []
    reach = max(max(abs(m.against.low), abs(m.against.high)) for m in compared if m.against) or 0.01
    middle = LABEL + TRACK / 2

    def at(value: float) -> float:
        return round(middle + TRACK / 2 * value / reach, 2)

    rows = []
    for index, measure in enumerate(compared):
        other, y = measure.against, index * ROW + ROW / 2
        assert other is not None
        sure = "*" if other.p_adjusted < 0.05 else ""
        mark = Mark(y, at(other.difference), at(other.low), at(other.high), 0, f"{other.difference:+.3f}{sure}")
        label = f"{measure.group} {measure.name}" if measure.group == ALL else measure.group
        rows.append(Row(label, y, [mark], f"p = {other.p:.4f}, corrected {other.p_adjusted:.4f}"))
    ticks = [(at(v), f"{v:+.3f}") for v in (-reach, 0.0, reach)]
    return [Bars(f"{report.systems[0].name} less {report.systems[1].name}", rows, ticks, middle, len(rows) * ROW)]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: its points as SVG wants them, and as (x, y, title) dots. `dashed`: over a part of the items only."""

    name: str
    series: int
    dashed: bool
    path: str
    dots: list[tuple[float, float, str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves of one kind in one square. `diagonal`: the line on which a calibrated score would lie."""

    title: str
    x: str
    y: str
    lines: list[Line]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    diagonal: bool


_TITLES = {"precision-recall": "Precision at each recall", "abstention": "Abstention", "calibration": "Calibration"}


def plots(report: Report) -> list[Plot]:
    """One plot for each kind of curve."""
    kinds = dict.fromkeys(c.kind for c in report.curves)
    return [_plot(_TITLES[kind], [c for c in report.curves if c.kind == kind], report) for kind in kinds]


def _plot(title: str, curves: list[Curve], report: Report) -> Plot:
    points = [p for c in curves for p in c.points]
    x_low, x_high = min(0.0, *(x for x, _ in points)), max(1.0, *(x for x, _ in points))
    order = [s.name for s in report.systems]

    def at_x(x: float) -> float:
        return round(SIDE * (x - x_low) / (x_high - x_low), 2)

    lines = [
        Line(
            f"{c.system}: {c.y}" if len(curves) > 1 else c.y,
            order.index(c.system),
            c.y.endswith(")"),
            _path(c.points, at_x),
            [(at_x(x), round(SIDE * (1 - y), 2), f"{c.x} {x:.3f}, {c.y} {y:.3f}") for x, y in c.points],
        )
        for c in curves
    ]
    unit = (x_low, x_high) == (0.0, 1.0)
    x_ticks = [(at_x(x_low + (x_high - x_low) * t / 4), f"{x_low + (x_high - x_low) * t / 4:.2g}") for t in range(5)]
    y_ticks = [(SIDE * (1 - t / 4), f"{t / 4:g}") for t in range(5)]
    return Plot(
        title, curves[0].x, curves[0].y.split(" (")[0], lines, x_ticks, y_ticks, title == "Calibration" and unit
    )


def _path(points: Iterable[tuple[float, float]], at_x: Callable[[float], float]) -> str:
    return " ".join(f"{at_x(x)},{round(SIDE * (1 - y), 2)}" for x, y in points)
