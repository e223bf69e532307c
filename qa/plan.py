"""A question as a typed plan: what rules make of it, and the schema that a model fills. All that comes after is shared.

Plan ─┬─ trials      which records: named ones, or all
      ├─ intent      field · criterion · patient · narrative · which · compare
      ├─ fields      registry fields asked for, the most likely first
      ├─ filters     conditions on fields, with how they were worded
      └─ subject     the question's own words that the evidence must speak of
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Intent = Literal["field", "criterion", "patient", "narrative", "which", "compare"]
Wants = Literal["dose", "duration", "frequency", "days", "percent", "number", "size", "person"]
Comparison = Literal["is", "contains", "<", "<=", ">", ">=", "in"]


class Part(BaseModel):
    """Base of the plan's parts: unknown keys are refused, for a model fills them too."""

    model_config = ConfigDict(extra="forbid")


class Filter(Part):
    """A condition on a field: its value is one of `values`, contains one, or compares with the first (two for "in",
    both included). `words` is how the question put it; `field` a name of index/fields.toml."""

    field: str
    comparison: Comparison
    values: list[str | float]
    words: str
    negated: bool = False


class Plan(Part):
    """What a question asks, of which records."""

    question: str
    trials: list[str] = Field(default_factory=list, description="ids of the records asked about; empty for all")
    intent: Intent = "narrative"
    fields: list[str] = Field(default_factory=list)
    filters: list[Filter] = Field(default_factory=list)
    yes_no: bool = False
    count: bool = False
    wants: list[Wants] = Field(default_factory=list)
    topics: dict[str, float] = Field(
        default_factory=dict, description="ids of qa/topics.toml, and how much it is of each"
    )
    criterial: float = Field(0.5, ge=0, le=1, description="how much it asks who may take part, and not what is done")
