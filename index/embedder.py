"""What turns text into vectors: one interface, whoever computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Texts to unit vectors.

    `name` finds it again (`index.embedders`). `fingerprint` names everything that decides the numbers (weights,
    pooling, length limit): vectors of one fingerprint may be compared with each other and with no others.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, in the order given, each of length 1: shape (len(texts), dimension), float32.

        Raises EmbedderError.
        """
