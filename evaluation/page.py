"""A report as one page that needs nothing else: no network, no other file.

Trial text is written by strangers. The template escapes all of it, the error browser puts it into the page as text
only, and the page's own policy lets the browser load nothing from anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from itertools import zip_longest

import orjson
from jinja2 import Environment, StrictUndefined

from evaluation.charts import LABEL, ROW, SIDE, TRACK, bars, differences, plots
from evaluation.report import ALL, Miss, Report

LARGEST = 1_400_000
"""Bytes of misses in a page: with everything else it stays below 2 MB. The JSON report always has all of them."""


def page(report: Report) -> str:
    """The whole page. Same report, same page."""
    shown = within(report.misses, LARGEST)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("evaluation").joinpath("templates", "report.html.j2").read_text("utf-8"))
    return template.render(
        report=report,
        overall=[m for m in report.measures if m.group == ALL],
        headline=report.measure(*report.headline),
        bars=bars(report),
        differences=differences(report),
        plots=plots(report),
        misses=_embedded(shown),
        shown=len(shown),
        label=LABEL,
        track=TRACK,
        row=ROW,
        side=SIDE,
    )


def within(misses: list[Miss], limit: int) -> list[Miss]:
    """As many misses as fit into so many bytes, taken from every group in turn, in their own order."""
    by_group: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, miss in enumerate(misses):
        by_group[miss.system, miss.group].append(index)
    kept: set[int] = set()
    size = 0
    for turn in zip_longest(*by_group.values()):
        for index in turn:
            if index is None:
                continue
            size += len(_json([misses[index]]))
            if size > limit:
                return [misses[i] for i in sorted(kept)]
            kept.add(index)
    return misses


def _json(misses: list[Miss]) -> bytes:
    return orjson.dumps([m.model_dump(mode="json") for m in misses])


def _embedded(misses: list[Miss]) -> str:
    """JSON that cannot leave its script element: no < stands in it."""
    return _json(misses).decode().replace("<", "\\u003c")
