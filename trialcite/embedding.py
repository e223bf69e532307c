"""Which embedder, with which settings: what the command line and the environment say of it.

A library remembers its embedder's name, and an endpoint's address with it. A library may come from somebody else, so
its address alone is never called: only one that the user's own settings or TRIALCITE_EMBEDDER name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trialcite.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from index.embedder import Embedder

VARIABLE = "TRIALCITE_EMBEDDER"


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
