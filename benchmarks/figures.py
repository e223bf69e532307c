"""Every figure that docs/evaluation.md quotes, against what benchmarks/expected.toml expects of it.

    python benchmarks/figures.py [NAME...]

Needs the development corpus (TRIALCITE_CORPUS, or ../shared beside the checkout).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.expected import ExpectedSet, read_sets

ROOT = Path(__file__).resolve().parents[1]
EXPECTED = Path(__file__).with_name("expected.toml")
CORPUS = Path(os.environ.get("TRIALCITE_CORPUS") or ROOT.parent / "shared")


def pages_of(expected: ExpectedSet, scratch: Path) -> Path | None:
    """Where the set's records are; rendered ones are made first."""
    if expected.pages is None or not expected.pages.startswith("rendered/"):
        return CORPUS / expected.pages if expected.pages else None
    folder = scratch / expected.pages
    render = [sys.executable, str(CORPUS / "tools" / "render_page.py"), str(CORPUS / expected.gold), str(folder)]
    subprocess.run([*render, "--variant", folder.name], check=True, stdout=subprocess.DEVNULL)
    return folder


def command(expected: ExpectedSet, pages: Path | None) -> list[str]:
    """The command that measures a set."""
    found = [str(Path(sys.executable).with_name("trialcite")), "evaluate", expected.task, str(CORPUS / expected.gold)]
    found += ["--system", "rules", "--expect", str(EXPECTED)]
    return [*found, "--pages", str(pages)] if pages else found


def main() -> None:
    """Measure the sets that are named, or all."""
    if not (CORPUS / "data").is_dir():
        print("no development corpus: set TRIALCITE_CORPUS")
        return
    sets = read_sets(EXPECTED)
    wanted = sys.argv[1:] or [s.name for s in sets]
    failed = []
    with TemporaryDirectory() as scratch:
        for expected in (s for s in sets if s.name in wanted):
            print(f"-- {expected.name}", flush=True)
            if subprocess.run(command(expected, pages_of(expected, Path(scratch))), check=False).returncode:
                failed.append(expected.name)
    if failed:
        sys.exit(f"not as expected: {', '.join(failed)}")


if __name__ == "__main__":
    main()
