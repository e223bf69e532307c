"""Embeddings from an OpenAI-compatible /embeddings endpoint.

Settings, retries and the words for what fails are those of the language model's client (`prompts`). Texts go in small
batches, several at a time; what comes back is checked, because a wrong vector is found by nothing later. Servers refuse
what is longer than their model takes or than they take at once, and do not tell how much that is: then less is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from prompts.faults import LASTING_STATUS, endpoint_error, will_last
from prompts.redaction import Redactor
from prompts.wire import NO_KEY
from trialcite.errors import EmbedderUnavailable, RequestRefused, UsageError

if TYPE_CHECKING:
    import numpy as np
    from httpx2 import Response
    from numpy.typing import NDArray

    from prompts.settings import ModelSettings

BATCH = 32
"""Texts a request: what the usual self-hosted servers take by default; OpenAI's own take more."""

_SHORTEST = 64
"""Characters of a text that is not cut further: whoever refuses so little has another reason."""


class RemoteEmbedder:
    """An `index.embedder.Embedder`. Making one embeds a word, which shows that it works and how wide its vectors are.

    Its fingerprint holds the model's name and the dimension: an endpoint does not tell its weights. Raises
    EmbedderUnavailable, and UsageError where the key would travel unencrypted.
    """

    def __init__(self, settings: ModelSettings) -> None:
        if settings.exposes_key:
            raise UsageError(
                "the key would travel unencrypted to another machine", where=settings.base_url, hint="use https"
            )
        self._settings = settings
        self._model = settings.model_name
        self._redact = Redactor(settings.key)
        self.dimension = 0
        self.dimension = self.embed(["eligibility"]).shape[1]

    @property
    def name(self) -> str:
        """Finds it again."""
        return f"openai:{self._model}@{self._settings.base_url}"

    @property
    def fingerprint(self) -> str:
        """See `Embedder`."""
        return f"openai/{self._model}/{self.dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`. Raises EmbedderUnavailable."""
        import numpy as np

        batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        if len(batches) == 1:
            return self._embedded(batches[0])
        pool = ThreadPoolExecutor(self._settings.concurrency)
        try:
            return np.concatenate([np.empty((0, self.dimension), np.float32), *pool.map(self._embedded, batches)])
        finally:
            pool.shutdown(cancel_futures=True)  # after one failure the rest is no use

    def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        """The vectors of a batch. What is refused is sent in halves, and at last a text's first half for its whole."""
        import numpy as np

        try:
            return self._checked(self._answer(texts), len(texts))
        except RequestRefused as e:
            if len(texts) == 1 and len(texts[0]) <= _SHORTEST:
                raise EmbedderUnavailable(e.message, where=e.where, hint=e.hint) from None
        if len(texts) == 1:
            return self._embedded([texts[0][: len(texts[0]) // 2]])
        half = len(texts) // 2
        return np.concatenate([self._embedded(texts[:half]), self._embedded(texts[half:])])

    def _answer(self, texts: list[str]) -> Any:
        """One request. Texts without content are refused by some endpoints, so they are sent as a full stop.

        Raises RequestRefused, EmbedderUnavailable.
        """
        said = [t if t.strip() else "." for t in texts]
        try:
            # Asked for by name, or openai would decode what it does not check.
            return self._connection.embeddings.create(model=self._model, input=said, encoding_format="base64")
        except Exception as e:
            known = endpoint_error(e, where=self._settings.base_url, redact=self._redact, expected="embeddings")
            if known is None:
                raise
            if isinstance(known, RequestRefused):
                raise known from None
            raise EmbedderUnavailable(known.message, where=known.where, hint=known.hint) from None

    def _checked(self, answer: Any, count: int) -> NDArray[np.float32]:
        """The vectors of an answer in the order of its texts, as unit vectors."""
        import numpy as np

        try:
            rows = sorted(answer.data, key=lambda item: item.index)
            places = [item.index for item in rows]
            vectors = np.array([_numbers(item.embedding) for item in rows], np.float32)
        except (AttributeError, TypeError, ValueError):  # openai builds its objects without checking them
            raise self._wrong("no list of vectors of one length") from None
        if places != list(range(count)):
            raise self._wrong(f"other vectors than one for each of {count} texts")
        if vectors.ndim != 2:
            raise self._wrong("no list of vectors of one length")
        if self.dimension not in (0, vectors.shape[1]):
            raise self._wrong(f"vectors of {vectors.shape[1]} dimensions after some of {self.dimension}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._wrong("a vector that is not finite, or is zero")
        units: NDArray[np.float32] = vectors / lengths
        return units

    def _wrong(self, what: str) -> EmbedderUnavailable:
        return EmbedderUnavailable(
            f"the endpoint answers with {what}", where=self._settings.base_url, hint=f"is {self._model} for embeddings?"
        )

    @cached_property
    def _connection(self) -> Any:
        import openai

        settings = self._settings
        timeout = openai.Timeout(settings.timeout, connect=min(settings.timeout, 10))
        return openai.OpenAI(
            api_key=settings.key or NO_KEY,
            base_url=settings.base_url,
            timeout=timeout,
            max_retries=settings.retries,
            http_client=openai.DefaultHttpxClient(timeout=timeout, event_hooks={"response": [_spare_retries]}),
        )


def _spare_retries(response: Response) -> None:
    """As `prompts.wire` does: a request that would fail in the same way is not sent again."""
    if response.status_code == LASTING_STATUS:
        response.read()
        if will_last(response.text):
            response.headers["x-should-retry"] = "false"


def _numbers(embedding: object) -> object:
    """Base64 of little-endian float32 as numbers; an endpoint that knows no base64 sends numbers as they are."""
    import numpy as np

    if not isinstance(embedding, str):
        return embedding
    return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
