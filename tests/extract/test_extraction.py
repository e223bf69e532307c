"""An extraction as it is written out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from pydantic_core import to_json

from extract.document import Document
from extract.extraction import Extraction
from extract.extractor import Extracted, extract_paths
from extract.study import study_of
from tests.extract.records import records, rich_record


def extraction_of(record: dict[str, Any]) -> Extraction:
    document = Document(id="x", path="x.json", format="ctgov-v2", sha256="", lines=1)
    return Extraction(document=document, study=study_of(record, where="x.json"))


@settings(max_examples=100, deadline=None)
@given(records(wild=False))
@example(rich_record())
@example({"n": [0.1, -0.0, 1e16, 5e-324, 1e22, -(2**63), 2**64 - 1], "s": "é漢\u2028\x7f\x00</a>"})
def test_a_study_is_written_as_pydantic_writes_it(record: dict[str, Any]) -> None:
    extraction = extraction_of(record)
    assert b'"study":%b,"evidence":' % to_json(extraction.study.root) in extraction.to_bytes()


def test_what_is_written_is_the_object_as_pydantic_dumps_it() -> None:
    paths = sorted((Path(__file__).parents[2] / "examples").iterdir())
    extractions = [item.extraction for item in extract_paths(paths, evidence="all") if isinstance(item, Extracted)]
    assert len(extractions) == len(paths)
    assert any(b.inclusive is False for e in extractions for c in e.criteria for k in c.constraints if (b := k.upper))
    for extraction in extractions:
        assert json.loads(extraction.to_bytes()) == extraction.to_json()
        assert Extraction.model_validate_json(extraction.to_bytes()) == extraction


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_an_integer_of_any_size_is_written(number: int) -> None:
    assert b'{"n":%d}' % number in extraction_of({"n": number}).to_bytes()
