"""Fit the hints' weights to the phrasings of index/asked.toml anew, for MiniLM: writes index/hints.npz.

    python benchmarks/retrieval_fit.py

To be run after any change of asked.toml, places.toml or the embedder. The same every time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.hints_fitting import fit
from index.minilm import MiniLM
from index.places import places


def main() -> None:
    """Fit and write."""
    embedder = MiniLM()
    weights = fit(embedder).astype(np.float16)
    path = Path(__file__).parent.parent / "index" / "hints.npz"
    np.savez_compressed(path, weights=weights, embedder=embedder.fingerprint, places=[p.id for p in places()])
    print(f"{path}: {weights.shape[1]} places, {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
