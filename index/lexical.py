"""The lexical index: chunks by their words, in tantivy (BM25).

On disk it follows the truth in batches; in memory it holds what the one on disk does not have yet. What cannot be
read is an error here and rebuilt by its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.chunks import Chunk
from index.terms import analyzer, fold

if TYPE_CHECKING:
    from tantivy import Index, Query

ChunkKey = tuple[int, int]
"""Document number and chunk number."""

_HEAP = 50_000_000
_ANALYZER = "trial"


class LexicalUnusable(Exception):
    """The index on disk cannot be read or written; the truth can rebuild it."""


class Entry(NamedTuple):
    """A chunk as it is indexed."""

    key: ChunkKey
    chunk: Chunk
    text: str


class Lexical:
    """An index on disk (`folder`), or in memory. Raises LexicalUnusable."""

    def __init__(self, folder: Path | None = None) -> None:
        with _faults():
            self._index = _open(folder)

    def update(self, entries: Iterable[Entry] = (), *, gone: Iterable[int] = ()) -> None:
        """Add chunks and take out documents, at once; what has the key of an entry is replaced."""
        from tantivy import Document

        with _faults():
            writer = self._index.writer(_HEAP, 1)
            try:
                for number in gone:
                    writer.delete_documents_by_term("document", number)
                for entry in entries:
                    document = Document()
                    document.add_unsigned("document", entry.key[0])
                    document.add_unsigned("chunk", entry.key[1])
                    document.add_text("text", fold(entry.text))
                    document.add_text("context", fold(entry.chunk.context))
                    writer.add_document(document)
                writer.commit()
            finally:
                writer.wait_merging_threads()
            self._index.reload()

    def __len__(self) -> int:
        """How many chunks there are."""
        with _faults():
            count: int = self._index.searcher().num_docs
            return count

    def search(self, query: Iterable[str], *, k: int, documents: Iterable[int] | None = None) -> list[ChunkKey]:
        """The chunks that match these terms best, best first. `documents` are the only ones looked at."""
        from tantivy import Occur, Query

        with _faults():
            schema = self._index.schema
            wanted = [
                (Occur.Should, Query.boost_query(Query.term_query(schema, field, term, "freq"), boost))
                for term in dict.fromkeys(query)
                for field, boost in (("text", 1.0), ("context", 0.5))
            ]
            if not wanted:
                return []
            matching: Query = Query.boolean_query(wanted)
            if documents is not None:
                only = Query.term_set_query(schema, "document", list(documents))
                matching = Query.boolean_query(
                    [(Occur.Must, matching), (Occur.Must, Query.const_score_query(only, 0.0))]
                )
            searcher = self._index.searcher()
            places = [place for _, place in searcher.search(matching, k, count=False).hits]
            numbers = searcher.fast_field_values("document", places)
            chunks = searcher.fast_field_values("chunk", places)
            return [(int(n or 0), int(c or 0)) for n, c in zip(numbers, chunks, strict=True)]

    def frequency(self, term: str) -> int:
        """In how many chunks' text a term occurs."""
        with _faults():
            count: int = self._index.searcher().doc_freq("text", term)
            return count


def _open(folder: Path | None) -> Index:
    from tantivy import Index, SchemaBuilder

    schema = (
        SchemaBuilder()
        .add_unsigned_field("document", indexed=True, fast=True)
        .add_unsigned_field("chunk", fast=True)
        .add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        .add_text_field("context", tokenizer_name=_ANALYZER, index_option="freq")
        .build()
    )
    if folder is None:
        index = Index(schema)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        index = Index(schema, str(folder))
    index.register_tokenizer(_ANALYZER, analyzer())
    return index


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as e:  # tantivy's errors are ValueErrors
        raise LexicalUnusable(str(e)) from e
    except BaseException as e:
        if type(e).__name__ == "PanicException":  # how its damaged files can show; the class cannot be imported
            raise LexicalUnusable(str(e)) from e
        raise
