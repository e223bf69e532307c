"""Gold and prediction files: rows with their numbers, and the hash of what was read."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ValidationError

from evaluation.report import Input
from extract.evidence import Line
from trialcite.errors import MalformedRecord, UnreadableInput

Row = tuple[str, dict[str, Any]]
"""Where a row stands ("gold.jsonl row 3", a file of a folder) and what it holds."""

LONGEST = 200_000
"""No record has so many lines."""


def _of_one_record(lines: tuple[int, int]) -> tuple[int, int]:
    if lines[1] - lines[0] > LONGEST:
        raise ValueError("no record has so many lines")
    return lines


def _in_order(lines: tuple[int, int]) -> tuple[int, int]:
    if lines[0] > lines[1]:
        raise ValueError("the first line is after the last")
    return lines


GoldLines = Annotated[tuple[Line, Line], AfterValidator(_of_one_record), AfterValidator(_in_order)]
"""First and last line as a person labelled them."""

CitedLines = Annotated[tuple[int, int], AfterValidator(_of_one_record)]
"""First and last line as a system wrote them: right or wrong, but no more than can be counted one by one."""

_Model = TypeVar("_Model", bound=BaseModel)
_Item = TypeVar("_Item")


def read_rows(path: Path) -> Iterator[Row]:
    """Every object of a JSON file, a JSON Lines file (either may be gzipped), or a folder of JSON files.

    Raises UnreadableInput, and MalformedRecord naming the row.
    """
    if path.is_dir():
        for file in sorted([*path.glob("*.json"), *path.glob("*.jsonl")]):
            yield from read_rows(file)
        return
    data = read_bytes(path)
    if path.suffix == ".json" or (path.suffix == ".gz" and path.with_suffix("").suffix == ".json"):
        whole = _parsed(data, str(path))
        for number, row in enumerate(whole if isinstance(whole, list) else [whole], start=1):
            yield _row(row, f"{path} item {number}" if isinstance(whole, list) else str(path))
        return
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if line.strip():
            where = f"{path} row {number}"
            yield _row(_parsed(line, where), where)


def _row(row: object, where: str) -> Row:
    if not isinstance(row, dict):
        raise MalformedRecord("is no JSON object", where=where)
    return where, row


def _parsed(data: bytes, where: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as e:
        raise MalformedRecord(f"is not JSON ({e})", where=where) from e


def read_bytes(path: Path) -> bytes:
    """A file's bytes, unpacked when it is gzipped. Raises UnreadableInput."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError) as e:
        raise UnreadableInput(getattr(e, "strerror", None) or str(e), where=str(path)) from e


def validated(kind: type[_Model], row: Row) -> _Model:
    """The row as a model. Raises MalformedRecord naming the row and the field."""
    where, data = row
    try:
        return kind.model_validate(data)
    except ValidationError as e:
        fault = e.errors()[0]
        field = ".".join(map(str, fault["loc"]))
        raise MalformedRecord(f"{field}: {fault['msg']}" if field else fault["msg"], where=where) from e


def unique(items: Iterable[tuple[str, _Item]], key: Callable[[_Item], str]) -> dict[str, _Item]:
    """Items by key, each once. Raises MalformedRecord naming both rows of a key that comes twice."""
    found: dict[str, _Item] = {}
    places: dict[str, str] = {}
    for where, item in items:
        name = key(item)
        if name in found:
            raise MalformedRecord(f"{name} is already in {places[name]}", where=where, hint="keep one of the two")
        found[name], places[name] = item, where
    return found


def described(path: Path, role: str) -> Input:
    """What was read, by the hash of its bytes: of a folder, the hash of its files' names and hashes.

    Raises UnreadableInput."""
    try:
        if not path.is_dir():
            return Input(role=role, path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        whole = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            whole.update(f"{file.relative_to(path).as_posix()} {content}\n".encode())
        return Input(role=role, path=str(path), sha256=whole.hexdigest())
    except OSError as e:
        raise UnreadableInput(e.strerror or "cannot be read", where=str(path)) from e
