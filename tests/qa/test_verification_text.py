"""What a claim said that failed its check is no part of the answer."""

from __future__ import annotations

import pytest

from qa.answer import Claim, Removed
from qa.answers.claims import Draft
from qa.engine import _said


@pytest.mark.parametrize(
    ("kept", "removed", "said"),
    [
        (["Phase 2."], [], "All of it."),
        (["Phase 2."], ["120 patients."], "Phase 2."),
        ([], ["120 patients."], "No answer: its citations failed their check."),
    ],
)
def test_a_failed_claim_is_not_said(kept: list[str], removed: list[str], said: str) -> None:
    draft = Draft(status="answered", text="All of it.", claims=[])
    claims = [Claim(text=t) for t in kept]
    assert _said(draft, claims, [Removed(text=t, reason="not there") for t in removed]) == said
