"""A key is masked however it was written."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.redaction import MASK, SHORTEST, Redactor
from tests.prompts.common import SENTINEL


@pytest.mark.parametrize("form", [SENTINEL, quote(SENTINEL, safe=""), f"Bearer {SENTINEL}", json.dumps([SENTINEL])])
def test_every_form_of_a_key_is_masked(form: str) -> None:
    masked = Redactor(SENTINEL)(f"before {form} after {form}")
    assert SENTINEL not in masked
    assert quote(SENTINEL, safe="") not in masked
    assert masked.count(MASK) == 2


@pytest.mark.parametrize("key", [None, "", "none", "x" * (SHORTEST - 1)])
def test_without_a_real_key_nothing_changes(key: str | None) -> None:
    assert Redactor(key)("none of it: xxxxx") == "none of it: xxxxx"


@given(st.text(min_size=SHORTEST), st.text(), st.text())
def test_no_text_lets_a_key_through(key: str, before: str, after: str) -> None:
    if key not in MASK and MASK not in key:
        assert key not in Redactor(key)(before + key + after).replace(MASK, "\0")
