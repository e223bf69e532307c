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
    """A text of the record and the lines it stands on. `kind` is "title" or "summary"."""

    kind: str
    text: str
    lines: LineRange


@dataclass(frozen=True, slots=True)
class Record:
    """One record, read and extracted. Paths are below /protocolSection, without a leading slash."""

    reading: Reading
    extraction: Extraction

    def value(self, path: str) -> Any:
        """The value at a path, None when it is not stated."""
        node: Any = self.extraction.study.root.get("protocolSection")
        for step in path.split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        return node

    def proof(self, path: str) -> list[Evidence]:
        """Where the record states the value at a path; a list's proof is that of its items."""
        pointer = path if path.startswith("/") else f"/protocolSection/{path}"
        if pointer in self.extraction.evidence:
            return self.extraction.evidence[pointer]
        if self.reading.record is None:
            below = f"{pointer}/"
            return [e for p, es in self.extraction.evidence.items() if p.startswith(below) for e in es]
        places = self.reading.places
        leaves = [pointer] if pointer in places else [p for p in places if p.startswith(f"{pointer}/")]
        return [self.at(places[p], locator=p) for p in leaves]

    def at(self, lines: LineRange, quote: str | None = None, locator: str | None = None) -> Evidence:
        """Evidence at some lines: all that stands there, or a part of it."""
        words = fold(quote or self.reading.source.span(*lines))
        return Evidence(lines, words, "rule" if self.reading.record is None else "source", locator)

    def texts(self) -> Iterator[Passage]:
        """The titles, then the paragraphs of the summary."""
        for path in _TITLES:
            if title := self.value(path):
                for e in self.proof(path):
                    yield Passage("title", fold(title), e.lines)
        for e in self.proof(_SUMMARY) if self.value(_SUMMARY) else ():
            for number in range(e.lines[0], e.lines[1] + 1):
                if line := fold(self.reading.source.line(number)):
                    yield Passage("summary", line, (number, number))

    def finding(self, code: str, severity: Severity, message: str, *evidence: Evidence) -> Finding:
        """A finding whose evidence names every place once."""
        return Finding(code=code, severity=severity, message=message, evidence=list(dict.fromkeys(evidence)))


def alone(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a pattern that matches once in a text."""
    found = list(pattern.finditer(text))
    return found[0] if len(found) == 1 else None
