"""Embedders other than the installed one: a folder with an ONNX model, an endpoint, and the names of all."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index import minilm_graph
from index.embedders import EmbedderName, local
from index.library import Library
from index.minilm import MiniLM, stored
from index.onnx_folder import OnnxFolder
from index.remote import BATCH, RemoteEmbedder
from tests.index.readings import ASTHMA, Letters, make
from tests.prompts.common import SENTINEL, settings
from tests.prompts.stub import Answer, Received, Stub, fails
from tests.trialcite.run import trialcite
from trialcite.errors import (
    EmbedderError,
    EmbedderMismatch,
    EmbedderUnavailable,
    TrialciteError,
    UsageError,
    WeightsCorrupt,
    WeightsMissing,
)

TEXTS = ["severe asthma", "a somewhat longer text about heart failure and its treatment", "", "≥18 years"]

# Names


@pytest.mark.parametrize(
    ("text", "kind", "place", "url"),
    [
        ("minilm", "minilm", "", None),
        ("all-MiniLM-L6-v2", "minilm", "", None),
        ("folder:models/bge", "folder", "models/bge", None),
        ("folder:C:\\models@home", "folder", "C:\\models@home", None),
        ("openai:text-embedding-3-small", "openai", "text-embedding-3-small", None),
        ("openai:bge:latest@http://localhost:11434/v1", "openai", "bge:latest", "http://localhost:11434/v1"),
        ("openai:a@b@https://host/v1", "openai", "a@b", "https://host/v1"),
    ],
)
def test_names(text: str, kind: str, place: str, url: str | None) -> None:
    assert EmbedderName.parse(text) == EmbedderName(kind, place, url)  # type: ignore[arg-type]  # parametrized


@pytest.mark.parametrize("text", ["", "MINILM", "folder:", "openai:", "openai:@http://host", "letters", "bert:x"])
def test_names_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="folder:PATH or openai:MODEL"):
        EmbedderName.parse(text)


# A folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder as one exports it: the installed weights, with the model in ONNX."""
    import onnx
    from onnx import helper, numpy_helper
    from safetensors import safe_open

    try:
        installed = MiniLM()._folder
    except WeightsMissing:
        pytest.skip("the weights package is not installed")
    folder = tmp_path_factory.mktemp("model") / "minilm"
    shutil.copytree(installed, folder, ignore=shutil.ignore_patterns("*.safetensors", "vocab.txt"))
    with safe_open(installed / "model.safetensors", framework="np") as file:
        weights = {name: file.get_tensor(name) for name in minilm_graph.weight_names()}
    made = onnx.load_model_from_string(minilm_graph.build("", stored(installed / "model.safetensors")))
    names = {"ids": "input_ids", "mask": "attention_mask"}
    for node in made.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    constants = [t for t in made.graph.initializer if t.name not in weights]
    inputs = [helper.make_tensor_value_info(n, onnx.TensorProto.INT64, ["b", "t"]) for n in names.values()]
    output = helper.make_tensor_value_info("hidden_3d", onnx.TensorProto.FLOAT, ["b", "t", 384])
    kept = [numpy_helper.from_array(w, n) for n, w in weights.items()]
    graph = helper.make_graph(made.graph.node, "model", inputs, [output], [*kept, *constants])
    (folder / "onnx").mkdir()
    onnx.save(
        helper.make_model(graph, opset_imports=made.opset_import, ir_version=9), str(folder / "onnx" / "model.onnx")
    )
    return folder


