"""Criterion lines parsed a second on one core, against just splitting the same lines into words.

    python benchmarks/criteria.py [LINES.jsonl[.gz]] [ROUNDS]

LINES has rows with a `text`, one criterion each; without it, the development corpus' lines are taken, or failing those
the lines of the examples. The first pass, before any cache is warm, is shown too.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from pathlib import Path
from statistics import median

from paired import header, measure

from extract.criteria import parse
from extract.criteria.topics import topics

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "data" / "criteria" / "lct-lines-dev.jsonl.gz"
WORD = re.compile(r"\w+|[^\w\s]")


def lines() -> list[str]:
    """The criteria to parse."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    if path.exists():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return [json.loads(row)["text"] for row in data.splitlines()]
    pages = [page.read_text("utf-8").splitlines() for page in sorted((ROOT / "examples").glob("*.txt"))]
    return [line for page in pages for line in page if line.strip()] * 20


def main() -> None:
    """Measure and print."""
    texts = lines()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    parse("HbA1c ≥ 7.5 %")  # the vocabulary is made once a process
    began = time.process_time()
    found = sum(len(parse(text)) for text in texts)
    first = time.process_time() - began
    pairs = [
        measure(
            f"{name} {len(texts):,} lines",
            lambda work=work: [work(text) for text in texts],  # type: ignore[misc]  # bound now, not at the end
            "split them into words",
            lambda: [WORD.findall(text) for text in texts],
            rounds=rounds,
            clock=time.process_time,
        )
        for name, work in (("parse", parse), ("topics", topics))
    ]
    print(header("ms"))
    for pair in pairs:
        print(pair.row())
    rate = len(texts) / median(pairs[0].seconds)
    print(f"{rate:,.0f} lines/s ({len(texts) / first:,.0f} in the first pass), {found:,} constraints")


if __name__ == "__main__":
    main()
