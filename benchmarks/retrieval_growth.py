"""How searching grows with the library: invented documents and ready-made vectors, so that embedding costs nothing.

    python benchmarks/retrieval_growth.py [--chunks 10000 100000]

For each size: adding (chunks/s), the median search in one document, in all, and in all with a filter, and the peak
memory of the process. The query is embedded by MiniLM, as it would be.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extract.document import Document
from extract.extraction import Extraction
from extract.reading import Passage, Reading
from extract.source import source_from_bytes
from extract.study import Study
from index.library import Library
from index.minilm import MiniLM

CHUNKS_EACH = 100
WORDS = tuple(f"word{n}" for n in range(400))
QUERIES = ("word1 word7 word31", "is it blinded?", "word2 within word90 weeks", "word5 of the word300")


class Ready:
    """MiniLM for queries; for the many texts of documents random unit vectors, which cost nothing to make."""

    name, dimension, fingerprint = MiniLM.name, MiniLM.dimension, MiniLM.fingerprint

    def __init__(self) -> None:
        self._model = MiniLM()
        self._rng = np.random.default_rng(0)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `index.embedder.Embedder`."""
        if len(texts) == 1:
            return self._model.embed(texts)
        vectors = self._rng.standard_normal((len(texts), self.dimension), np.float32)
        units: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return units


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, nargs="+", default=[10_000])
    print(f"{'chunks':>8} {'add/s':>8} {'one ms':>8} {'all ms':>8} {'filter ms':>10} {'MB':>6}")
    for chunks in parser.parse_args().chunks:
        with tempfile.TemporaryDirectory() as folder:
            print(row(Path(folder) / "library", chunks))


def row(folder: Path, chunks: int) -> str:
    """Make a library of so many chunks and search it."""
    embedder, rng = Ready(), random.Random(0)
    start = time.perf_counter()
    with Library.create(folder, embedder=embedder) as library:
        for number in range(chunks // CHUNKS_EACH):
            library.add(*record(number, rng))
    rate = chunks / (time.perf_counter() - start)
    with Library.open(folder, embedder=embedder) as library:
        one = median(lambda q: library.search(q, document="NCT99000007"))
        every = median(lambda q: library.search(q))
        filtered = median(lambda q: library.search(q, where="phase=PHASE2"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{chunks:8} {rate:8.0f} {one:8.1f} {every:8.1f} {filtered:10.1f} {peak:6.0f}"


def record(number: int, rng: random.Random) -> tuple[Reading, Extraction]:
    """An invented record of CHUNKS_EACH passages, every third in phase 2."""
    text = "\n".join(" ".join(rng.choices(WORDS, k=15)) for _ in range(CHUNKS_EACH))
    source = source_from_bytes(text.encode(), path=f"{number}.txt", format="text")
    name = f"NCT99{number:06}"
    protocol = {
        "identificationModule": {"nctId": name},
        "designModule": {"phases": ["PHASE2" if number % 3 == 0 else "PHASE3"]},
    }
    described = Document(id=name, path=source.path, format="text", sha256=source.sha256, lines=len(source))
    study = Study.model_validate({"protocolSection": protocol})
    passages = tuple(Passage("Text", (line, line)) for line in range(1, CHUNKS_EACH + 1))
    return Reading(source, passages), Extraction(document=described, study=study)


def median(search: Callable[[str], object], times: int = 40) -> float:
    """Milliseconds of a warm search."""
    for query in QUERIES:
        search(query)
    taken = []
    for i in range(times):
        start = time.perf_counter()
        search(f"{QUERIES[i % len(QUERIES)]} {i}")
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
