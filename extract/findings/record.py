"""A record as the checks see it: values with their proof, and the texts in which it speaks of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extract.evidence import Evidence, fold
from extract.extraction import Extraction, Finding, Severity
from extract.reading import Reading
from extract.source import LineRange

_TITLES = ("identificationModule/briefTitle", "identificationModule/officialTitle")
_SUMMARY = "descriptionModule/briefSummary"


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the record and the lines it stands on. `kind` is "title" or "summary".

    `caseless` is the text to be looked through for a plain word before a pattern is tried, which takes far longer.
    """

    kind: str
    text: str
    lines: LineRange
    caseless: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record, read and extracted. Paths are below /protocolSection, without a leading slash."""

    reading: Reading
    extraction: Extraction

    def value(self, path: str) -> Any:
        """The value at a path, None when it is not stated."""
        node: Any = self.extraction.study.root.get("protocolSection")
        for step in path.split("/"):
            if type(node) is not dict:
                return None
            node = node.get(step)
        return node

    def proof(self, path: str) -> list[Evidence]:
        """Where the record states the value at a path; a list's proof is that of its items."""
        pointer = path if path.startswith("/") else f"/protocolSection/{path}"
        evidence, places = self.extraction.evidence, self.reading.places
        if pointer in evidence:
            return evidence[pointer]
        below = f"{pointer}/"
        if self.reading.record is None:
            return [e for p, es in evidence.items() if p.startswith(below) for e in es]
        leaves = [pointer] if pointer in places else [p for p in places if p.startswith(below)]
        return [self.at(places[p], locator=p) for p in leaves]

    def lines(self, path: str) -> list[LineRange]:
        """The lines that state the text at a path."""
        pointer = f"/protocolSection/{path}"
        if pointer in self.extraction.evidence:
            return [e.lines for e in self.extraction.evidence[pointer]]
        return [self.reading.places[pointer]] if pointer in self.reading.places else []

    def at(self, lines: LineRange, quote: str | None = None, locator: str | None = None) -> Evidence:
        """Evidence at some lines: all that stands there, or a part of it."""
        first, last = lines
        words = fold(quote or "\n".join(self.reading.source.lines[first - 1 : last]))
        return Evidence(lines, words, "rule" if self.reading.record is None else "source", locator)

    def texts(self) -> Iterator[Passage]:
        """The titles, then the paragraphs of the summary."""
        for path in _TITLES:
            if title := self.value(path):
                text = fold(title)
                yield from (Passage("title", text, lines, text.casefold()) for lines in self.lines(path))
        for first, last in self.lines(_SUMMARY) if self.value(_SUMMARY) else ():
            for number in range(first, last + 1):
                if line := fold(self.reading.source.line(number)):
                    yield Passage("summary", line, (number, number), line.casefold())

    def finding(self, code: str, severity: Severity, message: str, *evidence: Evidence) -> Finding:
        """A finding whose evidence names every place once."""
        return Finding(code=code, severity=severity, message=message, evidence=list(dict.fromkeys(evidence)))


def alone(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a pattern that matches once in a text."""
    found = list(pattern.finditer(text))
    return found[0] if len(found) == 1 else None
