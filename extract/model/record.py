"""A record as a model is shown it: numbered lines, in parts that fit its context, inside a block that text cannot end.

    12| Total Enrollment
    14| 24 participants

Numbers are those of the source; blank lines are left out. What a line holds cannot look like the end of the block or
like another line: it has the number in front of it, and what takes no room or starts a new line on screen is removed.
A record that is too long for a few calls is shown in the passages that use the words of what is asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from extract.model.texts import visible
from extract.reading import Reading
from extract.source import LineRange, Source
from prompts.usage import estimate_tokens

MOST_PARTS = 2
"""How many parts of a record one group of fields is looked for in. A longer record is cut down to its best passages."""

WITHHELD = "[line withheld: it speaks to a model]"

_PIECE = 600
"""Characters of a long line that are shown as one piece."""

_BLOCK = 1000
"""Tokens of what is chosen or left together."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNS = re.compile(r"<(?=[|/]?[a-z_]+[|>])|\[(?=/?inst\])|#(?=##)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line as it is shown, or a stretch of a very long one."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.line}| {self.text}"


@dataclass(frozen=True, slots=True)
class Part:
    """What one call is shown. `lines` are those that it holds."""

    pieces: tuple[Piece, ...]

    @property
    def lines(self) -> frozenset[int]:
        """The numbers of the lines that it shows."""
        return frozenset(p.line for p in self.pieces)

    def block(self, source: Source) -> str:
        """The data block. Its fence carries the source's hash, which no text can hold of itself."""
        fence = f"RECORD {source.sha256[:12]}"
        return "\n".join([f"<<<{fence}", *map(str, self.pieces), f"{fence}>>>"])


def parts(
    reading: Reading, terms: Iterable[str], *, room: int, most: int = MOST_PARTS, withheld: Collection[int] = ()
) -> list[Part]:
    """The parts of a record to look in for what the terms are about, each of at most `room` tokens.

    All of it where that takes at most `most` parts, else its best passages, in the order of the record.
    """
    blocks = list(_blocks(reading, withheld, min(_BLOCK, room // 3)))
    unused = max((_size(p) for b in blocks for p in b), default=0)  # at most, at the end of each part
    chosen = _best(blocks, terms, (room - unused) * most)
    packed = _packed(chosen, room)
    if len(packed) > most:
        packed = _packed(([piece] for block in chosen for piece in block), room)
    return packed


def parts_of(
    source: Source, ranges: Iterable[LineRange], *, room: int, most: int, withheld: Collection[int] = ()
) -> list[Part]:
    """Ranges of lines in parts of at most `room` tokens, no range cut. What does not go into `most` parts is left."""
    runs = ([p for n in range(first, last + 1) for p in _pieces_of(source, n, withheld)] for first, last in ranges)
    return _packed((run for run in runs if sum(map(_size, run)) <= room), room)[:most]


def _blocks(reading: Reading, withheld: Collection[int], most: int) -> Iterator[list[Piece]]:
    """The record's lines in runs that belong together: those of a section, cut where they grow long (in tokens)."""
    opens = _section_starts(reading)
    block: list[Piece] = []
    used = 0
    for piece in _pieces(reading.source, withheld):
        if block and (used + _size(piece) > most or (piece.line in opens and block[-1].line != piece.line)):
            yield block
            block, used = [], 0
        block.append(piece)
        used += _size(piece)
    if block:
        yield block


def _section_starts(reading: Reading) -> set[int]:
    """The first line of each section, with what stands right above it: its heading is no passage."""
    starts, above, section = set(), 0, None
    for passage in reading.passages:
        if passage.section != section:
            starts.add(above + 1)
            section = passage.section
        above = passage.lines[1]
    return starts


def _pieces(source: Source, withheld: Collection[int]) -> Iterator[Piece]:
    for number in range(1, len(source) + 1):
        yield from _pieces_of(source, number, withheld)


def _pieces_of(source: Source, number: int, withheld: Collection[int]) -> Iterator[Piece]:
    if number in withheld:
        yield Piece(number, WITHHELD)
        return
    line = source.line(number)
    for start in range(0, len(line), _PIECE):
        text = shown(line[start : start + _PIECE])
        if text.strip():
            yield Piece(number, text)


def shown(text: str) -> str:
    """A line's text as a model is shown it. Marks that some servers take for the turns of a conversation are broken
    up: they would end ours."""
    return _TURNS.sub(lambda m: m.group() + " ", visible(_CONTROLS.sub(" ", text))).rstrip()


def _best(blocks: Sequence[list[Piece]], terms: Iterable[str], room: int) -> list[list[Piece]]:
    """All blocks where there is room, else those that use the terms most for their length, and the first, where a
    record says what it is."""
    sizes = [sum(map(_size, b)) for b in blocks]
    if sum(sizes) <= room:
        return list(blocks)
    wanted = [t.casefold() for t in terms]
    scores = [_score(b, wanted) for b in blocks]
    chosen: set[int] = set()
    for k in sorted(range(len(blocks)), key=lambda k: (k > 0, -scores[k], k)):
        if sizes[k] <= room:
            chosen.add(k)
            room -= sizes[k]
    return [blocks[k] for k in sorted(chosen)]


def _score(block: Sequence[Piece], terms: Sequence[str]) -> float:
    text = " ".join(p.text for p in block).casefold()
    # A term that is there counts most, one that comes again a little; long blocks have more of everything.
    found = sum(1 + min(n, 5) / 5 for t in terms if (n := text.count(t)))
    return found / math.sqrt(200 + len(text))


def _packed(runs: Iterable[Sequence[Piece]], room: int) -> list[Part]:
    """The runs put into parts, none of them cut."""
    packed: list[Part] = []
    pieces: list[Piece] = []
    used = 0
    for run in runs:
        size = sum(map(_size, run))
        if pieces and used + size > room:
            packed.append(Part(tuple(pieces)))
            pieces, used = [], 0
        pieces += run
        used += size
    return [*packed, Part(tuple(pieces))] if pieces else packed


def _size(piece: Piece) -> int:
    return estimate_tokens(str(piece)) + 1
