"""The tour of docs/evaluation.md is what the program says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

DOCUMENT = ROOT / "docs" / "evaluation.md"


def test_every_command_of_the_tour_prints_what_the_document_shows(tmp_path: Path) -> None:
    copy = tmp_path / DOCUMENT.name
    copy.write_bytes(DOCUMENT.read_bytes())
    subprocess.run([sys.executable, str(ROOT / "tools" / "docs_console.py"), str(copy)], check=True)
    assert copy.read_text("utf-8") == DOCUMENT.read_text("utf-8")
