"""What embedding costs over the bare model: the same texts, through `MiniLM.embed` and as ready batches, in turns.

    python benchmarks/embedding.py [--texts 640] [--turns 5]

Prints the medians and the ratio; 1.00 is no overhead at all. Tokenising is part of `embed`, not of the bare model.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from index.minilm import MiniLM, batches

WORDS = tuple(f"word{n}" for n in range(60))


def main() -> None:
    """Measure in turns and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=640)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(0)
    texts = [" ".join(rng.choices(WORDS, k=rng.randint(4, 60))) for _ in range(options.texts)]
    embedder = MiniLM()
    ready = list(batches(embedder._tokenizer.encode_batch_fast(texts)))
    embedder.embed(texts[:32])
    bare, whole = [], []
    for _ in range(options.turns):
        start = time.perf_counter()
        for _, ids, mask in ready:
            embedder.run(ids, mask)
        middle = time.perf_counter()
        embedder.embed(texts)
        bare.append(middle - start)
        whole.append(time.perf_counter() - middle)
    ratio = statistics.median(b / w for b, w in zip(bare, whole, strict=True))
    print(f"bare model   {len(texts) / statistics.median(bare):7.0f} texts/s")
    print(f"embed        {len(texts) / statistics.median(whole):7.0f} texts/s")
    print(f"ratio        {ratio:10.2f}")


if __name__ == "__main__":
    main()
