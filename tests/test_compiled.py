"""The modules that pyproject.toml names for compiling can be compiled without becoming slower, or another thing."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

with (ROOT / "pyproject.toml").open("rb") as _project:
    HOOK: dict[str, Any] = tomllib.load(_project)["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]

SOURCES = sorted(PurePosixPath("/", path.relative_to(ROOT).as_posix()) for path in (ROOT / "extract").rglob("*.py"))
COMPILED = [
    str(path) for path in SOURCES if any(map(path.match, HOOK["include"])) and not any(map(path.match, HOOK["exclude"]))
]


def test_it_is_not_done_unasked() -> None:
    assert HOOK["enable-by-default"] is False


@pytest.mark.parametrize("pattern", [*HOOK["include"], *HOOK["exclude"]])
def test_every_pattern_names_something(pattern: str) -> None:
    assert any(path.match(pattern) for path in SOURCES)


@pytest.mark.parametrize("path", COMPILED)
def test_a_compiled_class_has_no_cached_properties_and_is_no_model(path: str) -> None:
    """mypyc works a cached property out at each access, and makes classes that Pydantic cannot look into."""
    tree = ast.parse((ROOT / path.lstrip("/")).read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"cached_property", "BaseModel", "Contract", "__pydantic_config__"})
