"""The truth of a library: one SQLite database (WAL) with everything the other indexes are built from.

A document is written, replaced and removed in one transaction, and its number is never used again: what an index
still holds of an older version is told by its number. Vectors come after their document; one without vectors waits
for them. Every method raises LibraryDamaged when the database contradicts itself and LibraryUnwritable when it
cannot take what is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from index.chunks import Chunk
from index.database import Database, faults
from index.fields import Value
from index.pool import spans
from index.where import Condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Embedder

IndexName = Literal["vectors", "lexical"]
INDEX_NAMES: tuple[IndexName, ...] = get_args(IndexName)


class Row(NamedTuple):
    """A document without its contents. `number` is its place in the order of writing."""

    number: int
    id: str
    path: str
    member: str | None
    format: str
    sha256: str
    encoding: str
    lines: int
    version: str
    added: str


class Contents(NamedTuple):
    """The text of a document's source; its passages, places and extraction as JSON; what filters compare."""

    text: str
    passages: bytes
    places: bytes
    extraction: bytes
    facets: tuple[tuple[str, Value], ...] = ()


class Progress(NamedTuple):
    """How far an index has followed: documents up to `applied` are in it, removals up to `cleared` are out of it.

    `rows` is how many chunks it holds; None while it is being changed, so that an interruption shows.
    """

    applied: int = 0
    cleared: int = 0
    rows: int | None = 0


