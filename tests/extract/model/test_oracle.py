"""Pages of real trials against a model that knows their gold: what it fills, and where it is found to disagree."""

from __future__ import annotations

import gzip
import json
import re
import runpy
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from extract.extractor import Extracted, extract_paths
from extract.model.asks import Ask
from extract.model.complete import Completed, Policy
from extract.model.run import ModelRun
from tests.extract.model.oracle import Oracle, Twist
from tests.prompts.common import settings
from tests.prompts.stub import Stub, probed

PAGES = 30

Gold = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def gold(corpus: Path) -> Gold:
    """Studies by their numbers."""
    with gzip.open(corpus / "data/ctgov/studies-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        studies = [json.loads(line) for line, _ in zip(lines, range(PAGES), strict=False)]
    return {s["protocolSection"]["identificationModule"]["nctId"]: s for s in studies}


@pytest.fixture(scope="module")
def pages(gold: Gold, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their pages."""
    render = runpy.run_path(str(corpus / "tools/render_page.py"))["render"]
    folder = tmp_path_factory.mktemp("pages")
    for number, study in gold.items():
        (folder / f"{number}.txt").write_text(render(study), encoding="utf-8")
    return folder


def run(gold: Gold, pages: Path, policy: Policy, twist: Twist = lambda _, value: value) -> list[Completed]:
    with Stub(probed(Oracle(gold, twist))) as stub, ModelRun(settings(stub, deadline=60, timeout=60), policy) as model:
        done = list(model.complete(extract_paths([pages])))
    assert all(isinstance(d, Completed) and d.failures == () for d in done)
    return [d for d in done if isinstance(d, Completed)]


def score(done: Iterable[Completed], gold: Gold, pages: Path, corpus: Path) -> tuple[float, int, int]:
    """(macro accuracy, spurious values, quotes not at their lines) by the corpus's own scorer."""
    (pages / "pred.jsonl").write_bytes(b"".join(d.extraction.to_bytes() for d in done))
    (pages / "gold.jsonl").write_text("".join(json.dumps(g) + "\n" for g in gold.values()), encoding="utf-8")
    scorer = [sys.executable, str(corpus / "tools/score_extraction.py")]
    paths = [str(pages / "pred.jsonl"), str(pages / "gold.jsonl"), str(pages)]
    said = subprocess.run([*scorer, *paths], capture_output=True, text=True, check=True).stdout
    (pages / "pred.jsonl").unlink()
    (pages / "gold.jsonl").unlink()
    numbers = [
        re.search(p, said) for p in (r"macro accuracy ([\d.]+)", r"spurious values (\d+)", r"at their lines (\d+)")
    ]
    macro, spurious, bad = (float(m[1]) if m else -1 for m in numbers)
    return macro, int(spurious), int(bad)


@pytest.mark.corpus
def test_a_model_that_knows_makes_the_pages_whole(gold: Gold, pages: Path, corpus: Path) -> None:
    macro, spurious, bad = score(run(gold, pages, "fill"), gold, pages, corpus)
    assert macro >= 0.998
    assert (spurious, bad) == (0, 0)


# Not in any record, so rejected, and no disagreement.
LIES = {"enrollment": 4711, "minimumAge": "199 Years", "startDate": "1901-01-01", "leadSponsor": "the"}


@pytest.mark.corpus
def test_disagreements_are_those_that_were_planted(gold: Gold, pages: Path) -> None:
    planted: set[tuple[str, str]] = set()
    by_rules = [e for e in extract_paths([pages]) if isinstance(e, Extracted)]
    titles = {e.extraction.document.id: e.extraction.study for e in by_rules}
    assert len(titles) == PAGES

    def twist(ask: Ask, value: Any) -> Any:
        if ask.name == "briefTitle" and len(str(value).split()) > 6:
            return " ".join(str(value).split()[:4])  # true words, and not the title
        return LIES.get(ask.name, value)

    for done in run(gold, pages, "full", twist):
        trial = done.extraction.document.id
        if len(gold[trial]["protocolSection"]["identificationModule"]["briefTitle"].split()) > 6:
            planted.add((trial, "briefTitle"))
        found = {f.message.partition(":")[0] for f in done.extraction.findings if f.code == "model-disagrees"}
        # where the rules split words that run together, the model's split stands: no disagreement is left
        assert {(trial, name) for name in found} == {p for p in planted if p[0] == trial}, trial
    assert len(planted) > PAGES / 2
