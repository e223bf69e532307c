"""The records that predictions name, for checking quotes and for showing lines beside a miss."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path

from extract.evidence import fold
from extract.readers import readings
from extract.source import LineRange, Source
from trialcite.errors import GoldRefused, InputError

_KEPT = 16
_LINES_SHOWN = 9
_CHARACTERS_SHOWN = 240
_AROUND = 1


class Sources:
    """Records by path and member, each file read once as long as its records come one after the other."""

    def __init__(self, root: Path = Path(), given: Mapping[str, Source] | None = None) -> None:
        """Relative paths start at `root`; where a path is not there, its file name is looked for in `root`, and its
        stem in `given`."""
        self._root = root
        self._given = given or {}
        self._kept: OrderedDict[Path, dict[str | None, Source]] = OrderedDict()

    def find(self, path: str, member: str | None = None) -> Source | None:
        """The record, or None where it cannot be read."""
        for place in (self._root / path, self._root / Path(path).name):
            if place.is_file():
                return self._records(place).get(member)
        return self._given.get(Path(path).stem)

    def check_line(self, trial: str, line: int, *, of: str) -> None:
        """Raise GoldRefused where the record of a trial is at hand and has no such line."""
        source = self.find(f"{trial}.txt")
        if source is not None and line > len(source):
            raise GoldRefused(f"names line {line} of {trial}, which has {len(source)}", where=of)

    def _records(self, place: Path) -> dict[str | None, Source]:
        if place not in self._kept:
            found = [r for r in readings(place) if not isinstance(r, InputError)]
            self._kept[place] = {r.member: r.source for r in found}
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[place]


def excerpt(source: Source, ranges: Iterable[LineRange]) -> list[tuple[int, str]]:
    """The lines of the ranges with one around each, numbered; the first few where there are many."""
    wanted = {
        number
        for first, last in ranges
        for number in range(max(1, first - _AROUND), min(len(source), last + _AROUND) + 1)
    }
    shown = [number for number in sorted(wanted) if source.line(number).strip()][:_LINES_SHOWN]
    return [(number, shortened(source.line(number))) for number in shown]


def shortened(text: str, limit: int = _CHARACTERS_SHOWN) -> str:
    """The text, cut with an ellipsis where it is longer than `limit`."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def lines_saying(source: Source, value: object) -> list[LineRange]:
    """The first line that holds the value's text, or the first words of a long one; none where no line does."""
    texts = value if isinstance(value, list) else [value]
    found = []
    for text in texts[:3]:
        wanted = fold(str(text))[:60].casefold()
        number = next((n for n, line in enumerate(source.lines, 1) if wanted and wanted in fold(line).casefold()), None)
        if number is not None:
            found.append((number, number))
    return found
