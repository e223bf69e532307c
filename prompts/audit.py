"""The audit log: what was asked, what came back, and what became of it. JSON Lines, appended; keys are masked.

| event   | one a                                      | holds, besides the time and the call              |
|---------|--------------------------------------------|---------------------------------------------------|
| attempt | request that got a reply, sent or replayed | template, source, request, reply, usage, replayed |
| failure | request that got none                      | template, source, request, error                  |
| invalid | reply that is not as it was asked for      | fault                                             |
| verdict | proposed value that was checked            | what the caller says of it                        |
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from prompts.redaction import Redactor
from trialcite.errors import UsageError

Event = Literal["attempt", "failure", "invalid", "verdict"]


class AuditLog:
    """Appends to one file. Each event is written whole and at once, so a killed run leaves only whole lines.

    Raises UsageError when the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as e:
            raise UsageError(f"cannot write the log ({e.strerror})", where=str(path)) from e

    def write(self, event: Event, call: str, redact: Redactor, details: Mapping[str, Any]) -> None:
        """Append one event of a call."""
        row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "call": call, **details}
        self._file.write(redact(orjson.dumps(row).decode()).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
