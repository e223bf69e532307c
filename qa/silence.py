"""What is said when a record does not settle a question: that it does not, what was looked at, and the nearest miss."""

from __future__ import annotations

from qa.answer import Claim
from qa.answers.claims import Draft
from qa.asked import Asked
from qa.fields import fields
from qa.ranking import Ranking
from qa.record import Record
from qa.wording import plain, shortened

_NEAR = 0.45
"""The score from which the best unit is shown as a near miss."""


def silent(record: Record, asked: Asked, ranking: Ranking) -> Draft:
    """Not stated, with the near miss if there is one."""
    names = [fields()[f].name for f in asked.plan.fields]
    text = f"Not stated: the record gives no {names[0]}." if names else "Not stated in the record."
    claims: list[Claim] = []
    if ranking.scored and ranking.scored[0].score >= _NEAR:
        unit = ranking.scored[0].unit
        claims.append(
            Claim(
                text=f"The nearest it says: “{shortened(plain(unit.text), 240)}”",
                citations=[record.citation(unit.lines, unit.text)],
            )
        )
    text += f" {len(ranking.scored)} passages were looked at."
    return Draft("not_stated", " ".join([text, *(c.text for c in claims)]), claims, [record.id])
