"""The tables of registries themselves: every field is one of the study's, every way to a value one the engine knows."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from extract.readers.mapping import Format, formats
from extract.readers.mapping_values import KINDS
from extract.study.study import Sections
from extract.vocabulary import vocabulary_of

ROOT = Path(__file__).parents[2]
WAYS = {
    "from": {"as", "find", "none", "words"},
    "items": {"as", "find", "none", "split", "words"},
    "codes": {"none"},
    "is": {"of", "when"},
    "all": set(),
    "joined": {"as"},
}


@cache
def tool() -> ModuleType:
    """tools/docs_formats.py, which walks the tables for the page about them."""
    spec = importlib.util.spec_from_file_location("docs_formats", ROOT / "tools/docs_formats.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_field(pointer: str) -> bool:
    """Whether a pointer with "*" for list items leads to a value of the study."""
    at: Any = Sections
    for step in pointer.split("/")[1:]:
        models = (at, *get_args(at), *(b for a in get_args(at) for b in get_args(a)))
        model = next((m for m in models if isinstance(m, type) and issubclass(m, BaseModel)), None)
        if step == "*":
            continue
        if model is None:
            return False
        named = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
        if step not in named:
            return False
        at = named[step]
    return True


def specs(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if WAYS.keys() & node.keys():
            yield node
        for below in node.values():
            yield from specs(below)
    elif isinstance(node, list):
        for one in node:
            yield from specs(one)


@pytest.mark.parametrize("form", formats(), ids=lambda f: f.name)
def test_a_table_fills_fields_of_the_study(form: Format) -> None:
    pointers = set(tool().patterns(form.study))
    assert pointers
    assert [p for p in sorted(pointers) if not is_field(p)] == []


@pytest.mark.parametrize("form", formats(), ids=lambda f: f.name)
def test_a_table_speaks_the_grammar(form: Format) -> None:
    for spec in specs(form.study):
        (way,) = WAYS.keys() & spec.keys()
        assert spec.keys() - {way} <= WAYS[way], spec
        assert spec.get("as", "text") in KINDS, spec
        re.compile(spec.get("find", ""))


@pytest.mark.parametrize("form", formats(), ids=lambda f: f.name)
def test_the_codes_of_a_table_are_codes(form: Format) -> None:
    for pointer, spec in coded(form.study, ""):
        vocabulary = vocabulary_of(pointer)
        codes = [*spec.get("words", {}).values(), *([spec["is"]] if "is" in spec else [])]
        for code in codes:
            assert isinstance(code, bool) or (vocabulary and code in vocabulary.words), (pointer, code)


def coded(spec: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every way to a value that names codes, with the pointer it is for."""
    if isinstance(spec, list):
        for one in spec:
            yield from coded(one, at)
    elif isinstance(spec, dict):
        if "all" in spec:
            yield from coded(spec["all"], f"{at}/*")
        elif WAYS.keys() & spec.keys():
            yield f"{at}/*" if "items" in spec else at, spec
        else:
            for key, below in spec.items():
                if key not in ("each", "when", "split"):
                    yield from coded(below, f"{at}/*/{key}" if "each" in spec else f"{at}/{key}")


def test_the_documented_table_is_what_the_tables_map() -> None:
    assert tool().table() in (ROOT / "docs/formats.md").read_text(encoding="utf-8")
