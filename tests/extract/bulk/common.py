"""Inputs for bulk runs: the bundled examples many times over, and what a run makes of a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from extract.bulk import engines
from extract.bulk.archives import Limits
from extract.bulk.engines import Engine
from extract.bulk.journal import Journal, Totals
from extract.bulk.run import BulkRun
from extract.bulk.units import named, units
from extract.bulk.work import Job, Kind

ALL: tuple[Kind, ...] = ("jsonl", "csv", "parquet", "sqlite")
OUTPUTS = ["arms", "constraints", "criteria", "evidence", "findings", "interventions", "sites", "studies"]


def record(number: int, examples: Path) -> bytes:
    """An invented registry record of that number, on one line: every 20th a whole one, the others short."""
    study = json.loads((examples / "NCT99000005.json").read_text())
    protocol = study["protocolSection"]
    protocol["identificationModule"]["nctId"] = f"NCT{99000000 + number}"
    if number % 20:
        kept = ("identificationModule", "armsInterventionsModule", "contactsLocationsModule")
        study = {"protocolSection": {name: protocol[name] for name in kept}}
        study["protocolSection"]["eligibilityModule"] = {"eligibilityCriteria": f"Age of {18 + number % 50} or more"}
    return json.dumps(study).encode()


def many(folder: Path, examples: Path, *, lines: int = 200, pages: int = 8) -> Path:
    """A folder of inputs of several batches: a file of JSON Lines, with a broken one, and pages."""
    folder.mkdir()
    rows = [record(n, examples) for n in range(lines)]
    rows[lines // 2] = b'{"protocolSection": '
    (folder / "studies.jsonl").write_bytes(b"\n".join(rows) + b"\n")
    for n in range(pages):
        (folder / f"page-{n:03}.txt").write_bytes((examples / f"NCT9900000{1 + n % 4}.txt").read_bytes())
    return folder


def run(
    inputs: Iterable[Path],
    out: Path,
    *,
    engine: Engine = engines.here,
    kinds: tuple[Kind, ...] = ("jsonl",),
    limits: Limits | None = None,
) -> Totals:
    """A whole run."""
    paths = list(inputs)
    return BulkRun(out, lambda: units(named(paths), limits), Job(kinds), engine, {"outputs": kinds}).go()


def written(out: Path) -> dict[str, bytes]:
    """Every output of a run by its name; the journal and what is hidden are none."""
    return {p.name: p.read_bytes() for p in sorted(out.iterdir()) if p.name[0] != "." and "journal" not in p.name}


def journal(out: Path) -> list[tuple[str, str | None, str, str | None]]:
    """(file name, member, status, reason) of every input, in order."""
    with Journal(out) as opened:
        rows = opened.inputs()
        return [(Path(container).name, member, status, reason) for container, member, status, reason in rows]
