"""A report as a table in the terminal, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.agreement import Agreed
from evaluation.expected import Check
from evaluation.report import Comparison, Measure, Report, System

_GROUP, _NAME, _SYSTEM = 22, 20, 10
_ALL_RIGHT = 1.0
_SIGNIFICANT = 0.05


def render_report(report: Report, console: Console) -> None:
    """The systems, then every measure that is not perfect or not equal, then what was not scored."""
    compared = len(report.systems) > 1
    shown = [m for m in report.measures if _worth_showing(m, compared=compared)]
    console.print(_comparison(report, shown) if compared else _figures(shown))
    for line in _closing(report, len(shown)):
        console.print(escape(line), soft_wrap=True)


def _figures(shown: list[Measure]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for width in (_GROUP, _NAME):
        table.add_column("", max_width=width, no_wrap=True)
    for title in ("n", "value", "95 % interval"):
        table.add_column(title, justify="right", no_wrap=True)
    group = None
    for measure in shown:
        name = escape(measure.group) if measure.group != group else ""
        group = measure.group
        table.add_row(name, escape(measure.name), *_alone(measure))
    return table


def _comparison(report: Report, shown: list[Measure]) -> Table:
    """A group's name has a row of its own here: the figures need the room."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for title in (*(s.name[:_SYSTEM] for s in report.systems), "difference (95 % interval)"):
        table.add_column(escape(title), justify="right", no_wrap=True)
    group = None
    for measure in shown:
        if measure.group != group:
            group = measure.group
            table.add_row(escape(group[: _GROUP + 4]))
        table.add_row(f"  {escape(measure.name)}", *_compared(measure))
    return table


def _worth_showing(measure: Measure, *, compared: bool) -> bool:
    if measure.group == "ALL":
        return True
    if compared:
        return measure.against is not None and measure.against.difference != 0
    return measure.value != _ALL_RIGHT


def _alone(measure: Measure) -> Iterable[str]:
    if measure.value is None:
        return f"{measure.n:,}", "-", ""
    return f"{measure.n:,}", f"{measure.value:.3f}", f"{measure.low:.3f} to {measure.high:.3f}"


def _compared(measure: Measure) -> Iterable[str]:
    value = "-" if measure.value is None else f"{measure.value:.3f}"
    other = measure.against
    return (value, "-", "") if other is None else (value, f"{other.other:.3f}", _difference(other))


def _difference(other: Comparison) -> str:
    star = "*" if other.p_adjusted < _SIGNIFICANT else " "
    return f"{other.difference:+.3f} ({other.low:+.3f} to {other.high:+.3f}){star}"


def _closing(report: Report, shown: int) -> Iterable[str]:
    left_out = len(report.measures) - shown
    if left_out:
        yield f"{left_out} more are {'equal' if len(report.systems) > 1 else '1.000'} and not shown"
    if len(report.systems) > 1:
        yield "* p < 0.05, corrected over the groups of a measure (Holm)"
    for system in report.systems:
        yield _spent(system)
        yield from (f"{system.name}: {count:,} not scored: {why}" for why, count in system.unscored.items())
    headline = report.measure(*report.headline)
    if headline and headline.note:
        yield f"{headline.name}: {headline.note}"


def _spent(system: System) -> str:
    parts = [f"{system.name}: {system.scored:,} scored"]
    if system.tokens_in is not None:
        parts.append(f"{system.tokens_in:,} + {system.tokens_out or 0:,} tokens")
    if system.cost is not None:
        parts.append(f"cost {system.cost:.4f}")
    if system.seconds_total is not None:
        parts.append(f"{system.seconds_total:.1f} s")
    if system.seconds_median is not None:
        parts.append(f"median {system.seconds_median * 1000:.0f} ms")
    return ", ".join(parts)


def render_checks(found: list[Check], console: Console) -> None:
    """OK or FAIL for every expected figure."""
    for check in found:
        verdict = "OK  " if check.held else "FAIL"
        console.print(f"{verdict} {escape(check.figure)}: {check.found} (expected {check.expected})", soft_wrap=True)


def render_agreement(found: list[Agreed], console: Console) -> None:
    """A row a figure."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "", "n", "value"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    for row in found:
        table.add_row(row.group, row.name, f"{row.n:,}", "-" if row.value is None else f"{row.value:.3f}")
    console.print(table)
