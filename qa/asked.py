"""What an answering function is given: the plan with the question's words and items, and the date to reckon from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from qa.patterns import Words, words_of
from qa.plan import Plan
from qa.words import Item, items


@dataclass(frozen=True)
class Asked:
    """A question under work. `now` is what "in two years" is reckoned from."""

    plan: Plan
    now: date

    @property
    def question(self) -> str:
        """As it was put."""
        return self.plan.question

    @cached_property
    def words(self) -> Words:
        """Its words, for patterns."""
        return words_of(self.question)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What it speaks of, stop words left out."""
        return items(self.question)

    def says(self, *patterns: str) -> bool:
        """Whether any of the patterns (qa/patterns.py) is in the question."""
        return any(self.words.find(p) for p in patterns)

    def of_fields(self, *fields: str) -> Asked:
        """The same question as one for these fields."""
        return replace(self, plan=self.plan.model_copy(update={"intent": "field", "fields": list(fields)}))
