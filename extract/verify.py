"""Re-check an output file against its sources, offline: every quote at its lines, every source unchanged.

Works on what `extract` writes and on what `ask` writes; both name documents by path, member and SHA-256. Rows are
checked in the order they come, with a bounded number of sources in memory, so a file of any size can be checked.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from extract.evidence import fold, pointer, stands_at
from extract.readers import readings
from extract.source import LineRange, Source
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

_KEPT_SOURCES = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold. `row` is the line of the output file, `place` the pointer or claim within it."""

    row: int
    document: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row} {self.document} {self.place}: {self.reason}"


@dataclass
class Report:
    """What was checked, and what did not hold."""

    rows: int = 0
    quotes: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Proof:
    place: str
    document: Mapping[str, Any]
    lines: LineRange
    quote: str


def verify(stream: BinaryIO, *, where: str, root: Path) -> Report:
    """Check every row; relative paths of sources start at `root`. Raises MalformedRecord for a row that is not ours."""
    report, sources = Report(), _Sources(root)
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        report.rows += 1
        row = _row(line, where, number)
        for document, place in _uncited(row):
            report.faults.append(Fault(number, document, place, "a value without evidence"))
        for proof in _proofs(row, where, number):
            report.quotes += 1
            reason = _fault_of(proof, sources)
            if reason:
                report.faults.append(Fault(number, str(proof.document.get("id", "?")), proof.place, reason))
    return report


def _row(line: bytes, where: str, number: int) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as e:
        raise MalformedRecord(f"row {number} is not JSON ({e})", where=where) from e
    if not isinstance(row, dict) or not ("evidence" in row or "citations" in row):
        raise MalformedRecord(f"row {number} is neither an extraction nor an answer", where=where)
    return row


def _proofs(row: dict[str, Any], where: str, number: int) -> Iterator[_Proof]:
    try:
        if "citations" in row:
            for place, citation in _citations(row):
                document = {"id": citation["document"]} | {k: citation.get(k) for k in ("path", "member", "sha256")}
                yield _Proof(place, document, _lines(citation), citation["quote"])
            return
        document = row["document"]
        for place, evidences in row["evidence"].items():
            for e in evidences:
                yield _Proof(place, document, _lines(e), e["quote"])
        for criterion in row.get("criteria", []):
            yield _Proof(f"criterion {criterion['id']}", document, _lines(criterion), criterion["text"])
            for constraint in criterion.get("constraints", []):
                place = f"constraint of {criterion['id']}"
                yield _Proof(place, document, _lines(criterion), constraint["quote"])
        for finding in row.get("findings", []):
            for e in finding["evidence"]:
                yield _Proof(f"finding {finding['code']}", document, _lines(e), e["quote"])
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise MalformedRecord(f"row {number} is not in our shape ({type(e).__name__}: {e})", where=where) from e


def _citations(row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, claim in enumerate(row.get("claims", []), start=1):
        for citation in claim["citations"]:
            yield f"claim {n}", citation
    for n, citation in enumerate(row["citations"], start=1):
        yield f"citation {n}", citation


def _lines(item: Mapping[str, Any]) -> LineRange:
    first, last = item["lines"]
    return int(first), int(last)


def _uncited(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Values of a study read from text that name no lines. A structured source's values are placed by their pointer."""
    document = row.get("document")
    if not isinstance(document, dict) or document.get("format") not in ("page-text", "plain-text", "html", "pdf"):
        return
    for leaf in _leaves(row.get("study")):
        if not row["evidence"].get(leaf):
            yield str(document.get("id", "?")), leaf


def _leaves(study: object) -> Iterator[str]:
    pending: list[tuple[tuple[str | int, ...], object]] = [((), study)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, dict):
            pending += [((*path, k), v) for k, v in node.items()]
        elif isinstance(node, list):
            pending += [((*path, i), v) for i, v in enumerate(node)]
        elif node is not None:
            yield pointer(*path)


def _fault_of(proof: _Proof, sources: _Sources) -> str | None:
    try:
        source = sources.find(str(proof.document["path"]), proof.document.get("member"))
    except InputError as e:
        return f"the source cannot be read: {e}"
    if source.sha256 != proof.document["sha256"]:
        return f"{source.path} has changed since (its SHA-256 differs)"
    first, last = proof.lines
    if not stands_at(proof.quote, proof.lines, source):
        return f"the quote is not at {source.path}:{first}-{last}: {fold(proof.quote)[:80]!r}"
    return None


class _Sources:
    """Sources by path and member, read forward, the most recent kept."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: OrderedDict[tuple[str, str | None], Source | InputError] = OrderedDict()
        self._path: str | None = None
        self._cursor: Iterator[Source | InputError] = iter(())

    def find(self, path: str, member: str | None) -> Source:
        """The source; read on from where the last search in the same file ended, then once more from its beginning."""
        key = (path, member)
        if key not in self._kept:
            self._read_on(key)
        found = self._kept.get(key) or UnreadableInput(f"no record {member or ''} in it", where=path)
        self._keep(key, found)
        if isinstance(found, InputError):
            raise found
        return found

    def _read_on(self, key: tuple[str, str | None]) -> None:
        path, _ = key
        resumed = self._path == path
        for start_over in (False, True) if resumed else (True,):
            if start_over:
                self._path, self._cursor = path, self._open(path)
            for _ in self._cursor:
                if key in self._kept:
                    return

    def _open(self, path: str) -> Iterator[Source | InputError]:
        for reading in readings(self._root / path if path != "-" else Path(path)):
            if isinstance(reading, InputError):
                self._keep((path, None), reading)
                yield reading
            else:
                self._keep((path, reading.member), reading.source)
                yield reading.source

    def _keep(self, key: tuple[str, str | None], found: Source | InputError) -> None:
        self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT_SOURCES:
            self._kept.popitem(last=False)


def faults_by_reason(faults: Iterable[Fault]) -> dict[str, int]:
    """How often each kind of reason came up, the frequent first."""
    counts: dict[str, int] = {}
    for f in faults:
        kind = f.reason.split(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda kv: -kv[1]))
