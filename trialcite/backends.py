"""Which embedder and which server for vectors: what the command line and the environment say of them.

A library remembers its embedder's name, and an endpoint's address with it. A library may come from somebody else, so
its address alone is never called: only one that the user's own settings or TRIALCITE_EMBEDDER name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trialcite.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from index.embedder import Embedder
    from index.server import ServerAddress

VARIABLE = "TRIALCITE_EMBEDDER"
CHROMA_URL, CHROMA_TOKEN = "TRIALCITE_CHROMA_URL", "TRIALCITE_CHROMA_TOKEN"


def chosen(name: str) -> Embedder:
    """The embedder that the user names. Raises EmbedderError, UsageError."""
    from index.embedders import EmbedderName, local, remote
    from trialcite.settings import model_settings

    parsed = EmbedderName.parse(name)
    if parsed.kind != "openai":
        return local(name)
    return remote(model_settings({"model": parsed.place, "base_url": parsed.url}).settings)


def found(remembered: str) -> Embedder:
    """The embedder that TRIALCITE_EMBEDDER names, else the one that a library remembers. Raises EmbedderError."""
    from index.embedders import EmbedderName
    from trialcite.settings import model_settings

    if named := os.environ.get(VARIABLE):
        return chosen(named)
    parsed = EmbedderName.parse(remembered)
    if parsed.kind == "openai" and parsed.url != (mine := model_settings().settings.base_url):
        raise EmbedderUnavailable(
            f"the library's embedder is {remembered}, your settings name {mine}",
            hint=f"to use it: {VARIABLE}={remembered}",
        )
    return chosen(remembered)


def vector_server(url: str | None) -> ServerAddress | None:
    """The Chroma server of this address, else the one that the environment names, if any. Raises UsageError."""
    from index.server import ServerAddress

    url = url or os.environ.get(CHROMA_URL)
    return ServerAddress.of(url, os.environ.get(CHROMA_TOKEN)) if url else None
