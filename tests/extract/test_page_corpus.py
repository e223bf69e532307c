"""Pages of registered studies: as good on the whole development corpus as promised, and the two given pages exact."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extract.readers import page
from extract.rules import page as rules
from extract.source import source_from_bytes
from tests.extract.pages import filled, leaves

pytestmark = pytest.mark.corpus

NOISE_SEED = 20


def tool(corpus: Path, name: str) -> ModuleType:
    """One of the corpus's own scripts as a module."""
    spec = importlib.util.spec_from_file_location(name, corpus / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("nct", ["NCT06727721", "NCT06196996"])
def test_the_given_pages_are_read_exactly(corpus: Path, nct: str) -> None:
    (path,) = (p for p in (corpus / "seeds").glob("*.txt") if nct in p.read_text(encoding="utf-8"))
    gold = json.loads((corpus / "gold" / "extraction" / f"{nct}.json").read_text(encoding="utf-8"))
    del gold["criteria"]
    expected = {pointer: value for pointer, value in leaves(gold) if value is not None}
    draft = filled(path.read_text(encoding="utf-8"))
    assert dict(leaves(draft.study)) == expected
    assert set(draft.evidence) == set(expected)


@pytest.mark.parametrize(("noisy", "least"), [(False, 0.995), (True, 0.995)], ids=["clean", "noisy"])
def test_rendered_pages_score_as_promised(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], noisy: bool, least: float
) -> None:
    render, score = tool(corpus, "render_page"), tool(corpus, "score_extraction")
    rng = random.Random(NOISE_SEED)
    studies = corpus / "data" / "ctgov" / "studies-dev.jsonl.gz"
    predicted = tmp_path / "predicted.jsonl"
    with gzip.open(studies, "rt", encoding="utf-8") as rows, predicted.open("w", encoding="utf-8") as out:
        for row in rows:
            study = json.loads(row)
            text = render.render(study)
            path = tmp_path / f"{study['protocolSection']['identificationModule']['nctId']}.txt"
            path.write_bytes((render.noisy(text, rng) if noisy else text).encode())
            out.write(json.dumps(prediction(path)) + "\n")
    score.main(str(predicted), str(studies), str(tmp_path))
    *_, sums, figures = capsys.readouterr().out.strip().split("\n")
    assert sums.startswith("missing documents 0; spurious values 0 of ")
    assert sums.endswith("not at their lines 0")
    _, _, macro, _, micro = figures.split()
    assert float(macro) >= least
    assert float(micro) >= least


def prediction(path: Path) -> dict[str, Any]:
    """What the scorer reads."""
    source = source_from_bytes(path.read_bytes(), path=str(path), format="page-text")
    assert page.recognises(source.text)
    draft = rules.fill(page.read(source))
    evidence = {p: [{"lines": e.lines, "quote": e.quote} for e in found] for p, found in draft.evidence.items()}
    return {"document": {"path": str(path)}, "study": draft.study, "evidence": evidence}
