"""Rows of a table as Arrow data, and Parquet files of it. pyarrow is an extra; it is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from extract.bulk.tables import Row, Table
from trialcite.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_A_GROUP = 1 << 16
_BYTES_A_GROUP = 16 << 20


def demand() -> None:
    """Raises UsageError, saying what to install, when pyarrow is missing."""
    if find_spec("pyarrow") is None:
        raise UsageError("Parquet needs pyarrow, which is not installed", hint="pip install 'trialcite[parquet]'")


def packed(table: Table, rows: Sequence[Row]) -> bytes:
    """The rows as an Arrow IPC stream of one batch."""
    import pyarrow as pa

    _use_system_memory()
    schema = _schema(table)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=f.type) for column, f in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=schema))
    return bytes(sink.getvalue())


def write(path: Path, table: Table, sheets: Iterable[tuple[int, bytes]]) -> None:
    """A Parquet file of the table's batches, each with the number of studies before it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    _use_system_memory()
    schema = _schema(table)
    held: list[pa.RecordBatch] = []
    rows = size = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for before, data in sheets:
            batch = _numbered(data, before)
            if not batch.num_rows:
                continue
            held.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows >= _ROWS_A_GROUP or size >= _BYTES_A_GROUP:
                writer.write_table(pa.Table.from_batches(held, schema))
                held, rows, size = [], 0, 0
        writer.write_table(pa.Table.from_batches(held, schema))


def _numbered(data: bytes, before: int) -> pa.RecordBatch:
    """The batch with its records counted on from those before it."""
    import pyarrow as pa

    batch = pa.ipc.open_stream(data).read_next_batch()
    # By numpy, which pyarrow has imported already; its own functions take longer to import than all sums to add up.
    return batch.set_column(0, batch.schema[0], pa.array(batch.column(0).to_numpy() + before))


@cache
def _use_system_memory() -> None:
    """Arrow's own allocator holds on to 10 MB more in each worker, and is no faster here."""
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())


@cache
def _schema(table: Table) -> pa.Schema:
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}
    fields = [pa.field(c.name, types[c.type], metadata={"about": c.about} if c.about else None) for c in table.columns]
    return pa.schema(fields, metadata={"about": table.about})
