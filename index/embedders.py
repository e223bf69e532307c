"""The embedders there are, by the names that people give and libraries remember.

minilm                   all-MiniLM-L6-v2, as installed with the program
folder:PATH              a sentence-transformers folder with an ONNX model
openai:MODEL[@URL]       a model behind an OpenAI-compatible endpoint
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from trialcite.errors import EmbedderUnavailable, UsageError

if TYPE_CHECKING:
    from index.embedder import Embedder
    from prompts.settings import ModelSettings

FindEmbedder = Callable[[str], "Embedder"]
"""Makes the embedder of a name. Raises EmbedderError, UsageError."""

MINILM = "minilm"
_MINILM_NAMES = (MINILM, "all-MiniLM-L6-v2")
_FORMS = "minilm, folder:PATH or openai:MODEL[@URL]"


class EmbedderName(NamedTuple):
    """A name taken apart. `place` is the folder or the model, `url` the endpoint where it is named."""

    kind: Literal["minilm", "folder", "openai"]
    place: str = ""
    url: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises UsageError."""
        if text in _MINILM_NAMES:
            return cls("minilm")
        kind, _, rest = text.partition(":")
        if kind == "folder" and rest:
            return cls("folder", rest)
        if kind == "openai" and rest:
            model, _, url = rest.partition("@http")
            if model:
                return cls("openai", model, f"http{url}" if url else None)
        raise UsageError(f"no embedder {text!r}", hint=_FORMS)


def local(name: str) -> Embedder:
    """The embedder of a name that needs no network. Raises EmbedderError, UsageError."""
    parsed = EmbedderName.parse(name)
    if parsed.kind == "openai":
        raise EmbedderUnavailable("an endpoint is used only with its settings", where=name)
    if parsed.kind == "folder":
        from index.onnx_folder import OnnxFolder

        return OnnxFolder(Path(parsed.place).expanduser())
    from index.minilm import MiniLM

    return MiniLM()


def remote(settings: ModelSettings) -> Embedder:
    """The embedder behind an endpoint. Raises EmbedderUnavailable, UsageError."""
    from index.remote import RemoteEmbedder

    return RemoteEmbedder(settings)
