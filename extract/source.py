"""A source: the bytes of one record as numbered lines with exact, reversible positions.

Lines are those a person sees in an editor: they end at LF, CRLF or a lone CR, and nowhere else (a form feed, NBSP or
U+2028 is a character of its line). Numbers start at 1. A byte-order mark is not part of line 1. A line end at the
very end of the text does not open another line.

    source.text[source.offset(line, column)]     column counts characters from 0
    source.position(offset) -> (line, column)    its inverse
"""

from __future__ import annotations

import codecs
import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Self

from trialcite.errors import EmptyInput, NotText, UnreadableInput

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""The registry's largest records are below 15 MB; anything far above is no trial record."""

LineRange = tuple[int, int]
"""First and last line, both 1-based and included."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_OTHER_ASCII_SPACE = tuple("\t\v\f\x1c\x1d\x1e\x1f")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = tuple(map(chr, (*range(0x09), *range(0x0E, 0x1B), 0x7F)))
_MAX_CONTROL_SHARE = 0.001


@dataclass(frozen=True)
class Source:
    """The numbered lines of one record.

    `text` is the decoded text without its byte-order mark, line ends kept. For a record that has no lines of its own
    (JSON) it is the reading text. `sha256` is always that of the record's original bytes.
    """

    path: str
    format: str
    sha256: str
    text: str
    encoding: str = "utf-8"

    @classmethod
    def of_lines(cls, lines: Sequence[str], **about: str) -> Self:
        """A source whose lines are at hand: none has a line end in it, and the last is not empty."""
        source = cls(text="\n".join(lines), **about)
        vars(source)["lines"] = tuple(lines)
        return source

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Every line without its line end; line n is `lines[n - 1]`."""
        lines = _LINE_END.split(self.text) if "\r" in self.text else self.text.split("\n")
        if len(lines) > 1 and not lines[-1]:
            lines.pop()
        return tuple(lines)

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        """Where each line starts, and where it ends."""
        if "\r" in self.text:
            starts = [0, *(m.end() for m in _LINE_END.finditer(self.text))][: len(self)]
        else:
            starts = list(accumulate([len(line) + 1 for line in self.lines[:-1]], initial=0))
        return starts, [start + len(line) for start, line in zip(starts, self.lines, strict=True)]

    @cached_property
    def spaced_plainly(self) -> bool:
        """Whether lines have no ASCII white space but spaces."""
        return not any(map(self.text.__contains__, _OTHER_ASCII_SPACE))

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def line(self, number: int) -> str:
        """Line `number` without its line end."""
        self._check(number)
        return self.lines[number - 1]

    def span(self, first: int, last: int) -> str:
        """Lines `first` to `last` as they stand, without the last line's end."""
        self._check(first)
        self._check(last)
        starts, ends = self._bounds
        return self.text[starts[first - 1] : ends[last - 1]]

    def offset(self, line: int, column: int = 0) -> int:
        """Where in `text` the character at `column` (from 0) of `line` stands; the line's end is its last column."""
        self._check(line)
        starts, ends = self._bounds
        if not 0 <= column <= ends[line - 1] - starts[line - 1]:
            raise IndexError(f"line {line} has no column {column}")
        return starts[line - 1] + column

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) of `text[offset]`; a line end belongs to the line it ends."""
        if not 0 <= offset <= len(self.text):
            raise IndexError(f"no offset {offset} in a text of {len(self.text)} characters")
        starts, _ = self._bounds
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1]

    def lines_of(self, start: int, end: int) -> LineRange:
        """The lines that hold `text[start:end]`."""
        return self.position(start)[0], self.position(max(start, end - 1))[0]

    def _check(self, number: int) -> None:
        if not 1 <= number <= len(self):
            raise IndexError(f"no line {number} in a source of {len(self)} lines")


def source_from_bytes(data: bytes, *, path: str, format: str) -> Source:  # noqa: A002 - the contract's own word
    """Decode one record's bytes. Raises EmptyInput, NotText or UnreadableInput (too large)."""
    text, encoding = decode(data, where=path)
    return Source(path=path, format=format, sha256=sha256(data), text=text, encoding=encoding)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of a record's bytes."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, *, where: str) -> tuple[str, str]:
    """(text without byte-order mark, encoding).

    UTF-8 first, UTF-16 and UTF-32 by their marks. Anything else is detected, and taken only when it reads as text:
    a wrongly decoded value with a citation is worse than a refusal.
    """
    if len(data) > MAX_RECORD_BYTES:
        size = len(data) / 2**20
        raise UnreadableInput(
            f"{size:.0f} MB in one record",
            where=where,
            hint=f"a record has at most {MAX_RECORD_BYTES >> 20} MB",
        )
    if not data or data.isspace():
        raise EmptyInput("the input is empty", where=where)
    text, encoding = _decode(data, where)
    # Nearly every text has none of them, which is told sooner by looking for each than by looking at every character.
    if sum(text.count(control) for control in _CONTROLS if control in text) > _MAX_CONTROL_SHARE * len(text):
        raise NotText("binary data, not text", where=where)
    if not text or text.isspace():
        raise EmptyInput("the input has white space only", where=where)
    return text, encoding


def _decode(data: bytes, where: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(encoding), encoding
            except UnicodeDecodeError as e:
                raise NotText(
                    f"marked as {encoding.upper()} but is not ({e.reason} at byte {e.start})", where=where
                ) from e
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as e:
        return _detect(data, where, e)


def _detect(data: bytes, where: str, fault: UnicodeDecodeError) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # costs 20 ms and is rarely needed

    hint = "save it as UTF-8 and try again"
    if b"\x00" in data[:4096]:
        raise NotText("binary data, not text", where=where)
    best = from_bytes(data, threshold=0.1).best()
    if best is None:
        raise NotText(f"no encoding can be told (not UTF-8 at byte {fault.start})", where=where, hint=hint)
    return data.decode(best.encoding), best.encoding
