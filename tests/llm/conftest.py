"""What the tests against a real server share: its model, and one that is running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.llm.model import write_model
from tests.llm.server import binary, serving


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of random weights."""
    if not binary().exists():
        pytest.skip("no llama-server: make test-llm builds it")
    model = tmp_path_factory.mktemp("model") / "random.gguf"
    write_model(model, [p.read_text(encoding="utf-8") for p in sorted((ROOT / "examples").glob("*.txt"))])
    return model


@pytest.fixture(scope="session")
def endpoint(model_file: Path) -> Iterator[str]:
    """The address of a running server."""
    with serving(model_file) as address:
        yield address
