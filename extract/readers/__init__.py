"""Readers: from bytes to readings, the format told by the content and never by the name.

| format     | is                                                       | module  |
|------------|----------------------------------------------------------|---------|
| ctgov-v2   | CT.gov API v2 JSON: a study, {"studies": …}, array, lines | ctgov   |
| page-text  | a trial page of the seeds' layout, copied as text        | page    |
| plain-text | any other text                                           | plain   |

Any of them may be gzipped. A file may hold many records; a broken one among them is an error in its place, and the
rest go on.
"""

from __future__ import annotations

import gzip
import stat
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from extract.inputs import STDIN
from extract.readers import ctgov, page, plain
from extract.reading import Reading
from extract.source import MAX_RECORD_BYTES, source_from_bytes
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

_GZIP = b"\x1f\x8b"
_HEAD = 4096


def readings(path: Path) -> Iterator[Reading | InputError]:
    """Every record of one file ("-" is stdin), each a Reading or the reason why there is none."""
    where = str(path)
    try:
        with _open(path) as stream:
            yield from _unwrapped(stream, where)
    except InputError as e:
        yield e
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        yield MalformedRecord(f"broken gzip data ({e})", where=where)
    except OSError as e:
        yield UnreadableInput(e.strerror or "cannot be read", where=where)


def readings_of_text(text: str, *, path: str = "-") -> Iterator[Reading | InputError]:
    """Every record of a text at hand; what `readings` gives for a file of it."""
    yield from readings_of_bytes(text.encode(), path=path)


def readings_of_bytes(data: bytes, *, path: str) -> Iterator[Reading | InputError]:
    """Every record of a file whose bytes are at hand, not compressed any more."""
    try:
        yield from _records(BufferedReader(BytesIO(data)), path)
    except InputError as e:
        yield e


def _open(path: Path) -> BinaryIO:
    if path == STDIN:
        return sys.stdin.buffer
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadableInput("not a regular file", where=str(path))
    return path.open("rb")


def _unwrapped(stream: BinaryIO, where: str) -> Iterator[Reading | InputError]:
    buffered = stream if isinstance(stream, BufferedReader) else BufferedReader(cast("BytesIO", stream))
    if buffered.peek(2)[:2] == _GZIP:
        with gzip.open(buffered) as inner:
            yield from _records(BufferedReader(cast("BytesIO", inner), _HEAD), where)
    else:
        yield from _records(buffered, where)


def _records(stream: BufferedReader, where: str) -> Iterator[Reading | InputError]:
    if ctgov.recognises(stream.peek(_HEAD)[:_HEAD]):
        for record in ctgov.records(stream, where=where):
            yield record if isinstance(record, InputError) else ctgov.read(record, path=where)
        return
    data = stream.read(MAX_RECORD_BYTES + 1)
    source = source_from_bytes(data, path=where, format="plain-text")
    if _is_json(data):
        yield MalformedRecord("JSON, but no study of the registry's API v2", where=where)
    elif page.recognises(source.text):
        yield page.read(replace(source, format="page-text"))
    else:
        yield plain.read(source)


def _is_json(data: bytes) -> bool:
    """Whether the whole file is a JSON object or array: data for a program, which nobody would read as a text."""
    import orjson

    if data.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True
