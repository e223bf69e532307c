"""A Chroma server as the vector index: a real one on loopback, one that is gone, one that is not for us."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from index import upkeep
from index.library import Library
from index.server import ServerAddress, VectorsServer
from index.vectors import VectorsUnusable
from tests.index.readings import ASTHMA, DIABETES, Letters, make
from tests.prompts.stub import Answer, Stub
from tests.trialcite.run import trialcite
from trialcite.errors import UsageError

TOKEN = "token-sentinel/9f+3c71b2"


@contextmanager
def _server(folder: Path, port: int) -> Iterator[str]:
    """`chroma run` until it answers, ended by its own process."""
    code = "from chromadb.cli.cli import app; app()"
    arguments = [sys.executable, "-c", code, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerAddress]:
    with _server(tmp_path_factory.mktemp("chroma"), _free_port()) as url:
        yield ServerAddress.of(url, TOKEN)


@pytest.fixture(autouse=True)
def vector_index_from_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "VECTOR_INDEX_FROM", 20)
    monkeypatch.setattr("index.candidates._EXACT_UP_TO", 10)


def _filled(folder: Path, chroma: ServerAddress | None) -> Path:
    with Library.create(folder, embedder=Letters(), chroma=chroma) as library:
        library.add(*make(ASTHMA, path="asthma.txt"))
        library.add(*make(DIABETES, path="diabetes.txt"))
    return folder


QUERIES = ("glucalin every evening", "FEV1 below 60%", "current smokers", "sponsors")


def _found(library: Library) -> list[tuple[str, tuple[int, int]]]:
    hits = [h for q in QUERIES for h in library.search(q, k=5)]
    return [(h.document, h.lines) for h in hits]


def test_a_server_finds_what_the_folder_finds(server: ServerAddress, tmp_path: Path) -> None:
    with Library.open(_filled(tmp_path / "one", None), embedder=Letters()) as library:
        expected = _found(library)
    folder = _filled(tmp_path / "two", server)
    with Library.open(folder, embedder=Letters(), chroma=server) as library:
        assert _found(library) == expected
        assert not library.notes
        assert library.stats().vectors_at == server.url
        assert [(c.ok, c.detail) for c in library.health()][2] == (True, "23 chunks, as it should")
        assert {h.document for h in library.like("NCT99000101")} == {"NCT99000102"}
    assert not (folder / "vectors").exists()
    assert TOKEN not in repr(server)


def test_readers_see_what_a_writer_adds_and_removes_meanwhile(server: ServerAddress, tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library", server)
    with Library.open(folder, embedder=Letters(), chroma=server) as reader:
        assert _found(reader)
        with Library.create(folder, embedder=Letters(), chroma=server) as writer:
            writer.add(*make("Zirconium implants in the jaw.", path="zirconium.txt"))
            writer.remove("NCT99000101")
        hits = reader.search("zirconium implants", k=5)
        assert hits[0].document == "zirconium"
        assert len({(h.document, h.lines) for h in hits}) == len(hits)
        assert "NCT99000101" not in {h.document for h in reader.search("severe asthma", k=20)}
        assert not reader.notes


def test_what_the_server_has_lost_is_made_anew(server: ServerAddress, tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library", server)
    with Library.open(folder, embedder=Letters()) as library:
        name = f"trialcite-{library._store.meta('library')}"
    with VectorsServer(server, name).writing(anew=True):
        pass
    with Library.open(folder, embedder=Letters(), chroma=server) as library:
        assert _found(library)
        assert "does not hold what was put in" in library.notes[0]
        assert not library.health()[2].ok
    Library.create(folder, embedder=Letters(), chroma=server).close()
    with Library.open(folder, embedder=Letters(), chroma=server) as library:
        assert _found(library)
        assert not library.notes


def test_a_library_moves_to_a_server_and_back_only_when_told(server: ServerAddress, tmp_path: Path) -> None:
    folder = _filled(tmp_path / "library", None)
    with Library.open(folder, embedder=Letters(), chroma=server) as library:
        expected = _found(library)
        assert "the next add moves it" in library.notes[0]
    Library.create(folder, embedder=Letters(), chroma=server).close()
    with Library.create(folder, embedder=Letters()) as library:
        library.add(*make("Zirconium implants in the jaw.", path="zirconium.txt"))
        library.flush()
        assert f"it is at {server.url}" in library.notes[0]
        assert library.search("zirconium implants", k=1)[0].document == "zirconium"
        library.remove("zirconium")
        assert library.stats().vectors_at == server.url
        library.reindex()
        assert library.stats().vectors_at is None
    with Library.open(folder, embedder=Letters()) as library:
        assert _found(library) == expected
        assert not library.notes


def test_a_server_that_goes_away_is_done_without(tmp_path: Path) -> None:
    port = _free_port()
    with _server(tmp_path / "chroma", port) as url:
        address = ServerAddress.of(url)
        folder = _filled(tmp_path / "library", address)
        reader = Library.open(folder, embedder=Letters(), chroma=address)
        expected = _found(reader)
    with reader:
        assert _found(reader) == expected
        assert "comparing one by one" in reader.notes[0]
    with Library.create(folder, embedder=Letters(), chroma=address) as library:
        library.add(*make("Zirconium implants in the jaw.", path="zirconium.txt"))
        library.flush()
        assert "the vector index could not be written" in library.notes[0]
        assert library.search("zirconium implants", k=1)[0].document == "zirconium"
    with _server(tmp_path / "chroma", port):
        Library.create(folder, embedder=Letters(), chroma=address).close()
        with Library.open(folder, embedder=Letters(), chroma=address) as library:
            assert library.search("zirconium implants", k=1)[0].document == "zirconium"
            assert not library.notes


def test_the_token_travels_in_headers_and_is_never_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(received: object) -> Answer:
        return Answer(401, json.dumps({"error": f"token {TOKEN} is not known"}).encode())

    with Stub(refuses) as stub:
        address = ServerAddress.of(stub.url.removesuffix("/v1"), TOKEN)
        with pytest.raises(VectorsUnusable, match=r"\[key\]") as raised, VectorsServer(address, "any").reading():
            pass
        assert TOKEN not in str(raised.value)
        assert stub.received[0].headers["authorization"] == f"Bearer {TOKEN}"
        assert stub.received[0].headers["x-chroma-token"] == TOKEN
    monkeypatch.setenv("TRIALCITE_CHROMA_TOKEN", TOKEN)
    refused = trialcite("add", tmp_path, "--library", tmp_path / "l", "--chroma-url", "http://192.0.2.1:8000")
    assert (refused.code, "use https" in refused.err, TOKEN in refused.err) == (2, True, False)


def test_an_https_address_is_spoken_to_in_tls_alone() -> None:
    with Stub(lambda _: Answer(body=b"{}")) as stub:
        address = ServerAddress.of(stub.url.removesuffix("/v1").replace("http:", "https:"), TOKEN)
        with pytest.raises(VectorsUnusable), VectorsServer(address, "any").reading():
            pass
        assert stub.received == []


@pytest.mark.parametrize(
    ("url", "token", "says"),
    [
        ("http://192.0.2.1:8000", "secret", "unencrypted"),
        ("http://chroma.example", "secret", "unencrypted"),
        ("http://127.0.0.1.example:8000", "secret", "unencrypted"),
        ("https://user:word@host", None, "user name or password"),
        ("localhost:8000", None, "not an http"),
        ("ftp://host", None, "not an http"),
        ("https://", None, "not an http"),
        ("https://host:99999", None, "not an http"),
        ("https://host/?token=secret", None, "not an http"),
    ],
)
def test_addresses_that_are_refused(url: str, token: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        ServerAddress.of(url, token)
    assert token is None or token not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["https://host", "https://host:8443/chroma/", "http://localhost:8000", "http://[::1]:8000"]
)
def test_addresses_that_a_token_may_travel_to(url: str) -> None:
    assert ServerAddress.of(url, "secret").url == url.rstrip("/")
