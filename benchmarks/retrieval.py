"""How well retrieval finds the evidence, part by part (an ablation), against MiniLM alone.

    python benchmarks/retrieval.py [--corpus ../shared] [--sets qa nli4ct] [--keep FOLDER]

qa        the answerable development questions about one trial: is a line of the evidence among the first 5, the first
          10? Once within the trial, once over all trials, for the questions that use a word of the trial's own.
nli4ct    statements and their evidence lines (for measuring only): R@5 and MRR over the whole record, where the
          evidence covers at most half of its section ("sparse").

Every row leaves out one part of the ranking, or keeps one alone. Libraries are made in FOLDER and found there again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extract.extractor import extract_paths
from index.hit import Hit
from index.library import Library
from index.minilm import MiniLM
from index.ranking import WEIGHTS, Weights
from index.search import Search
from index.terms import terms
from trialcite.errors import InputError

VARIANTS: dict[str, Weights | None] = {
    "MiniLM alone, lines without context": None,
    "meaning with context": Weights(words=0, around=0, place=0, group=0, document=0),
    "+ words": Weights(around=0, place=0, group=0, document=0),
    "+ neighbours": Weights(place=0, group=0, document=0),
    "+ places: all of it": WEIGHTS,
    "all but words": WEIGHTS._replace(words=0),
    "all but neighbours": WEIGHTS._replace(around=0),
    "all but places": WEIGHTS._replace(place=0, group=0),
    "all but prose": WEIGHTS._replace(prose=0),
    "all but the document's best": WEIGHTS._replace(document=0),
}


@dataclass(frozen=True)
class Question:
    """A query, where it is asked, and the (document, line) pairs that answer it. `section` is the gold's section."""

    text: str
    document: str
    lines: frozenset[int]
    section: tuple[int, int] | None = None


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("../shared"))
    parser.add_argument("--sets", nargs="+", choices=("qa", "nli4ct"), default=["qa", "nli4ct"])
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        if "qa" in options.sets:
            qa(options.corpus / "data" / "qa", folder / "qa")
        if "nli4ct" in options.sets:
            nli4ct(options.corpus, folder / "nli4ct")


