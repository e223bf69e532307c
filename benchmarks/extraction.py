"""Pages extracted a second on one core, against just reading and decoding them.

    python benchmarks/extraction.py [FOLDER] [ROUNDS]

FOLDER holds page texts; without one, the example pages are copied until there are 200.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from paired import header, measure

from extract.collector import relax_collector
from extract.extractor import extract_paths
from trialcite.errors import InputError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
COPIES = 50


def copies(folder: Path) -> Path:
    """The example pages, many times over, in `folder`."""
    for page in sorted(EXAMPLES.glob("NCT9900000[1-4].txt")):
        for n in range(COPIES):
            (folder / f"{page.stem}-{n}.txt").write_bytes(page.read_bytes())
    return folder


def extract_all(pages: list[Path]) -> None:
    """Rules, criteria and evidence of every page, written as JSON lines to nowhere."""
    for item in extract_paths(pages):
        if isinstance(item, InputError):
            raise item
        item.extraction.to_bytes()


def decode_all(pages: list[Path]) -> None:
    """The least that any extractor does."""
    for page in pages:
        page.read_bytes().decode()


def main() -> None:
    """Measure and print."""
    relax_collector()  # as the command does
    with TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else copies(Path(scratch))
        rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
        pages = sorted(folder.glob("*.txt"))
        pair = measure(
            f"extract {len(pages)} pages",
            lambda: extract_all(pages),
            "read and decode",
            lambda: decode_all(pages),
            rounds=rounds,
            clock=time.process_time,
        )
        print(header("ms"))
        print(pair.row())
        print(
            f"{len(pages) / median(pair.seconds):,.0f} pages/s, {median(pair.seconds) / len(pages) * 1e3:.2f} ms a page"
        )


if __name__ == "__main__":
    main()
