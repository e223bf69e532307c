"""Questions on the invented trials: right answers and citations by kind, and warm latency.

python benchmarks/answers.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections import defaultdict

from extract.extractor import Extracted, extract_paths
from index.library import Library
from qa.engine import Engine
from tests.qa.questions import cited, questions, right

ROOT = Path(__file__).resolve().parents[1]
RECORDS = [ROOT / "tests" / "qa" / "pages", *(ROOT / "examples" / f"NCT9900000{n}.txt" for n in (1, 2, 3, 4))]


def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / ".trialcite"
        with Library.create(path) as made:
            for item in extract_paths(RECORDS):
                if isinstance(item, Extracted):
                    made.add(item.reading, item.extraction)
        with Library.open(path) as library:
            report(Engine(library))


def report(engine: Engine) -> None:
    """Print a line a kind, then the median milliseconds of an answer once its record is open."""
    rows: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(2):  # the first round opens the records
        rows.clear()
        times = {True: [], False: []}
        for question in questions():
            answer = engine.ask(question.text, trial=question.trial)
            rows[question.kind].append((right(question, answer), cited(question, answer)))
            if answer.timing:
                times[question.trial is not None].append(answer.timing.total)
    for kind, found in rows.items():
        share = [sum(r[i] for r in found) / len(found) for i in (0, 1)]
        print(f"{kind:13s} n={len(found):3d} right={share[0]:.3f} cited={share[1]:.3f}")
    for one, name in ((True, "one trial"), (False, "all trials")):
        own = sorted(times[one])
        print(f"{name}: median {own[len(own) // 2]:.1f} ms")


if __name__ == "__main__":
    main()