@pytest.fixture
def changed(model: Path, tmp_path: Path) -> Callable[[str, object], Path]:
    """The model's folder with one configuration file changed; the model itself is linked."""

    def change(name: str, value: object) -> Path:
        folder = tmp_path / "changed"
        shutil.copytree(model, folder, copy_function=lambda a, b: Path(b).symlink_to(a))
        (folder / name).unlink(missing_ok=True)
        if value is not None:
            (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
        return folder

    return change


@pytest.mark.weights
def test_a_folder_gives_the_vectors_of_its_model(model: Path) -> None:
    embedder = OnnxFolder(model)
    assert embedder.dimension == 384
    assert np.allclose(embedder.embed(TEXTS), MiniLM().embed(TEXTS), atol=1e-5)
    assert embedder.embed([]).shape == (0, 384)
    assert local(embedder.name).fingerprint == embedder.fingerprint != MiniLM.fingerprint


def _pooling(mode: str) -> dict[str, object]:
    return {"word_embedding_dimension": 384, f"pooling_mode_{mode}": True, "pooling_mode_other": False}


@pytest.mark.weights
def test_pooling_and_length_are_read_and_tell_embedders_apart(
    model: Path, changed: Callable[[str, object], Path]
) -> None:
    own = OnnxFolder(model)
    first = OnnxFolder(changed("1_Pooling/config.json", _pooling("cls_token")))
    assert first.fingerprint != own.fingerprint
    assert not np.allclose(first.embed(TEXTS), own.embed(TEXTS), atol=0.1)
    assert np.allclose(np.linalg.norm(first.embed(TEXTS), axis=1), 1, atol=1e-5)


@pytest.mark.weights
@pytest.mark.parametrize("named", [{"pooling_mode": "mean"}, _pooling("mean_sqrt_len_tokens")])
def test_other_words_for_the_mean(model: Path, changed: Callable[[str, object], Path], named: object) -> None:
    folder = changed("1_Pooling/config.json", named)
    assert np.allclose(OnnxFolder(folder).embed(TEXTS), OnnxFolder(model).embed(TEXTS), atol=1e-5)


@pytest.mark.weights
def test_a_longer_text_is_cut_where_the_folder_says(changed: Callable[[str, object], Path]) -> None:
    embedder = OnnxFolder(changed("sentence_bert_config.json", {"max_seq_length": 16}))
    a, b = embedder.embed(["word " * 14, "word " * 14 + "and something else"])
    assert np.allclose(a, b, atol=1e-6)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "value", "kind", "says"),
    [
        ("onnx/model.onnx", None, WeightsMissing, "no ONNX model .*optimum-cli export onnx"),
        ("tokenizer.json", None, WeightsMissing, "no tokenizer.json"),
        ("onnx/model.onnx", "rubbish", WeightsCorrupt, "cannot start the model"),
        ("tokenizer.json", "rubbish", WeightsCorrupt, "tokenizer.json: unreadable"),
        ("modules.json", "rubbish", WeightsCorrupt, "modules.json: unreadable"),
        ("modules.json", [{"type": "a.Dense", "path": "2_Dense"}], EmbedderError, "not known here: Dense"),
        ("modules.json", {"a": 1}, WeightsCorrupt, "not what it should be"),
        ("1_Pooling/config.json", _pooling("weightedmean_tokens"), EmbedderError, "weightedmean_tokens"),
        ("1_Pooling/config.json", {}, EmbedderError, "not known here: none"),
        (
            "1_Pooling/config.json",
            {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
            EmbedderError,
            ",",
        ),
    ],
)
def test_folders_that_cannot_be_used(
    changed: Callable[[str, object], Path], name: str, value: object, kind: type[TrialciteError], says: str
) -> None:
    folder = changed(name, value)
    with pytest.raises(kind, match=says):
        OnnxFolder(folder).embed(["word"])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="no such folder"):
        local(f"folder:{tmp_path / 'none'}")


# An endpoint


def vector(text: str, dimension: int = 8) -> list[float]:
    """Not of length 1, and another for another text."""
    return [float(len(text) + 1), *(float(text.count(letter)) for letter in "aeioust"[: dimension - 1])]


def embeds(received: Received, *, change: Callable[[list[dict[str, Any]]], object] = lambda rows: rows) -> Answer:
    """What a real endpoint answers: base64 where it is asked for, in any order."""
    rows = []
    for index, text in enumerate(received.body["input"]):
        numbers: object = vector(text)
        if received.body.get("encoding_format") == "base64":
            numbers = base64.b64encode(np.array(numbers, np.float32).tobytes()).decode()
        rows.append({"object": "embedding", "index": index, "embedding": numbers})
    return _answer(change(rows[::-1]))


def floats(received: Received) -> Answer:
    """An endpoint that knows no base64."""
    return embeds(Received(received.path, received.headers, received.body | {"encoding_format": "float"}))


