"""Rules' and model's answers together.

rules say        model's claims that hold       the answer
nothing          some                           the model's claims
quoted text,     some                           the model's claims: they say shorter what the quotes say
  whole or part
a value or       on the same lines              the rules'
  a verdict      on other lines                 the rules', and a finding that the model reads other lines
anything         none                           the rules'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qa.answer import Answer, AnswerFinding, Claim
from qa.answers.claims import Draft
from qa.plan import Intent

DISAGREES = "model-disagrees"
QUOTED: frozenset[Intent] = frozenset({"narrative", "criterion"})
"""The intents that rules answer by quoting."""
UNSETTLED = frozenset({"not_stated", "partial", "failed"})


class Combined(NamedTuple):
    """What is answered, and where rules and model differ."""

    draft: Draft
    findings: Sequence[AnswerFinding] = ()


def combined(rules: Answer, claims: Sequence[Claim], intent: Intent) -> Combined:
    """The answer of both."""
    by_rules = Draft(rules.status, rules.answer, list(rules.claims), list(rules.trials))
    if not claims:
        return Combined(by_rules)
    by_model = Draft("answered", " ".join(c.text for c in claims), list(claims), _trials(rules, claims))
    if rules.status in ("not_stated", "failed"):
        return Combined(by_model)
    if intent not in QUOTED:
        return Combined(by_rules, () if _lines(rules.claims) & _lines(claims) else _differences(claims))
    return Combined(by_model)


def verdict_of(rules: Answer) -> str | None:
    """The rules' yes or no, if they gave one."""
    first = rules.answer.lstrip().partition(" ")[0].strip(".,:;").lower()
    return first if first in ("yes", "no") and rules.status == "answered" else None


def _trials(rules: Answer, claims: Sequence[Claim]) -> list[str]:
    return rules.trials or list(dict.fromkeys(c.document for claim in claims for c in claim.citations))


def _lines(claims: Sequence[Claim]) -> set[tuple[str, int]]:
    return {(c.document, n) for claim in claims for c in claim.citations for n in range(c.lines[0], c.lines[1] + 1)}


def _differences(claims: Sequence[Claim]) -> list[AnswerFinding]:
    found = []
    for claim in claims:
        first, last = claim.citations[0].lines
        at = f"line {first}" if first == last else f"lines {first}-{last}"
        message = f"the model answers from elsewhere: “{claim.text}” ({at})"
        found.append(
            AnswerFinding(document=claim.citations[0].document, code=DISAGREES, severity="info", message=message)
        )
    return found
