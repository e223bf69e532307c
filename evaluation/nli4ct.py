"""The NLI4CT archive as it is published: trial records as line lists, statements with the lines that are evidence.

Each statement asks for one trial, or for two; each of its trials makes a query. The lines of a record are laid out as
one page, its four sections one after the other, and the evidence is given by that page's line numbers.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from evaluation.files import read_bytes
from evaluation.retrieval import GoldQuery
from extract.evidence import fold
from extract.source import Source, source_from_bytes
from trialcite.errors import MalformedRecord

SECTIONS = ("Intervention", "Eligibility", "Results", "Adverse Events")
_STATEMENTS = ("dev.json", "train.json")
_ROLES = ("Primary", "Secondary")


@dataclass
class Page:
    """One record as lines. `first` is the line before each section's first item, `count` how many items it has."""

    lines: list[str] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def section(self, name: str) -> tuple[int, int]:
        """First and last line of a section."""
        return self.first[name] + 1, self.first[name] + self.count[name]

    def text(self) -> str:
        """The whole page."""
        return "\n".join(self.lines)

    def source(self, trial: str) -> Source:
        """The page as a record to show lines of."""
        return source_from_bytes(self.text().encode(), path=f"{trial}.txt", format="plain-text")


def is_archive(path: Path) -> bool:
    """Whether a gold file is such an archive, by its name."""
    return path.name.endswith((".tar.gz", ".tgz"))


def read_archive(path: Path) -> tuple[dict[str, GoldQuery], dict[str, Page]]:
    """The queries of all statements, and the pages they are about. Raises MalformedRecord, UnreadableInput."""
    try:
        with tarfile.open(fileobj=io.BytesIO(read_bytes(path))) as archive:
            members = {m.name.removeprefix("./"): m for m in archive.getmembers() if m.isfile()}
            content = {
                name: orjson.loads(opened.read())
                for name, m in members.items()
                if name.endswith(".json") and (opened := archive.extractfile(m)) is not None
            }
    except (tarfile.TarError, orjson.JSONDecodeError) as e:
        raise MalformedRecord(f"is no NLI4CT archive ({e})", where=str(path)) from e
    pages = {Path(name).stem: page_of(record) for name, record in content.items() if name.startswith("ct/")}
    queries: dict[str, GoldQuery] = {}
    for name in _STATEMENTS:
        for statement, data in content.get(name, {}).items():
            queries |= {q.id: q for q in _queries(statement, data, pages)}
    if not queries:
        raise MalformedRecord("holds no NLI4CT statements", where=str(path))
    return queries, pages


def page_of(record: dict[str, Any]) -> Page:
    """A record's lines: a heading and an empty line, then the items, for each section."""
    page = Page()
    for section in SECTIONS:
        page.lines += [section, ""]
        items = [fold(item) for item in record.get(section) or []]
        page.first[section], page.count[section] = len(page.lines), len(items)
        page.lines += [*items, ""]
    return page


def _queries(statement: str, data: dict[str, Any], pages: dict[str, Page]) -> Iterator[GoldQuery]:
    section = data["Section_id"]
    for role in _ROLES:
        trial = data.get(f"{role}_id")
        page = pages.get(trial) if trial else None
        if page is None:
            continue
        items = [i for i in data.get(f"{role}_evidence_index") or [] if i < page.count[section]]
        if items:
            yield GoldQuery(
                id=f"{statement}/{role}",
                lines=[page.first[section] + 1 + i for i in items],
                section=page.section(section),
                document=trial,
                query=data["Statement"],
            )


def write_pages(pages: dict[str, Page], trials: set[str], folder: Path) -> None:
    """The pages of the trials as text files, for a system to read."""
    folder.mkdir(parents=True, exist_ok=True)
    for trial in sorted(trials):
        (folder / f"{trial}.txt").write_text(pages[trial].text(), encoding="utf-8")
