"""The vector index at a Chroma server: for libraries that several machines search, or that outgrow one.

The server holds vectors under numbers, and no text. It is as derived as the folder it stands for: what it lacks or has
lost is found out by counting, and made anew from the truth. A server takes care of readers and writers itself; that
one process writes to a library is still held by that library's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from index.vectors import Vectors, VectorsNotNow, VectorsUnusable, chroma_faults, made
from prompts.redaction import Redactor
from trialcite.errors import UsageError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CONNECT_SECONDS, _ANSWER_SECONDS = 5.0, 120.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A Chroma server, and the token that it, or the proxy before it, wants. Make one by `of`."""

    url: str
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, token: str | None = None) -> Self:
        """Raises UsageError for what is no address, and for one to which the token would travel unencrypted."""
        if "@" in url:  # an address is shown and remembered; a token is not
            raise UsageError("the server's address holds a user name or password", hint="give a token as the token")
        try:
            parts = urlsplit(url)
            bare = not (parts.query or parts.fragment)
            right = bare and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            right = False
        if not right:
            raise UsageError("not an http or https address", where=url)
        if token and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise UsageError("the token would travel unencrypted to another machine", where=url, hint="use https")
        return cls(url.rstrip("/"), token)


class VectorsServer:
    """An `index.vectors.VectorsHome` at a server."""

    def __init__(self, address: ServerAddress, collection: str) -> None:
        self._address = address
        self._collection = collection
        self._redact = Redactor(address.token)

    @property
    def place(self) -> str:
        """The server's address."""
        return self._address.url

    @contextmanager
    def reading(self) -> Iterator[Vectors]:
        """Open to search. Raises VectorsUnusable."""
        with ExitStack() as opened:
            yield self._there(self._connect(opened))

    @contextmanager
    def writing(self, *, anew: bool) -> Iterator[tuple[Vectors, bool]]:
        """Open to write; and whether what was there was kept. Raises VectorsUnusable."""
        with ExitStack() as opened:
            client = self._connect(opened)
            there = self._is_there(client)
            with self._faults():
                if there and anew:
                    client.delete_collection(self._collection)
                collection = made(client, self._collection)
            yield Vectors(collection, self._faults), there and not anew

    def is_intact(self, rows: int | None) -> bool:
        """Whether the server answers and holds so many rows."""
        with suppress(VectorsUnusable), self.reading() as vectors:
            return len(vectors) == rows
        return False

    def _faults(self) -> AbstractContextManager[None]:
        return chroma_faults(VectorsNotNow, self._redact)

    def _there(self, client: Any) -> Vectors:
        with self._faults():
            return Vectors(client.get_collection(self._collection, embedding_function=None), self._faults)
        raise AssertionError("unreachable")

    def _is_there(self, client: Any) -> bool:
        with self._faults():
            return any(c.name == self._collection for c in client.list_collections())
        raise AssertionError("unreachable")

    def _connect(self, opened: ExitStack) -> Any:
        import chromadb
        import httpx
        from chromadb.config import Settings

        with self._faults():
            client: Any = chromadb.HttpClient(
                host=self._address.url,  # a whole address is taken as it is, with its scheme, port and path
                headers=self._headers(),
                settings=Settings(_env_file=None, anonymized_telemetry=False),
            )
            opened.callback(client.close)
            # chromadb waits for ever, and has no setting for it.
            client._server._session.timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
            return client
        raise AssertionError("unreachable")

    def _headers(self) -> dict[str, str]:
        """The token as proxies take it, and as Chroma's own cloud does."""
        token = self._address.token
        return {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
