"""What every test shares: where the development corpus is, and the bundled examples."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _corpus() -> Path | None:
    named = os.environ.get("TRIALCITE_CORPUS")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "data").is_dir() else None


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The development corpus: seeds/, gold/, data/, tools/."""
    folder = _corpus()
    if folder is None:
        pytest.skip("no development corpus: set TRIALCITE_CORPUS or put ../shared beside the checkout")
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    """The invented trials that ship with the project."""
    return ROOT / "examples"
