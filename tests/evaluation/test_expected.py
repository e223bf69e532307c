"""Our own figures on the development corpus: the quick ones, every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.expected import read_sets
from tests.conftest import ROOT
from tests.trialcite.run import trialcite

EXPECTED = ROOT / "benchmarks" / "expected.toml"
SETS = {s.name: s for s in read_sets(EXPECTED)}


def test_sets_have_names_of_their_own() -> None:
    assert len(SETS) == len(read_sets(EXPECTED))
    assert len({(s.task, s.gold, s.pages) for s in SETS.values()}) == len(SETS)


@pytest.mark.corpus
@pytest.mark.parametrize("name", [s.name for s in SETS.values() if s.quick])
def test_our_figures_are_held(corpus: Path, name: str) -> None:
    expected = SETS[name]
    pages = ["--pages", corpus / expected.pages] if expected.pages else []
    gold = corpus / expected.gold
    result = trialcite("evaluate", expected.task, gold, "--system", "rules", "--expect", EXPECTED, *pages)
    assert result.code == 0, result.out + result.err
    assert result.out.count("\nOK ") == len(expected.figures) + (expected.unscored is not None)
