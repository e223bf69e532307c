"""The tables beside this code, row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a CSV file of this folder, by column. Raises ValueError for a row longer or shorter than the head."""
    text = (files("extract.criteria") / name).read_text(encoding="utf-8")
    found = tuple(csv.DictReader(text.splitlines(), strict=True))
    for number, row in enumerate(found, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{name}, row {number}: as many cells as columns are needed")
    return found


def entries(cell: str) -> tuple[str, ...]:
    """What a cell holds, separated by ";"."""
    return tuple(entry.strip() for entry in cell.split(";") if entry.strip())