def qa(data: Path, folder: Path) -> None:
    """Evidence of questions, within one trial and over the folder."""
    rows = [json.loads(line) for line in (data / "questions-dev.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [
        Question(q["question"], q["trial"], frozenset(n for a, b in q["lines"] for n in range(a, b + 1)))
        for q in rows
        if q["kind"] != "unanswerable" and q["trial"]
    ]
    library = filled(folder, [data / "pages"])
    own = [q for q in questions if uses_own_word(q, library)]
    print(f"\nQA: {len(questions)} questions within their trial, {len(own)} with a word of its own over {len(library)}")
    print(f"{'':38}  one: top 1  top 5  top 10   all: top 5  top 10")
    for name, search in variants(library):
        one = [first_rank(search(q.text, 10, q.document), q) for q in questions]
        over = [first_rank(search(q.text, 10, None), q) for q in own]
        a, b, c, d, e = share(one, 1), share(one, 5), share(one, 10), share(over, 5), share(over, 10)
        print(f"{name:38}       {a:.3f}  {b:.3f}   {c:.3f}        {d:.3f}   {e:.3f}")


def nli4ct(corpus: Path, folder: Path) -> None:
    """Evidence lines of statements, over the whole record."""
    pages = folder / "corpus"
    if not pages.is_dir():
        pages.mkdir(parents=True)
        subprocess.run(
            ["tar", "xzf", str(corpus / "data/nli4ct/nli4ct-train-dev.tar.gz"), "-C", str(pages)], check=True
        )
        tool = [sys.executable, str(corpus / "tools/nli4ct_pages.py")]
        subprocess.run([*tool, str(pages / "ct"), str(pages / "dev.json"), str(pages / "dev")], check=True)
    gold = {g["id"]: g for g in map(json.loads, (pages / "dev" / "gold.jsonl").open(encoding="utf-8"))}
    questions = [
        Question(q["query"], q["document"], frozenset(gold[q["id"]]["lines"]), tuple(gold[q["id"]]["section"]))
        for q in map(json.loads, (pages / "dev" / "queries.jsonl").open(encoding="utf-8"))
    ]
    sparse = [q for q in questions if q.section and len(q.lines) <= (q.section[1] - q.section[0] + 1) / 2]
    library = filled(folder / "library", [pages / "dev" / "pages"])
    print(f"\nNLI4CT development, whole record: {len(sparse)} sparse of {len(questions)} statements")
    print(f"{'':38}  sparse: R@5   MRR     all: R@5   MRR")
    for name, search in variants(library):
        ranked = {q: [h.lines[0] for h in search(q.text, 2000, q.document)] for q in questions}
        cells = (
            [f(q, ranked[q]) for q in sparse for f in (recall, reciprocal)],
            [f(q, ranked[q]) for q in questions for f in (recall, reciprocal)],
        )
        values = [float(np.mean(c[i::2])) for c in cells for i in (0, 1)]
        print(f"{name:38}       {values[0]:.3f}  {values[1]:.3f}       {values[2]:.3f}  {values[3]:.3f}")


Searching = Callable[[str, int, str | None], list[Hit]]


def variants(library: Library) -> Iterator[tuple[str, Searching]]:
    """Each variant's name and its search for lines: (query, k, document or None)."""
    for name, weights in VARIANTS.items():
        yield name, (bare(library) if weights is None else weighted(library, weights))


def weighted(library: Library, weights: Weights) -> Searching:
    """The library's own search with other weights."""
    search = Search(library._store, library._lexical_folder, library._vectors, MiniLM(), weights)

    def lines(query: str, k: int, document: str | None) -> list[Hit]:
        if document is None:
            return search.in_library(query, k=k, unit="line", documents=None)
        return search.in_document(query, library._row(document).number, k=k, unit="line")

    return lines


def bare(library: Library) -> Searching:
    """Lines by the cosine of their own vectors, as they stand."""
    embedder = MiniLM()
    lines = [
        (d, n, line)
        for d in library.documents()
        for n, line in enumerate(library.get(d.id).source.lines, start=1)
        if line.strip()
    ]
    vectors = embedder.embed([line for *_, line in lines])
    of = {d.id: [i for i, (x, *_) in enumerate(lines) if x.id == d.id] for d in library.documents()}

    def search(query: str, k: int, document: str | None) -> list[Hit]:
        chosen = np.array(of[document] if document else range(len(lines)))
        cosines = vectors[chosen] @ embedder.embed([query])[0]
        hits = []
        for i in np.argsort(-cosines, kind="stable")[:k]:
            d, n, line = lines[chosen[i]]
            hits.append(Hit(d.id, (n, n), line, float(cosines[i]), "", None, d.path, d.sha256))
        return hits

    return search


def filled(folder: Path, paths: list[Path]) -> Library:
    """The library of these records, made when it is not there."""
    with Library.create(folder) as library:
        for item in extract_paths(paths):
            if not isinstance(item, InputError) and not library.holds(
                item.reading.source.path, item.reading.source.sha256, member=item.reading.member
            ):
                library.add(item.reading, item.extraction)
    return Library.open(folder)


def uses_own_word(question: Question, library: Library) -> bool:
    """Whether the question has a word of the trial's title, conditions or arms that at most one other trial has."""
    names = own_words(library)
    spread = Counter(w for words in names.values() for w in words)
    return any(w in names[question.document] and spread[w] <= 2 and not w.isdigit() for w in terms(question.text))


def own_words(library: Library) -> dict[str, set[str]]:
    """What each trial is called and is about, in terms."""
    if not _own_words:
        for d in library.documents():
            stored = library.get(d.id)
            sections = ("Conditions", "Interventions", "Study Groups")
            told = [p for p in stored.passages if p.label == "Title" or p.section in sections]
            _own_words[d.id] = {w for p in told for w in terms(stored.source.span(*p.lines))}
    return _own_words


_own_words: dict[str, set[str]] = {}


def first_rank(hits: list[Hit], question: Question) -> int | None:
    """The rank, from 1, of the first hit that is evidence."""
    right = (i for i, h in enumerate(hits, 1) if h.document == question.document and h.lines[0] in question.lines)
    return next(right, None)


def share(ranks: Iterable[int | None], k: int) -> float:
    """How many of the ranks are among the first k."""
    return float(np.mean([r is not None and r <= k for r in ranks]))


def recall(question: Question, ranked: list[int]) -> float:
    """R@5: how much of the evidence is among the first five, as far as it could be."""
    return len(question.lines & set(ranked[:5])) / min(5, len(question.lines))


def reciprocal(question: Question, ranked: list[int]) -> float:
    """One over the rank of the first evidence line."""
    return next((1 / i for i, line in enumerate(ranked, 1) if line in question.lines), 0.0)


if __name__ == "__main__":
    main()
