"""What was read: the document that every other part of the contract names.

Apart from `extract.extraction`, because who only cites a document needs no models of a study, which take a tenth of a
second to load.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Base of every object others build on: camelCase nowhere, unknown keys refused."""

    model_config = ConfigDict(extra="forbid")


class Document(Contract):
    """What was read. `member` places a record inside a file that holds several (a JSON pointer or a line number)."""

    id: str
    path: str
    format: str
    sha256: str
    lines: int
    encoding: str = "utf-8"
    member: str | None = None
