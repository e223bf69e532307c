"""A library whose vectors come from a real server: llama.cpp's, started for embeddings. `make test-llm`.

The server is told to leave its vectors as long as they come, which is what some endpoints do unasked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.remote import BATCH, RemoteEmbedder
from prompts.settings import ModelSettings
from tests.conftest import ROOT
from tests.index.readings import ASTHMA, Letters, make
from tests.llm.model import WIDTH
from tests.llm.server import serving
from tests.trialcite.run import trialcite
from trialcite.errors import EmbedderUnavailable

pytestmark = pytest.mark.llm

PAGES = sorted((ROOT / "examples").glob("*.txt"))
FLAGS = ("--embeddings", "--pooling", "mean", "--embd-normalize", "-1")
SAME = 1e-4
"""How far a server's vectors of one text may lie apart: sums run in another order in another batch."""


@pytest.fixture(scope="module")
def embedding(model_file: Path) -> Iterator[str]:
    """The address of a server for embeddings."""
    with serving(model_file, *FLAGS) as address:
        yield address


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands know of no endpoint but what a test tells them."""
    (tmp_path / "config.toml").write_text("[llm]\nretries = 0\n")
    monkeypatch.setenv("TRIALCITE_CONFIG", str(tmp_path / "config.toml"))
    for name in ("TRIALCITE_EMBEDDER", "OPENAI_BASE_URL", "OPENAI_API_KEY", "TRIALCITE_LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def embedder(address: str) -> RemoteEmbedder:
    return RemoteEmbedder(ModelSettings(base_url=address, model="random", retries=0))


def test_each_text_has_the_vector_that_it_has_alone(embedding: str) -> None:
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    texts = list(dict.fromkeys(line for line in lines if line.strip()))[: 3 * BATCH + 5]
    assert len(texts) == 3 * BATCH + 5
    made = embedder(embedding)
    together = made.embed(texts)
    assert together.shape == (len(texts), WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for place in (0, 1, BATCH - 1, BATCH, 2 * BATCH + 7, len(texts) - 1):
        (alone,) = made.embed([texts[place]])
        assert np.allclose(alone, together[place], atol=SAME)
        assert int(np.argmax(together @ alone)) == place
    blank, stop = made.embed(["", "."])
    assert np.allclose(blank, stop, atol=SAME)


def test_a_text_that_is_too_long_gets_the_vector_of_its_beginning(embedding: str) -> None:
    """llama.cpp embeds 512 tokens in one piece unless it is told otherwise; here a token is a third of a character."""
    made = embedder(embedding)
    text = "".join(map(chr, range(0x4E00, 0x5600)))
    before, long, after = made.embed(["asthma", text, "heart failure"])
    assert np.allclose([before, after], made.embed(["asthma", "heart failure"]), atol=SAME)
    beginning, less = made.embed([text[: len(text) // 16], text[: len(text) // 32]])
    assert np.allclose(long, beginning, atol=SAME)
    assert not np.allclose(long, less, atol=SAME)


def test_a_library_of_the_examples(embedding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, name = tmp_path / "library", f"openai:random@{embedding}"
    added = trialcite("add", *PAGES, "--library", library, "--embedder", name, "-q")
    assert (added.code, added.err) == (0, "")
    stats = json.loads(trialcite("library", "stats", "--library", library, "--json").out)
    assert (stats["embedder"], stats["embedder_name"], stats["dimension"]) == (f"openai/random/{WIDTH}", name, WIDTH)
    assert (stats["documents"], stats["without_vectors"]) == (len(PAGES), 0)
    monkeypatch.setenv("TRIALCITE_LLM_BASE_URL", embedding)  # from now on the library's endpoint is the user's, too
    for asked in (["who is blinded"], ["who is blinded", "--trial", "NCT99000001", "--unit", "line"]):
        found = trialcite("search", *asked, "--library", library, "-k", 5, "--json")
        hits = json.loads(found.out)["hits"]
        assert (found.code, found.err, len(hits)) == (0, "", 5)
        for hit in hits:
            first, last = hit["lines"]
            lines = Path(hit["path"]).read_text(encoding="utf-8").splitlines()
            assert hit["text"].splitlines()[0] in lines[first - 1]
            assert hit["text"].splitlines()[-1] in lines[last - 1]


def test_vectors_of_another_embedder_are_refused_and_made_anew(embedding: str, tmp_path: Path) -> None:
    library, name = tmp_path / "library", f"openai:random@{embedding}"
    with Library.create(library, embedder=Letters()) as made:
        made.add(*make(ASTHMA, path="a.txt"))
    refused = trialcite("add", *PAGES, "--library", library, "--embedder", name)
    assert (refused.code, refused.out) == (1, "")
    assert f"trialcite reindex --embedder {name}" in refused.err
    assert trialcite("reindex", "--embedder", name, "--library", library).code == 0
    with Library.open(library, embedder=embedder(embedding)) as opened:
        assert (opened.stats().dimension, opened.stats().without_vectors) == (WIDTH, 0)
        assert opened.search("severe asthma", k=1)[0].document == "NCT99000101"


def test_a_server_that_is_gone(model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    with serving(model_file, *FLAGS) as address:
        name = f"openai:random@{address}"
        assert trialcite("add", PAGES[0], "--library", library, "--embedder", name).code == 0
    again = trialcite("reindex", "--library", library, "--embedder", name)
    assert (again.code, again.out) == (1, "")
    (error,) = again.err.splitlines()
    assert error.startswith(f"trialcite: {address}: no connection")
    monkeypatch.setenv("TRIALCITE_EMBEDDER", name)
    found = trialcite("search", "who is blinded", "--library", library, "--json")
    (remark,) = found.err.splitlines()
    assert remark.startswith(f"searching by words alone: {address}: no connection")
    assert (found.code, json.loads(found.out)["hits"] != []) == (0, True)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "does not support embeddings. Start it with `--embeddings`"),
        (["--embeddings", "--pooling", "none"], "Pooling type 'none' is not OAI compatible"),
    ],
)
def test_a_server_that_is_not_started_for_it_says_so(model_file: Path, flags: list[str], says: str) -> None:
    with serving(model_file, *flags) as address, pytest.raises(EmbedderUnavailable) as raised:
        embedder(address)
    assert says in raised.value.message
