"""llama.cpp's server, built once into a cache, and run on loopback.

    python -m tests.llm.server       builds it (some minutes; needs a C++ compiler, cmake and ninja)

The source is that which llama-cpp-python ships, pinned by version and hash.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
FLAGS = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_NATIVE=OFF",  # the cache may be restored on another machine
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
]
CONTEXT_TOKENS = 16384


def cache() -> Path:
    """Where the built server is kept, with the Python package that writes model files."""
    return user_cache_path("trialcite") / "llama-server" / VERSION


def binary() -> Path:
    """The server, whether it is built or not."""
    return cache() / "llama-server"


def build() -> Path:
    """Build the server, if it is not in the cache."""
    if binary().exists():
        return binary()
    for tool in ("cmake", "ninja"):
        if shutil.which(tool) is None:
            sys.exit(f"building llama-server needs {tool}")
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="llama-") as folder:
        source = _source(Path(folder))
        made = Path(folder) / "build"
        _run("cmake", "-S", source, "-B", made, "-G", "Ninja", *FLAGS)
        _run("cmake", "--build", made, "--target", "llama-server")
        shutil.copytree(source / "gguf-py" / "gguf", cache() / "gguf", dirs_exist_ok=True)
        shutil.copy2(made / "bin" / "llama-server", binary().with_suffix(".new"))
    binary().with_suffix(".new").replace(binary())  # there, or not there
    return binary()


def _source(folder: Path) -> Path:
    """llama.cpp's source, unpacked."""
    pinned = folder / "requirements.txt"
    pinned.write_text(f"llama-cpp-python=={VERSION} --hash=sha256:{SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    _run(*pip, "--no-deps", "--no-binary", "llama-cpp-python", "--require-hashes", "-r", pinned, "-d", folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz") / "vendor" / "llama.cpp"


def _run(*command: str | Path) -> None:
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(model: Path, *flags: str) -> Iterator[str]:
    """The address of a server for a model file, started with more flags; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary(), "--model", model, "--host", "127.0.0.1", "--port", port, "--parallel", 1, "--threads", 2]
    command += ["--ctx-size", CONTEXT_TOKENS, "--seed", 1, *flags]
    log = model.with_name(f"server-{port}.log")
    with log.open("wb") as out:
        server = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        _wait(server, port, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"llama-server ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"llama-server is not ready after {seconds} s")


if __name__ == "__main__":
    os.environ.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
    print(build())  # noqa: T201 - a script's answer
