"""How a library grows: invented documents and ready-made vectors, so that embedding 100,000 chunks costs nothing.

    python benchmarks/retrieval_growth.py [--chunks 10000 100000]

For each size, in a process of its own:

    add/s      chunks added and indexed in a second, their vectors ready-made
    ratio      the rate of adding with MiniLM, from add/s and what MiniLM alone does of such texts, over MiniLM alone
    again      adding everything once more, unchanged, over adding it with MiniLM
    one/all/filter ms   the median search in one document, in all, in all with a filter that admits a third
    open ms    opening the library and the first search in all
    MB         the peak memory of the process, which has added and searched, and run MiniLM on its longest batch
    on disk    of SQLite, Chroma and the lexical index, MB

The query is embedded by MiniLM, as it would be.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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

    def rate(self) -> float:
        """Texts a second that MiniLM alone embeds of those that are added; its longest batch is run before."""
        self._model.embed(["word " * 300] * 32)
        rng = random.Random(1)
        texts = [f"Text: {' '.join(rng.choices(WORDS, k=15))}" for _ in range(640)]
        start = time.perf_counter()
        self._model.embed(texts)
        return len(texts) / (time.perf_counter() - start)

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
    columns = ("chunks", "add/s", "ratio", "again", "one ms", "all ms", "filter ms", "open ms", "MB", "on disk")
    print("".join(f"{c:>10}" for c in columns))
    for chunks in parser.parse_args().chunks:
        with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as pool:
            print(pool.submit(row, Path(folder) / "library", chunks).result(), flush=True)


def row(folder: Path, chunks: int) -> str:
    """Make a library of so many chunks and search it."""
    embedder = Ready()
    bare = embedder.rate()
    with Library.create(folder, embedder=embedder) as library:
        taken = add_all(library, chunks)
        again = add_all(library, chunks)
        disk = " + ".join(f"{size / 1e6:.0f}" for size in library.stats().sizes.values())
    start = time.perf_counter()
    with Library.open(folder, embedder=embedder) as library:
        library.search(QUERIES[0])
        opened = 1000 * (time.perf_counter() - start)
        one = median(lambda q: library.search(q, document="NCT99000007"))
        every = median(lambda q: library.search(q))
        filtered = median(lambda q: library.search(q, where="phase=PHASE2"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    embedding = chunks / bare
    figures = (
        f"{chunks:10}{chunks / taken:10.0f}{embedding / (embedding + taken):10.2f}{again / (embedding + taken):10.2%}"
    )
    return f"{figures}{one:10.1f}{every:10.1f}{filtered:10.1f}{opened:10.0f}{peak:10.0f}   {disk}"


def add_all(library: Library, chunks: int) -> float:
    """Seconds that adding all documents takes, of those in which none is made."""
    rng = random.Random(0)
    taken = 0.0
    for number in range(chunks // CHUNKS_EACH):
        made = record(number, rng)
        start = time.perf_counter()
        library.add(*made)
        taken += time.perf_counter() - start
    start = time.perf_counter()
    library.flush()
    return taken + time.perf_counter() - start


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