def _answer(data: object) -> Answer:
    body = {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def expected(texts: list[str]) -> NDArray[np.float64]:
    rows = np.array([vector(t or ".") for t in texts])
    units: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


@pytest.mark.parametrize("script", [embeds, floats])
def test_an_endpoint_embeds_in_batches_and_in_order(script: Callable[[Received], Answer]) -> None:
    texts = [f"text number {n} {'e' * n}" for n in range(2 * BATCH + 5)]
    with Stub(script) as stub:
        embedder = RemoteEmbedder(settings(stub))
        assert np.allclose(embedder.embed(texts), expected(texts), atol=1e-6)
        assert np.allclose(embedder.embed(["", "a"]), expected(["", "a"]), atol=1e-6)
        assert embedder.embed([]).shape == (0, 8)
        assert (embedder.dimension, embedder.fingerprint, embedder.name) == (8, "openai/m/8", f"openai:m@{stub.url}")
        sizes = [len(r.body["input"]) for r in stub.received]
        assert sorted(sizes) == [1, 2, 5, BATCH, BATCH]
        assert {(r.path, r.body["model"]) for r in stub.received} == {("/v1/embeddings", "m")}
        assert stub.received[0].headers["authorization"] == f"Bearer {SENTINEL}"


def _with(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Received], Answer]:
    return lambda received: embeds(received, change=change)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (lambda _: fails(401, f"bad key {SENTINEL}"), r"refuses the key: bad key \[key\]"),
        (lambda _: fails(404, "no model"), "no such model or path"),
        (lambda _: fails(429), "asks to slow down"),
        (lambda _: fails(500), "failed with status 500"),
        (lambda _: Answer(reset=True), "no connection"),
        (
            lambda _: Answer(body=b"<html>", headers={"Content-Type": "text/html"}),
            "no list of vectors",
        ),
        (lambda _: Answer(body=b"{}", headers={"Content-Type": "application/json"}), "no list of vectors"),
        (_with(lambda rows: [{**r, "embedding": "%%"} for r in rows]), "no list of vectors"),
        (lambda _: _answer([]), "one for each of 1 texts"),
        (_with(lambda rows: [{**r, "embedding": None} for r in rows]), "no list of vectors"),
        (_with(lambda rows: [{**r, "embedding": ["a"]} for r in rows]), "no list of vectors"),
        (_with(lambda rows: [*rows, *rows]), "one for each of 1 texts"),
        (_with(lambda rows: [{**r, "index": 3} for r in rows]), "one for each of 1 texts"),
        (_with(lambda rows: [{**r, "embedding": [0.0] * 8} for r in rows]), "not finite, or is zero"),
        (_with(lambda rows: [{**r, "embedding": [float("nan")] * 8} for r in rows]), "not finite"),
    ],
)
def test_what_an_endpoint_does_wrong(script: Callable[[Received], Answer], says: str) -> None:
    with Stub(script) as stub, pytest.raises(EmbedderUnavailable, match=says) as raised:
        RemoteEmbedder(settings(stub, retries=0))
    assert SENTINEL not in str(raised.value)


def takes(longest: int, many: int, refused: Answer) -> Callable[[Received], Answer]:
    """An endpoint that refuses longer texts, or more of them at once."""

    def script(received: Received) -> Answer:
        texts = received.body["input"]
        return refused if len(texts) > many or max(map(len, texts)) > longest else embeds(received)

    return script


LLAMA = "input (902 tokens) is too large to process. increase the physical batch size (current batch size: 512)"


