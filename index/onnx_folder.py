"""A sentence-transformers folder with an ONNX model, run without torch.

The folder says itself how its vectors are made: `modules.json` names its steps, `1_Pooling/config.json` how tokens are
pooled, `sentence_bert_config.json` how many tokens are read. What it asks for and is not known here (a dense layer, a
weighted mean) is refused: near enough is another embedder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from index.minilm import batches
from index.weights import sha256_of
from trialcite.errors import EmbedderError, WeightsCorrupt, WeightsMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_MODELS = ("onnx/model.onnx", "model.onnx")
_EXPORT = "export one: optimum-cli export onnx --task feature-extraction --model MODEL FOLDER"
_TOKENISED_AT_ONCE = 4096
_DEFAULT_LENGTH = 512


def _mean(tokens: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    pooled: NDArray[np.float32] = (tokens * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
    return pooled


def _first(tokens: NDArray[np.float32], _: NDArray[np.int64]) -> NDArray[np.float32]:
    return tokens[:, 0]


def _largest(tokens: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    import numpy as np

    pooled: NDArray[np.float32] = np.where(mask[:, :, None] > 0, tokens, -np.inf).max(1)
    return pooled


def _last(tokens: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    import numpy as np

    pooled: NDArray[np.float32] = tokens[np.arange(len(tokens)), mask.sum(1) - 1]
    return pooled


_POOLINGS: dict[str, Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float32]]] = {
    "cls": _first,
    "cls_token": _first,
    "mean": _mean,
    "mean_tokens": _mean,
    "mean_sqrt_len_tokens": _mean,  # another length, which normalising takes away
    "max": _largest,
    "max_tokens": _largest,
    "lasttoken": _last,
}
"""By their names in a pooling's configuration: (batch, tokens, dimension) and mask to (batch, dimension)."""


class OnnxFolder:
    """An `index.embedder.Embedder`. Its fingerprint holds the hashes of model and tokenizer, pooling and length.

    Raises WeightsMissing where there is no model that can be run, EmbedderError where the folder asks for more than is
    known here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        if not self._folder.is_dir():
            raise WeightsMissing("no such folder", where=str(self._folder))
        steps = self._steps()
        self._model = self._found(self._folder / steps.get("Transformer", ""))
        self._tokenizer_file = self._model_folder / "tokenizer.json"
        if not self._tokenizer_file.is_file():
            raise WeightsMissing("no tokenizer.json", where=str(self._model_folder))
        self._pooling = self._pooled_by(steps.get("Pooling"))
        self._length = self._longest()

    @property
    def name(self) -> str:
        """Finds it again."""
        return f"folder:{self._folder}"

    @cached_property
    def dimension(self) -> int:
        """Of its vectors."""
        return int(self.embed(["eligibility"]).shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """See `Embedder`."""
        files = [*sorted(self._model.parent.glob(f"{self._model.name}*")), self._tokenizer_file]
        facts = [*(sha256_of(file) for file in files), self._pooling or "", str(self._length)]
        return f"{self._folder.name}/{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:16]}/{self._length}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`. Raises WeightsCorrupt, EmbedderError."""
        import numpy as np

        made: list[NDArray[np.float32] | None] = [None] * len(texts)
        for start in range(0, len(texts), _TOKENISED_AT_ONCE):
            encodings = self._tokenizer.encode_batch_fast(list(texts[start : start + _TOKENISED_AT_ONCE]))
            for rows, ids, mask in batches(encodings):
                for row, vector in zip(rows, self._run(ids, mask), strict=True):
                    made[start + row] = vector
        return np.array(made, np.float32) if made else np.empty((0, self.dimension), np.float32)

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        import numpy as np

        session = self._session
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            outputs = session.run(None, {i.name: known[i.name] for i in session.get_inputs()})
        except KeyError as e:
            raise EmbedderError(f"the model wants an input {e} that is not known here", where=str(self._model)) from e
        except Exception as e:  # onnxruntime's errors have no common base of their own
            raise EmbedderError(f"the model cannot be run ({e})", where=str(self._model)) from e
        vectors = self._pooled(outputs, mask)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EmbedderError("the model gives a vector that is not finite, or is zero", where=str(self._model))
        units: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
        return units

    def _pooled(self, outputs: Sequence[NDArray[np.float32]], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """One vector a text: pooled as the folder says, or as the model itself has pooled."""
        if self._pooling:
            tokens = next((o for o in outputs if o.ndim == 3), None)
            if tokens is not None:
                return _POOLINGS[self._pooling](tokens, mask)
        whole = next((o for o in outputs if o.ndim == 2), None)
        if whole is None:
            raise EmbedderError("the model gives neither vectors of tokens nor of texts", where=str(self._model))
        return whole

    # What the folder says

    def _steps(self) -> dict[str, str]:
        """The folder's steps by kind, and where each is."""
        modules = self._read(self._folder / "modules.json", [])
        try:
            steps = {m["type"].rpartition(".")[2]: m["path"] for m in modules}
        except (TypeError, KeyError) as e:
            raise WeightsCorrupt("no list of steps", where=str(self._folder / "modules.json")) from e
        if unknown := sorted(steps.keys() - {"Transformer", "Pooling", "Normalize"}):
            raise EmbedderError(f"needs a step that is not known here: {', '.join(unknown)}", where=str(self._folder))
        return steps

    def _found(self, folder: Path) -> Path:
        model = next((folder / m for m in _MODELS if (folder / m).is_file()), None)
        self._model_folder = folder
        if model is None:
            raise WeightsMissing("no ONNX model (onnx/model.onnx or model.onnx)", where=str(folder), hint=_EXPORT)
        return model

    def _pooled_by(self, path: str | None) -> str | None:
        """The name of the pooling; None where the folder has no such step, and the model must pool."""
        if path is None:
            return None
        file = self._folder / path / "config.json"
        config = self._read(file, {})
        named = config.get("pooling_mode")
        chosen = (
            [named]
            if isinstance(named, str)
            else [k[13:] for k, v in config.items() if k[:13] == "pooling_mode_" and v]
        )
        if len(chosen) != 1 or chosen[0] not in _POOLINGS:
            raise EmbedderError(
                f"pools in a way that is not known here: {', '.join(chosen) or 'none'}", where=str(file)
            )
        return chosen[0]

    def _longest(self) -> int:
        """How many tokens of a text are read."""
        said = self._read(self._model_folder / "sentence_bert_config.json", {}).get("max_seq_length")
        most = self._read(self._model_folder / "config.json", {}).get("max_position_embeddings")
        limits = [n for n in (said, most) if isinstance(n, int) and n > 0]
        return min(limits, default=_DEFAULT_LENGTH)

    def _read(self, file: Path, otherwise: Any) -> Any:
        try:
            value = orjson.loads(file.read_bytes())
        except FileNotFoundError:
            return otherwise
        except (OSError, ValueError) as e:
            raise WeightsCorrupt(f"unreadable ({e})", where=str(file)) from e
        if not isinstance(value, type(otherwise)):
            raise WeightsCorrupt("not what it should be", where=str(file))
        return value

    # What runs it

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        except Exception as e:  # tokenizers raises bare Exceptions
            raise WeightsCorrupt(f"unreadable ({e})", where=str(self._tokenizer_file)) from e
        tokenizer.enable_truncation(self._length)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # warnings go to stderr, which is the terminal's
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])
        except Exception as e:  # onnxruntime's errors have no common base of their own
            raise WeightsCorrupt(f"onnxruntime cannot start the model ({e})", where=str(self._model)) from e
