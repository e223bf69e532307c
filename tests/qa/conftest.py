"""A library of invented trials, made once for all questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.extractor import Extracted, extract_paths
from index.library import Library
from qa.engine import Engine

_HERE = Path(__file__).parent
_EXAMPLES = [_HERE.parents[1] / "examples" / f"NCT9900000{n}.txt" for n in (1, 2, 3, 4)]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("answers") / ".trialcite"
    with Library.create(path) as made:
        for item in extract_paths([_HERE / "pages", *_EXAMPLES]):
            assert isinstance(item, Extracted)
            made.add(item.reading, item.extraction)
    with Library.open(path) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine(library: Library) -> Engine:
    return Engine(library)
