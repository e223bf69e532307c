"""A stand-in for the files and batches endpoints: keeps what is uploaded, answers each row by a script for chats."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from tests.prompts.stub import Answer, Received, Script, fails


@dataclass
class BatchEndpoint:
    """Used as a Stub's script. A batch ends when `finish` is called; `crash` breaks that many creations of batches
    after they were made, as when a connection is lost."""

    chat: Script
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    crash: int = 0

    def __call__(self, received: Received) -> Answer:
        parts = received.path.split("?")[0].removeprefix("/v1/").split("/")
        match (received.method, parts):
            case ("POST", ["files"]):
                return self._uploaded(received)
            case ("GET", ["files", file, "content"]):
                return Answer(body=self.files[file])
            case ("POST", ["batches"]):
                return self._created(received.body)
            case ("GET", ["batches"]):
                return _json({"object": "list", "data": list(self.batches.values()), "has_more": False})
            case ("GET", ["batches", batch]):
                return _json(self.batches[batch])
            case ("POST", ["chat", "completions"]):
                return self.chat(received)
        return fails(404)

    def finish(self, status: str = "completed") -> None:
        """End every batch: answer its rows, and put the files where the API does."""
        for batch in self.batches.values():
            good: list[str] = []
            bad: list[str] = []
            for line in self.files[batch["input_file_id"]].splitlines():
                row = json.loads(line)
                answer = self.chat(Received(row["url"], {}, row["body"]))
                body = json.loads(answer.body or b"{}")
                response = {"status_code": answer.status, "request_id": "r", "body": body}
                done = {"id": "b", "custom_id": row["custom_id"], "response": response, "error": None}
                (good if answer.status == 200 else bad).append(json.dumps(done))
            if status != "failed":
                batch["output_file_id"] = self._kept("\n".join(good).encode()) if good else None
                batch["error_file_id"] = self._kept("\n".join(bad).encode()) if bad else None
            else:
                batch["errors"] = {
                    "object": "list",
                    "data": [{"code": "x", "message": "the file is not as it must be"}],
                }
            batch["status"] = status

    def _uploaded(self, received: Received) -> Answer:
        head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
        for part in message_from_bytes(head + received.raw).walk():
            if part.get_filename():
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                return _json({"id": self._kept(content), "object": "file", "purpose": "batch"})
        return fails(400, "no file")

    def _created(self, body: dict[str, Any]) -> Answer:
        name = f"batch_{len(self.batches)}"
        kept = {"id": name, "object": "batch", "status": "in_progress", "created_at": 1, **body}
        self.batches[name] = kept
        if self.crash:
            self.crash -= 1
            return Answer(reset=True)
        return _json(kept)

    def _kept(self, content: bytes) -> str:
        name = f"file_{len(self.files)}"
        self.files[name] = content
        return name


def _json(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})
