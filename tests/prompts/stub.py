"""A scripted OpenAI-compatible server on loopback: real HTTP, every answer and every fault that an endpoint can give.

with Stub(answer) as stub: ...          answer: a function from Received to Answer, or a list played in order
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes = b""
    method: str = "POST"

    @property
    def mode(self) -> str:
        """The mode that the request was made in."""
        if "response_format" in self.body:
            return "JSON_SCHEMA"
        return "TOOLS" if "tools" in self.body else "MD_JSON"

    @property
    def text(self) -> str:
        """All that the messages say."""
        return "\n".join(str(m.get("content") or "") for m in self.body.get("messages", []))

    @property
    def is_probe(self) -> bool:
        """Whether this is the client finding out what works."""
        return "The item is: beta" in self.text


@dataclass(frozen=True)
class Answer:
    """What goes back, and how badly."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    """Break the connection instead of answering."""
    stall: float = 0
    """Seconds before the first byte."""
    drip: float = 0
    """Seconds between single bytes of the body."""


Script = Callable[[Received], Answer]

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
PROBED = {"item": {"word": "beta", "lines": [2, 3]}}


def completion(message: Mapping[str, Any], *, finish: str = "stop", usage: object = USAGE) -> Answer:
    """A chat completion of one message."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
    return choices([choice], usage=usage)


def choices(listed: Sequence[object], *, usage: object = USAGE) -> Answer:
    """A chat completion of these choices."""
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": listed, "usage": usage}
    if usage is None:
        del body["usage"]
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def says(content: str | None, *, finish: str = "stop", usage: object = USAGE) -> Answer:
    """A message of plain content."""
    return completion({"content": content}, finish=finish, usage=usage)


def gives(value: object, received: Received, *, usage: object = USAGE) -> Answer:
    """An object, in the mode that was asked for."""
    text = json.dumps(value)
    if received.mode == "TOOLS":
        name = received.body["tools"][0]["function"]["name"]
        call = {"id": "t", "type": "function", "function": {"name": name, "arguments": text}}
        return completion({"content": None, "tool_calls": [call]}, finish="tool_calls", usage=usage)
    return says(text if received.mode == "JSON_SCHEMA" else f"Here it is:\n```json\n{text}\n```", usage=usage)


def refuses(reason: str) -> Answer:
    """The model declines."""
    return completion({"content": None, "refusal": reason})


def fails(status: int, message: str = "no", *, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as OpenAI words one. Waits between retries are kept short."""
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": None}}).encode()
    return Answer(status, body, {"Content-Type": "application/json", "retry-after-ms": "5", **(headers or {})})


def only(*modes: str, then: Script) -> Script:
    """A server that knows some modes: to the others it answers 400, as to an unknown parameter."""

    def script(received: Received) -> Answer:
        if received.mode in modes:
            return then(received)
        return fails(400, "unknown parameter: " + ("response_format" if received.mode == "JSON_SCHEMA" else "tools"))

    return script


def probed(then: Script) -> Script:
    """A server that answers the probe well, and everything else by the script."""
    return lambda received: gives(PROBED, received) if received.is_probe else then(received)


class Stub:
    """The server. `received` holds every request in the order of arrival, `peak` how many were there at once."""

    def __init__(self, script: Script | Sequence[Answer]) -> None:
        self.received: list[Received] = []
        self.peak = 0
        self._now = 0
        self._lock = threading.Lock()
        self._script = script if callable(script) else _in_order(script)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The address for `base_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def calls(self) -> list[Received]:
        """The requests other than probes."""
        return [r for r in self.received if not r.is_probe]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, received: Received) -> Answer:
        with self._lock:
            self.received.append(received)
            self._now += 1
            self.peak = max(self.peak, self._now)
        try:
            answer = self._script(received)
            time.sleep(answer.stall)
            return answer
        finally:
            with self._lock:
                self._now -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_json = "json" in (self.headers.get("Content-Type") or "")
                body = json.loads(raw) if is_json and raw else {}
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._send(stub._take(Received(self.path, headers, body, raw, self.command)))

            do_GET = do_POST  # noqa: N815 - what http.server calls

            def _send(self, answer: Answer) -> None:
                if answer.reset:
                    linger = struct.pack("ii", 1, 0)  # closing then sends RST
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.close()
                    self.close_connection = True
                    return
                try:
                    self.send_response(answer.status)
                    for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self._write(answer)
                except OSError:  # the client gave up, as it should when an answer takes too long
                    self.close_connection = True

            def _write(self, answer: Answer) -> None:
                if not answer.drip:
                    self.wfile.write(answer.body)
                    return
                for byte in answer.body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(answer.drip)

            def log_message(self, *args: object) -> None:
                """Nothing: stderr belongs to the tests."""

        return Handler


def _in_order(answers: Sequence[Answer]) -> Script:
    left = iter(answers)
    return lambda _: next(left)
