"""A run that is cut off, at any moment, and goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extract import extractor
from extract.bulk import engines
from extract.bulk.batches import Batch
from extract.bulk.run import BulkRun, Selection, Stopped
from extract.bulk.units import named, units
from extract.bulk.work import Done, Job
from extract.extractor import EvidenceScope, Extracted
from extract.reading import Reading
from tests.extract.bulk.common import journal, many, run, written
from trialcite.errors import InputError, UsageError

ROOT = Path(__file__).resolve().parents[3]
TRIALCITE = (sys.executable, "-c", "from trialcite.cli import main; main()")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    return many(tmp_path_factory.mktemp("bulk") / "in", examples)


def bulk(inputs: Path, out: Path, **said: object) -> BulkRun:
    given: dict[str, object] = {"settings": {"outputs": ["jsonl"]}, "job": Job(), "engine": engines.here} | said
    return BulkRun(folder=out, inputs=lambda: units(named([inputs])), **given)  # type: ignore[arg-type]  # by name


def test_kill_at_any_moment_and_go_on(inputs: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    command = [*TRIALCITE, "extract", str(inputs), "--tables", "csv", "--workers", "2"]
    start = time.monotonic()
    subprocess.run([*command, "-o", str(whole)], cwd=ROOT, capture_output=True, check=False)
    lasts = time.monotonic() - start
    moments, kills = random.Random(7), 0
    for _ in range(2):
        process = subprocess.Popen([*command, "-o", str(out)], cwd=ROOT, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.2, 0.9) * lasts)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert kills
    subprocess.run([*command, "-o", str(out)], cwd=ROOT, capture_output=True, check=False)
    assert written(out) == written(whole)
    assert journal(out) == journal(whole)


def test_interrupted_at_every_batch(inputs: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "whole")
    worked = []

    def interrupt(batch: Batch, done: Done | None) -> None:
        if done is not None:
            worked.append(batch.number)
            raise KeyboardInterrupt

    out = tmp_path / "out"
    for _ in range(100):
        try:
            bulk(inputs, out, on_batch=interrupt).go()
            break
        except KeyboardInterrupt:
            continue
    assert worked == list(range(len(worked)))  # no batch twice
    assert len(worked) > 3
    assert written(out) == written(tmp_path / "whole")


def test_a_part_that_was_lost_is_made_again(inputs: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "whole")
    run([inputs], tmp_path / "out")
    (tmp_path / "out" / ".parts" / "00000001.part").unlink()  # it is kept, because an input failed
    run([inputs], tmp_path / "out")
    assert written(tmp_path / "out") == written(tmp_path / "whole")


def test_drafts_of_a_run_that_was_cut_off_are_thrown_out(inputs: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "whole")
    parts = tmp_path / "out" / ".parts"
    parts.mkdir(parents=True)
    (parts / "00000001.77.draft").write_bytes(b"half a pa")
    run([inputs], tmp_path / "out")
    assert {p.suffix for p in parts.iterdir()} == {".part"}  # they are kept, because an input failed
    assert written(tmp_path / "out") == written(tmp_path / "whole")


def test_what_failed_can_be_mended(inputs: Path, tmp_path: Path) -> None:
    mended = tmp_path / "in"
    shutil.copytree(inputs, mended)
    assert run([mended], tmp_path / "out").statuses["failed"] == 1
    rows = (mended / "studies.jsonl").read_bytes().split(b"\n")
    rows[100] = rows[0]
    (mended / "studies.jsonl").write_bytes(b"\n".join(rows))
    worked = []
    bulk(mended, tmp_path / "out", settings={"outputs": ("jsonl",)}, on_batch=lambda b, d: worked.append((b, d))).go()
    assert sum(done is not None for _, done in worked) == 1
    assert {status for _, _, status, _ in journal(tmp_path / "out")} == {"done"}
    run([mended], tmp_path / "whole")
    assert written(tmp_path / "out") == written(tmp_path / "whole")


def test_a_finished_run_has_nothing_to_do(tmp_path: Path, examples: Path) -> None:
    good = tmp_path / "in"
    shutil.copytree(examples, good)
    first = run([good], tmp_path / "out")
    assert not (tmp_path / "out" / ".parts").exists()
    before = written(tmp_path / "out")
    assert run([good], tmp_path / "out") == first
    (tmp_path / "out" / "studies.jsonl").unlink()
    assert run([good], tmp_path / "out") == first
    assert written(tmp_path / "out") == before
    (good / "NCT99000001.txt").unlink()
    with pytest.raises(UsageError, match="have changed"):
        run([good], tmp_path / "out")
    assert written(tmp_path / "out") == before
    bulk(good, tmp_path / "out", fresh=True).go()
    assert len(written(tmp_path / "out")["studies.jsonl"].splitlines()) == 5


def test_another_run_does_not_go_on_here(inputs: Path, tmp_path: Path) -> None:
    run([inputs], tmp_path / "out")
    with pytest.raises(UsageError, match="begun with outputs"):
        run([inputs], tmp_path / "out", kinds=("jsonl", "csv"))


def test_stopped_at_the_first_failure(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        bulk(inputs, tmp_path / "out", fail_fast=True).go()
    assert "studies.jsonl" not in written(tmp_path / "out")
    statuses = [status for _, _, status, _ in journal(tmp_path / "out")]
    assert statuses.count("failed") == 1
    assert len(statuses) < 208


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(limit=7), 7),
        (Selection(sample=9, seed=1), 9),
        (Selection(limit=3, sample=9), 3),
        (Selection(sample=9999), 208),
    ],
)
def test_some_of_the_inputs(inputs: Path, tmp_path: Path, selection: Selection, count: int) -> None:
    for out in ("one", "two"):
        bulk(inputs, tmp_path / out, selection=selection).go()
    assert len(journal(tmp_path / "one")) == count
    assert written(tmp_path / "one") == written(tmp_path / "two")


def test_the_seed_decides(inputs: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        bulk(inputs, tmp_path / str(seed), selection=Selection(sample=9, seed=seed)).go()
    assert written(tmp_path / "1") != written(tmp_path / "2")


def _hears_interruptions() -> None:
    """A shell's background job ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_by_a_person(examples: Path, tmp_path: Path) -> None:
    inputs = many(tmp_path / "in", examples, pages=800)  # more than is done while this test looks away
    command = [*TRIALCITE, "extract", str(inputs), "-o", str(tmp_path / "out"), "--workers", "2"]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=_hears_interruptions
    )
    parts = tmp_path / "out" / ".parts"
    while process.poll() is None and not list(parts.glob("*.part")):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the workers too
    said = process.communicate()[1].decode()
    assert (process.returncode, "the same command goes on from there" in said) == (130, True)
    assert "Traceback" not in said
    assert list(parts.glob("*.part"))


def test_workers_end_with_their_parent(inputs: Path, tmp_path: Path) -> None:
    command = [*TRIALCITE, "extract", str(inputs), "-o", str(tmp_path / "out"), "--workers", "2"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    workers: list[int] = []
    while process.poll() is None and len(workers) < 2:
        time.sleep(0.05)
        workers = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while any(map(_lives, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_lives, workers))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(p) for p in tasks.read_text().split()] if tasks.exists() else []


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_a_fault_of_ours_costs_one_input(tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = extractor.extracted

    def extracted(reading: Reading, *, evidence: EvidenceScope) -> Extracted | InputError:
        if "NCT99000003" in reading.source.path:
            raise ZeroDivisionError("division by zero")
        return real(reading, evidence=evidence)

    monkeypatch.setattr("extract.bulk.work.extracted", extracted)
    totals = run([examples], tmp_path / "out")
    assert totals.statuses == {"done": 5, "failed": 1}
    assert list(totals.reasons) == ["the program failed on it (ZeroDivisionError: division by zero) (please report it)"]
