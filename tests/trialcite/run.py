"""Run the command line in this process, as a user's shell would: exit code, stdout, stderr."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

from trialcite.cli import main


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    """A text stream over bytes, like the real ones: commands write data to `.buffer`."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", write_through=True)

    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


def trialcite(*args: object, stdin: bytes = b"") -> Result:
    """`trialcite ARGS…` with nothing of the terminal: what a pipe would see."""
    out, err = _Stream(), _Stream()
    argv = ["trialcite", *map(str, args)]
    code = 0
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "stdin", _Stream(stdin)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 1
    return Result(code, out.text(), err.text())
