"""A stored document: its parts are read and decoded when they are asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from extract.document import Document
from extract.reading import Passage, Reading
from extract.source import Source
from index.fields import values_of
from index.store import Contents, Row, Store

if TYPE_CHECKING:
    from extract.extraction import Extraction


class Stored:
    """One document of a library, as long as that is open."""

    def __init__(self, store: Store, row: Row) -> None:
        self._store = store
        self._row = row

    @property
    def id(self) -> str:
        """What the library calls it."""
        return self._row.id

    @property
    def document(self) -> Document:
        """What was read, without looking at its contents."""
        return document(self._row)

    @cached_property
    def source(self) -> Source:
        """Its numbered lines."""
        r = self._row
        return Source(r.path, r.format, r.sha256, self._store.text(r.number), r.encoding)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What its reader made of the lines."""
        rows = orjson.loads(self._store.passages(self._row.number))
        return tuple(Passage(section, (first, last), label) for section, first, last, label in rows)

    @cached_property
    def reading(self) -> Reading:
        """Its reading without the record, which is the extraction's study. `places` serve `extractor.evidence_at`."""
        places = orjson.loads(self._store.places(self._row.number))
        return Reading(
            self.source,
            self.passages,
            member=self._row.member,
            places={pointer: (first, last) for pointer, (first, last) in places.items()},
        )

    @cached_property
    def extraction(self) -> Extraction:
        """The structured study with its evidence."""
        from extract.extraction import Extraction

        return Extraction.model_validate(self.extraction_json)

    @property
    def extraction_json(self) -> Any:
        """The same as it is written out, without the cost of the models."""
        return orjson.loads(self._store.extraction(self._row.number))


def document(row: Row) -> Document:
    """The contract's document of a stored row."""
    return Document(
        id=row.id,
        path=row.path,
        format=row.format,
        sha256=row.sha256,
        lines=row.lines,
        encoding=row.encoding,
        member=row.member,
    )


def contents(reading: Reading, extraction: Extraction) -> Contents:
    """What is stored of a document."""
    written = extraction.to_json()
    return Contents(
        text=reading.source.text,
        passages=orjson.dumps([(p.section, *p.lines, p.label) for p in reading.passages]),
        places=orjson.dumps(dict(reading.places)),
        extraction=orjson.dumps(written),
        facets=tuple(values_of(written["study"])),
    )
