"""Rows of a batch: JSON Lines in, checked before any work starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from trialcite.errors import MalformedRecord, UnreadableInput


class Question(BaseModel):
    """A row of `ask --batch`. Other keys are allowed, so that a file of gold questions can be asked as it is."""

    model_config = ConfigDict(extra="ignore")

    id: str
    question: str
    trial: str | None = None


class Query(BaseModel):
    """A row of `search --batch`. Other keys are allowed."""

    model_config = ConfigDict(extra="ignore")

    id: str
    query: str
    document: str | None = None


Row = TypeVar("Row", Question, Query)


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Every row of a JSON Lines file ("-" is stdin). Raises MalformedRecord naming the row."""
    try:
        data = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as e:
        raise UnreadableInput(e.strerror or "cannot be read", where=str(path)) from e
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield kind.model_validate(orjson.loads(line))
        except orjson.JSONDecodeError as e:
            raise MalformedRecord(f"row {number} is not JSON ({e})", where=str(path)) from e
        except ValidationError as e:
            fault = e.errors()[0]
            field = ".".join(map(str, fault["loc"]))
            raise MalformedRecord(f"row {number}, {field}: {fault['msg']}", where=str(path)) from e
