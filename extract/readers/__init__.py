"""Readers: from bytes to readings, the format told by the content and never by the name.

| format      | is                                                        | module             |
|-------------|-----------------------------------------------------------|--------------------|
| ctgov-v2    | CT.gov API v2 JSON: a study, {"studies": …}, array, lines | ctgov              |
| registries' | XML, JSON, CSV or text that a table maps (formats/*.toml) | mapping, mapped    |
| pdf         | a protocol                                                | pdf, pdf_layout    |
| html        | a saved page, then read as the text it shows              | html               |
| page-text   | a trial page of the seeds' layout, copied as text         | page               |
| plain-text  | any other text                                            | plain              |

Any of them may be gzipped. A file may hold many records; a broken one among them is an error in its place, and the
rest go on.
"""

from __future__ import annotations

import codecs
import gzip
import re
import stat
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from extract.inputs import STDIN, read_whole
from extract.readers import csv_nodes, ctgov, euctr, html, json_nodes, json_records, mapped, page, pdf, plain, xml_nodes
from extract.readers.mapping import Format, format_named, formats
from extract.reading import Reading
from extract.source import MAX_RECORD_BYTES, source_from_bytes
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

_BEGINS_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*(?:"[^"\n]*"\s*:|\})')
_GZIP = b"\x1f\x8b"
_HEAD = 4096

MAX_FILE_BYTES = max(MAX_RECORD_BYTES, pdf.MAX_BYTES)
"""More than any one record; whatever is read whole is refused above its own format's limit."""


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
    head = stream.peek(_HEAD)[:_HEAD]
    if ctgov.recognises(head):
        for record in ctgov.records(stream, where=where):
            yield record if isinstance(record, InputError) else ctgov.read(record, path=where)
    elif form := _of_header(head):
        for row in csv_nodes.records(stream, where=where):
            if isinstance(row, InputError):
                yield row
            else:
                yield mapped.read(row.node, form, path=where, member=row.member, sha256=row.sha256)
    elif pdf.recognises(head):
        yield pdf.read(read_whole(stream, pdf.MAX_BYTES), where=where)
    elif html.recognises(head):
        yield html.read(read_whole(stream, MAX_RECORD_BYTES), where=where)
    elif xml_nodes.begins_xml(head) and not _is_marked_up_text(root := xml_nodes.root_of(head), head):
        yield from _of_xml(stream, root, where)
    elif form := _of_keys(head):
        yield from _of_json(stream, form, where)
    else:
        yield from _text(read_whole(stream, MAX_RECORD_BYTES), where)


def _text(data: bytes, where: str) -> Iterator[Reading | InputError]:
    source = source_from_bytes(data, path=where, format="plain-text")
    if _is_json(data):
        if form := _of_keys(data):
            yield from _of_json(BufferedReader(BytesIO(data)), form, where)
            return
        yield _unknown_json(data, where)
        return
    if euctr.recognises(source.text):
        form = format_named("euctr")
        for record in euctr.records(source):
            yield mapped.read(record.node, form, path=where, member=record.member, sha256=record.sha256)
    elif page.recognises(source.text):
        yield page.read(replace(source, format="page-text"))
    else:
        yield plain.read(source)


def _of_header(head: bytes) -> Format | None:
    """The format whose columns the first line names."""
    names = csv_nodes.columns(head)
    return next((form for form in formats() if form.keys and form.keys <= names), None)


def _of_keys(head: bytes) -> Format | None:
    """The format whose keys stand in the first bytes of a JSON file."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return None
    return next((form for form in formats() if form.signs and all(sign in head for sign in form.signs)), None)


def _of_json(stream: BufferedReader, form: Format, where: str) -> Iterator[Reading | InputError]:
    for member in json_records.members(stream, where=where):
        if isinstance(member, InputError):
            yield member
        else:
            short_name = euctr.short_name if form.name == "euctr" else None
            try:
                node = json_nodes.node_of(member.value, short_name=short_name)
            except MalformedRecord as e:
                yield MalformedRecord(e.message, where=where)
                continue
            yield mapped.read(node, form, path=where, member=member.place, sha256=member.sha256)


def _is_marked_up_text(root: str | None, head: bytes) -> bool:
    """Whether what begins like XML is a page or a text all the same."""
    known = any(root in form.roots for form in formats())
    return root is not None and not known and (root.casefold() == "html" or b"<?xml" not in head)


def _of_xml(stream: BufferedReader, root: str | None, where: str) -> Iterator[Reading | InputError]:
    names = {name: form for form in formats() if root in form.roots for name in form.records}
    if root is not None and not names:
        yield MalformedRecord(f"XML of no registry's layout that is known (<{root}>)", where=where)
        return
    for record in xml_nodes.records(stream, names=frozenset(names), where=where):
        if isinstance(record, InputError):
            yield record
        else:
            form = names[record.node.name]
            yield mapped.read(record.node, form, path=where, member=record.member, sha256=record.sha256)


def _is_json(data: bytes) -> bool:
    """Whether a file is JSON, whole or broken: data for a program, which nobody would read as a text."""
    import orjson

    if _BEGINS_JSON.match(data):
        return True
    if data.lstrip()[:1] != b"[":
        return False
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True


def _unknown_json(data: bytes, where: str) -> MalformedRecord:
    import orjson

    try:
        orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as e:
        return MalformedRecord(f"broken JSON at line {e.lineno}, column {e.colno}: {e.msg}", where=where)
    return MalformedRecord("JSON, but no record of a registry that is known", where=where)
