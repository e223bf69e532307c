"""Files of weights: their hashes, and what is kept in the user's cache so that large ones are read once."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hexadecimal. It is remembered until the file's size or time changes."""
    stat = path.stat()
    now = f"{path.absolute()} {stat.st_size} {stat.st_mtime_ns}"
    kept = cache() / f"{hashlib.sha256(now.encode()).hexdigest()[:32]}.sha256"
    with suppress(OSError, UnicodeDecodeError):
        digest = kept.read_text(encoding="ascii")
        if len(digest) == 64:
            return digest
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError):
        write_whole(kept, digest.encode())
    return digest


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def cache() -> Path:
    """The user's cache folder for this program, which need not exist."""
    from platformdirs import user_cache_path

    return user_cache_path("trialcite")