@pytest.mark.parametrize("refused", [fails(400), fails(413), fails(422), fails(500, LLAMA)])
def test_what_an_endpoint_refuses_is_sent_in_smaller_pieces(refused: Answer) -> None:
    texts = ["short", "a longer text " * 50, *(f"text number {n}" for n in range(BATCH)), "e" * 400]
    kept = [text if len(text) <= 200 else text[: len(text) // (4 if len(text) > 400 else 2)] for text in texts]
    with Stub(takes(200, 8, refused)) as stub:
        embedder = RemoteEmbedder(settings(stub, retries=2))
        assert np.allclose(embedder.embed(texts), expected(kept), atol=1e-6)
        asked = [json.dumps(r.body["input"]) for r in stub.received]
    assert len(asked) == len(set(asked))  # none twice, though some endpoints refuse as if they had failed


def test_who_refuses_everything_is_soon_believed() -> None:
    with Stub(lambda r: embeds(r) if len(stub.received) == 1 else fails(400, "no more")) as stub:
        embedder = RemoteEmbedder(settings(stub))
        with pytest.raises(EmbedderUnavailable, match="refuses the request: no more"):
            embedder.embed(["e" * 700] * BATCH)
        assert len(stub.received) < BATCH


def test_a_passing_fault_is_borne_and_another_dimension_is_not() -> None:
    faults = [fails(503)]
    with Stub(lambda r: faults.pop() if faults else embeds(r)) as stub:
        embedder = RemoteEmbedder(settings(stub))
        assert len(stub.received) == 2
    narrow = _with(lambda rows: [{**r, "embedding": [1.0, 2.0]} for r in rows])
    with Stub(lambda r: narrow(r) if len(stub.received) > 1 else embeds(r)) as stub:
        embedder = RemoteEmbedder(settings(stub))
        with pytest.raises(EmbedderUnavailable, match="2 dimensions after some of 8"):
            embedder.embed(["word"])


def test_a_key_does_not_travel_in_the_open() -> None:
    with Stub(embeds) as stub, pytest.raises(UsageError, match="use https"):
        RemoteEmbedder(settings(stub, base_url="http://192.0.2.1/v1"))


# A library with another embedder


def test_an_endpoint_that_fails_leaves_what_was_added(tmp_path: Path) -> None:
    state = {"works": True}
    with Stub(lambda r: embeds(r) if state["works"] else fails(500)) as stub:
        embedder = RemoteEmbedder(settings(stub, retries=0))
        with Library.create(tmp_path, embedder=embedder) as library:
            state["works"] = False
            library.add(*make(ASTHMA, path="a.txt"))
            library.flush()
            assert [n for n in library.notes if "some vectors wait" in n and "status 500" in n]
        with Library.open(tmp_path, embedder=lambda _: RemoteEmbedder(settings(stub, retries=0))) as library:
            assert library.search("current smokers", k=1)[0].lines == (20, 20)
            assert [n for n in library.notes if n.startswith("searching by words alone")]
        state["works"] = True
        Library.create(tmp_path, embedder=embedder).close()
        with Library.open(tmp_path, embedder=embedder) as library:
            assert library.stats().without_vectors == 0
            assert library.search("current smokers", k=1)[0].lines == (20, 20)


def test_a_library_finds_its_embedder_by_the_name_it_remembers(tmp_path: Path) -> None:
    with Library.create(tmp_path, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="a.txt"))
    asked: list[str] = []

    def find(name: str) -> Letters:
        asked.append(name)
        return Letters()

    with Library.open(tmp_path, embedder=find) as library:
        assert library.search("severe asthma")
    assert asked == ["letters"]


@pytest.fixture
def page(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIALCITE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("")
    for name in ("TRIALCITE_EMBEDDER", "OPENAI_BASE_URL", "OPENAI_API_KEY", "TRIALCITE_LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return examples / "NCT99000001.txt"


@pytest.mark.weights
def test_commands_with_an_endpoint(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    assert trialcite("add", page, "--library", library).code == 0
    with Stub(embeds) as stub:
        name = f"openai:m@{stub.url}"
        refused = trialcite("add", page, "--library", library, "--embedder", name)
        assert (refused.code, f"trialcite reindex --embedder {name}" in refused.err) == (1, True)
        assert trialcite("reindex", "--library", library, "--embedder", name).code == 0
        many = len(stub.received)
        # The library names an endpoint that the user does not: nothing is sent there.
        alone = trialcite("search", "who is blinded", "--library", library)
        assert (alone.code, f"TRIALCITE_EMBEDDER={name}" in alone.err, len(stub.received)) == (0, True, many)
        for variable, value in (("TRIALCITE_LLM_BASE_URL", stub.url), ("TRIALCITE_EMBEDDER", name)):
            with monkeypatch.context() as own:
                own.setenv(variable, value)
                found = trialcite("search", "who is blinded", "--library", library)
                assert (found.code, found.err, len(stub.received) > many) == (0, "", True)
                many = len(stub.received)
    down = trialcite("reindex", "--library", library, "--embedder", name)
    assert (down.code, "no connection" in down.err) == (1, True)
    assert trialcite("reindex", "--library", library, "--embedder", "minilm").code == 0
    assert trialcite("search", "who is blinded", "--library", library).err == ""


@pytest.mark.weights
def test_commands_with_a_folder(page: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    monkeypatch.chdir(model.parent)
    assert trialcite("add", page, "--library", library, "--embedder", f"folder:{model.name}").code == 0
    monkeypatch.chdir(tmp_path)
    found = trialcite("search", "who is blinded", "--library", library)
    assert (found.code, found.err) == (0, "")
    other = trialcite("add", page, "--library", library, "--embedder", "minilm")
    assert (other.code, "the vectors are by minilm/" in other.err) == (1, True)
    assert trialcite("add", page, "--library", library, "--embedder", "bert").code == 2


def test_vectors_of_another_embedder_are_refused_before_anything_is_added(tmp_path: Path) -> None:
    with Library.create(tmp_path, embedder=Letters()) as library:
        library.add(*make(ASTHMA, path="a.txt"))
    with Library.open(tmp_path, embedder=Letters("letters/2")) as library, pytest.raises(EmbedderMismatch):
        library.embedder  # noqa: B018 - asking is what is tested
