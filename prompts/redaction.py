"""Keys never leave: whatever is shown, logged or stored passes through here first.

A server may echo the key it was sent, in an error or in a reply, so our own care in what we print is not enough.
"""

from __future__ import annotations

import json
from urllib.parse import quote

MASK = "[key]"
SHORTEST = 6
"""Shorter keys are placeholders ("none", "x") that keyless servers want, and would mask ordinary words."""


class Redactor:
    """Replaces a key, also when it was escaped for JSON or a URL, by a mask."""

    def __init__(self, key: str | None) -> None:
        forms = {key, json.dumps(key)[1:-1], quote(key, safe="")} if key and len(key) >= SHORTEST else set()
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, MASK)
        return text