class Store(Database):
    """A library's database, open, with what its tables are asked and told. Use it from one thread."""

    # Documents

    def put(self, row: Row, contents: Contents, chunks: Sequence[Chunk], replaces: Iterable[int] = ()) -> int:
        """Store a document, and remove those it replaces, at once. Returns its number, whatever `row` says of it."""
        first_rows = accumulate(
            (len(spans(i, c, contents.text[c.start : c.end])) for i, c in enumerate(chunks)), initial=0
        )
        with self._writing():
            for number in replaces:
                self._drop(number)
            number = self._db.execute(
                "INSERT INTO documents (id, path, member, format, sha256, encoding, lines, version, added)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                (
                    row.id,
                    row.path,
                    row.member or "",
                    row.format,
                    row.sha256,
                    row.encoding,
                    row.lines,
                    row.version,
                    row.added,
                ),
            ).fetchone()[0]
            self._db.execute(
                "INSERT INTO contents VALUES (?, ?, ?, ?, ?)",
                (number, contents.text, contents.passages, contents.places, contents.extraction),
            )
            self._db.executemany(
                "INSERT INTO facets VALUES (?, ?, ?, ?, ?)",
                ((number, name, v.text, v.low, v.high) for name, v in contents.facets),
            )
            self._db.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (number, i, *c.lines, c.start, c.end, c.section, c.label, c.place, first)
                    for (i, c), first in zip(enumerate(chunks), first_rows, strict=False)
                ),
            )
        return int(number)

    def drop(self, number: int) -> None:
        """Remove a document."""
        with self._writing():
            self._drop(number)

    def _drop(self, number: int) -> None:
        self._db.execute(
            "INSERT INTO gone (document, chunks) SELECT ?, COUNT(*) FROM chunks WHERE document = ?", (number, number)
        )
        self._db.execute("DELETE FROM documents WHERE number = ?", (number,))

    def by_id(self, document: str) -> Row | None:
        """The document of that id."""
        row = self._one("SELECT * FROM listing WHERE id = ?", document)
        return Row(*row) if row else None

    def at(self, path: str, member: str | None) -> Row | None:
        """The document that was read from there."""
        row = self._one("SELECT * FROM listing WHERE path = ? AND member IS ?", path, member or None)
        return Row(*row) if row else None

    def rows(self) -> Iterator[Row]:
        """Every document, by id."""
        for row in self._all("SELECT * FROM listing ORDER BY id"):
            yield Row(*row)

    def rows_of(self, numbers: Iterable[int]) -> dict[int, Row]:
        """The documents of these numbers, those that are still there."""
        query = "SELECT * FROM listing WHERE number IN (SELECT value FROM json_each(?))"
        return {row[0]: Row(*row) for row in self._all(query, json.dumps(list(numbers)))}

    def count(self) -> int:
        """How many documents there are."""
        return int(self._must("SELECT COUNT(*) FROM documents")[0])

    def text(self, number: int) -> str:
        """The text of a document's source."""
        return str(self._must("SELECT text FROM contents WHERE document = ?", number)[0])

    def texts(self, numbers: Iterable[int]) -> dict[int, str]:
        """The texts of several documents' sources, by number."""
        query = "SELECT document, text FROM contents WHERE document IN (SELECT value FROM json_each(?))"
        return dict(self._all(query, json.dumps(list(numbers))))

    def passages(self, number: int) -> bytes:
        """A document's passages, JSON."""
        return bytes(self._must("SELECT passages FROM contents WHERE document = ?", number)[0])

    def places(self, number: int) -> bytes:
        """A document's places, JSON."""
        return bytes(self._must("SELECT places FROM contents WHERE document = ?", number)[0])

    def extraction(self, number: int) -> bytes:
        """A document's extraction, JSON."""
        return bytes(self._must("SELECT extraction FROM contents WHERE document = ?", number)[0])

    def matching(self, condition: Condition) -> set[int]:
        """The numbers of the documents that fulfil a filter."""
        query = "SELECT number FROM documents WHERE " + condition.sql  # noqa: S608 - constant; a person's words are parameters
        return {n for (n,) in self._all(query, *condition.parameters)}

    def read_by_others(self, version: str) -> int:
        """How many documents were read by another version of the program."""
        return int(self._must("SELECT COUNT(*) FROM documents WHERE version != ?", version)[0])

    def formats(self) -> dict[str, int]:
        """How many documents there are of each format."""
        return dict(self._all("SELECT format, COUNT(*) FROM documents GROUP BY format ORDER BY format"))

    # Chunks and vectors

    def chunks(self, number: int) -> list[Chunk]:
        """A document's chunks, in order."""
        rows = self._all(
            "SELECT first, last, start, end, section, label, place FROM chunks WHERE document = ? ORDER BY number",
            number,
        )
        return [Chunk((first, last), *rest) for first, last, *rest in rows]

    def chunk_rows(self, number: int) -> list[int]:
        """For each of a document's chunks the row of its vector; the vectors of its lines follow there."""
        return [row for (row,) in self._all("SELECT row FROM chunks WHERE document = ? ORDER BY number", number)]

    def some_chunks(self, keys: Iterable[tuple[int, int]]) -> list[tuple[int, int, int, Chunk]]:
        """(document, number, row of its vector, chunk) of these chunks by document and number, in that order.

        What is no longer stored is left out.
        """
        found = self._all(
            "SELECT c.document, c.number, c.row, c.first, c.last, c.start, c.end, c.section, c.label, c.place"
            " FROM json_each(?) AS k CROSS JOIN chunks AS c ON c.document = k.value ->> 0 AND c.number = k.value ->> 1",
            json.dumps(sorted(keys)),
        )
        return [(d, n, row, Chunk((first, last), *rest)) for d, n, row, first, last, *rest in found]

    def chunk_count(self) -> int:
        """How many chunks all documents have together."""
        return int(self._must("SELECT COUNT(*) FROM chunks")[0])

    def chunks_at(self, number: int, places: Iterable[str]) -> list[int]:
        """The numbers of a document's chunks that stand in these places of `index.places`."""
        query = (
            "SELECT number FROM chunks WHERE document = ? AND place IN (SELECT value FROM json_each(?)) ORDER BY number"
        )
        return [n for (n,) in self._all(query, number, json.dumps(list(places)))]

    def vectors(self, number: int) -> NDArray[np.float32] | None:
        """A document's unit vectors, each chunk's and then its lines' (see `chunk_rows`); None while they wait."""
        import numpy as np

        row = self._one("SELECT dimension, data FROM vectors WHERE document = ?", number)
        return None if row is None else np.frombuffer(row[1], np.float32).reshape(-1, row[0])

    def some_vectors(self, slices: Mapping[int, Sequence[tuple[int, int]]]) -> list[NDArray[np.float32]] | None:
        """Some of documents' vectors, (first row, how many) at a time, as given; None while one's wait."""
        import numpy as np

        found = self._all(
            "SELECT document, dimension FROM vectors WHERE document IN (SELECT value FROM json_each(?))",
            json.dumps(list(slices)),
        )
        if len(found) < len(slices):
            return None
        dimensions = dict(found)
        parts = []
        with faults(self.path):
            for number, wanted in slices.items():
                width = dimensions[number] * 4
                with self._db.blobopen("vectors", "data", number, readonly=True) as blob:
                    for first, count in wanted:
                        blob.seek(first * width)
                        parts.append(np.frombuffer(blob.read(count * width), np.float32).reshape(count, -1))
        return parts

    def put_vectors(self, vectors: dict[int, NDArray[np.float32]]) -> None:
        """Store documents' vectors at once."""
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                ((number, v.shape[1], v.tobytes()) for number, v in vectors.items()),
            )

    def set_embedder(self, embedder: Embedder, *, anew: bool) -> None:
        """Remember whose vectors these are; with `anew` forget all that there are, which were another's."""
        facts = {"embedder": embedder.fingerprint, "embedder_name": embedder.name, "dimension": embedder.dimension}
        with self._writing():
            if anew:
                self._db.execute("DELETE FROM vectors")
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def without_vectors(self) -> list[int]:
        """The numbers of documents that wait for their vectors, in order."""
        return [
            n
            for (n,) in self._all(
                "SELECT number FROM documents WHERE number NOT IN (SELECT document FROM vectors) ORDER BY number"
            )
        ]

    # What the indexes have followed

    def progress(self, index: IndexName) -> Progress:
        """How far an index has followed."""
        row = self._one("SELECT applied, cleared, rows FROM progress WHERE index_name = ?", index)
        return Progress(*row) if row else Progress()

    def set_progress(self, index: IndexName, progress: Progress) -> None:
        """Remember how far an index has followed."""
        with self._writing():
            self._db.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)",
                (index, progress.applied, progress.cleared, progress.rows),
            )

    def numbers_after(self, number: int) -> list[int]:
        """The numbers of documents written after that one, in order."""
        return [n for (n,) in self._all("SELECT number FROM documents WHERE number > ? ORDER BY number", number)]

    def with_vectors_after(self, number: int) -> list[int]:
        """The numbers of documents written after that one that have their vectors, in order."""
        return [n for (n,) in self._all("SELECT document FROM vectors WHERE document > ? ORDER BY document", number)]

    def gone_after(self, removal: int) -> dict[int, int]:
        """The numbers of documents removed after that removal, and how many chunks each had."""
        return dict(self._all("SELECT document, chunks FROM gone WHERE removal > ? ORDER BY removal", removal))

    def last_removal(self) -> int:
        """The latest removal."""
        row = self._one("SELECT seq FROM sqlite_sequence WHERE name = 'gone'")
        return row[0] if row else 0
