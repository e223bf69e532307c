"""What a bulk run writes: the same as one document at a time, in tables too, and the same bytes from every engine."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extract.bulk import engines
from extract.bulk.batches import Batch
from extract.bulk.engines import Engine
from extract.bulk.parts import Parts
from extract.bulk.tables import tables
from extract.bulk.work import Done, Job
from extract.extractor import extract_paths
from tests.extract.bulk.common import ALL, OUTPUTS, journal, many, run, written
from trialcite.errors import InputError


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    return many(tmp_path_factory.mktemp("bulk") / "in", examples)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, inputs: Path) -> Path:
    """What one worker makes of them."""
    out = tmp_path_factory.mktemp("bulk") / "out"
    run([inputs], out, kinds=ALL)
    return out


def test_the_lines_are_those_of_one_document_at_a_time(inputs: Path, alone: Path) -> None:
    single = [i for i in extract_paths([inputs]) if not isinstance(i, InputError)]
    assert written(alone)["studies.jsonl"] == b"".join(i.extraction.to_bytes() for i in single)


def test_every_input_is_in_the_journal(alone: Path) -> None:
    rows = journal(alone)
    assert Counter(status for *_, status, _ in rows) == {"done": 207, "failed": 1}
    assert [(m, r) for _, m, status, r in rows if status == "failed"] == [("line 101", rows[108][3])]
    assert "broken JSON at line 101, column 21" in str(rows[108][3])


def test_every_output_is_there(alone: Path) -> None:
    expected = [*(f"{name}.parquet" for name in OUTPUTS), "studies.csv", "studies.jsonl", "studies.sqlite"]
    assert sorted(written(alone)) == sorted(expected)


def test_the_tables_agree_with_the_lines(alone: Path) -> None:
    studies = [json.loads(line) for line in written(alone)["studies.jsonl"].splitlines()]
    pq = pytest.importorskip("pyarrow.parquet")
    with closing(sqlite3.connect(alone / "studies.sqlite")) as db:
        for table in tables():
            names = [c.name for c in table.columns]
            rows = db.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY rowid").fetchall()
            columns = pq.read_table(alone / f"{table.name}.parquet").to_pydict()
            assert list(columns) == names
            assert list(zip(*columns.values(), strict=True)) == rows
        for number, study in enumerate(studies, start=1):
            found = db.execute("SELECT id, text FROM criteria WHERE record = ? ORDER BY position", (number,))
            assert found.fetchall() == [(c["id"], c["text"]) for c in study["criteria"]]
            (proofs,) = db.execute("SELECT count(*) FROM evidence WHERE record = ?", (number,)).fetchone()
            assert proofs == sum(map(len, study["evidence"].values()))
            ids = db.execute("SELECT document, nct_id FROM studies WHERE record = ?", (number,)).fetchall()
            assert ids == [(study["document"]["id"],) * 2]


def test_the_csv_has_a_row_a_study(alone: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(alone)["studies.csv"].decode())))
    assert len(rows) == 207
    assert rows[0]["nct_id"] == "NCT99000001"


def test_the_bytes_do_not_depend_on_the_workers(inputs: Path, alone: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "out", engine=engines.local(2), kinds=ALL)
    assert written(tmp_path / "out") == written(alone)
    assert journal(tmp_path / "out") == journal(alone)


def test_nor_on_the_order_in_which_batches_come_back(inputs: Path, alone: Path, tmp_path: Path) -> None:
    def backwards(batches: Iterator[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
        yield from reversed(list(engines.here(batches, job, parts)))

    run([inputs], tmp_path / "out", engine=backwards, kinds=ALL)  # type: ignore[arg-type]  # a plain generator
    assert written(tmp_path / "out") == written(alone)
    assert journal(tmp_path / "out") == journal(alone)


def killing(engine: Engine, victims: Callable[[], list[int]], times: int) -> Engine:
    """The engine, with so many of its processes killed, one after each batch."""

    def killed(batches: Iterator[Batch], job: Job, parts: Parts) -> Iterator[tuple[Batch, Done]]:
        left = times
        for done in engine(batches, job, parts):
            yield done
            if left and (found := victims()):
                os.kill(found[0], signal.SIGKILL)
                left -= 1

    return killed  # type: ignore[return-value]  # a plain generator


def children() -> list[int]:
    """The workers of this process."""
    import multiprocessing

    return [p.pid for p in multiprocessing.active_children() if p.pid]


def test_workers_that_are_killed_lose_nothing(inputs: Path, alone: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "out", engine=killing(engines.local(2), children, 2), kinds=ALL)
    assert not list((tmp_path / "out" / ".parts").glob("*.draft"))
    assert written(tmp_path / "out") == written(alone)
    assert journal(tmp_path / "out") == journal(alone)


def test_a_dask_cluster_gives_the_same_bytes(inputs: Path, alone: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        engine = engines.dask(cluster.scheduler_address)
        run([inputs], tmp_path / "whole", engine=engine, kinds=ALL)
        victims = [next(iter(cluster.workers.values())).process.pid]
        run([inputs], tmp_path / "killed", engine=killing(engine, lambda: victims, 1), kinds=ALL)
    for out in ("whole", "killed"):
        assert written(tmp_path / out) == written(alone)
        assert journal(tmp_path / out) == journal(alone)


DOCS = Path(__file__).resolve().parents[3] / "docs" / "bulk.md"


def test_the_queries_of_the_documentation_run(alone: Path) -> None:
    queries = DOCS.read_text().split("```sql\n")[1:]
    with closing(sqlite3.connect(alone / "studies.sqlite")) as db:
        answers = [db.execute(query.partition("```")[0]).fetchall() for query in queries]
    assert len(answers) == 3
    assert all(answers)


def test_the_documentation_names_every_column() -> None:
    text = DOCS.read_text()
    for table in tables():
        section = text.partition(f"### {table.name}\n")[2].partition("\n#")[0]
        assert [c.name for c in table.columns[2:] if f"`{c.name}`" not in section] == []
