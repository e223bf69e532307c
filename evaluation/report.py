"""The report: what was measured, on which files, with what certainty. Its JSON is a contract (`schema`)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialcite.version import __version__

SCHEMA: Literal["trialcite-report/1"] = "trialcite-report/1"
EVALUATOR = "1"
"""Raised whenever the same gold and predictions would get other figures."""

Task = Literal["extraction", "criteria", "retrieval", "qa"]
MissKind = Literal["wrong", "missing", "spurious", "unproven"]
ALL = "ALL"
"""The group of measures over all groups."""


class Contract(BaseModel):
    """Base of every object of the report: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Input(Contract):
    """A file or folder that was read, with the SHA-256 of its bytes."""

    role: str
    path: str
    sha256: str


class Comparison(Contract):
    """The first system less the other on the same trials. `p_adjusted` is Holm's over the measures of one name.

    `other` is the other system's own figure, `other_low` and `other_high` bound its 95 % interval."""

    other: float
    other_low: float
    other_high: float
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float


class Measure(Contract):
    """One figure, over `n` items of `trials` trials; `value` is None when n is 0.

    `low` and `high` bound the 95 % interval."""

    group: str
    name: str
    n: int
    trials: int
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str | None = None
    against: Comparison | None = None


class Curve(Contract):
    """Points of a plot, in order."""

    kind: Literal["precision-recall", "abstention", "calibration"]
    system: str
    x: str
    y: str
    points: list[tuple[float, float]]


class Miss(Contract):
    """One thing that is not as the gold says. `source` holds numbered lines of the record around the place; `cited`
    are those that the prediction names, `expected` those that the gold does."""

    system: str
    trial: str
    group: str
    kind: MissKind
    gold: str | None
    predicted: str | None
    cited: list[tuple[int, int]] = Field(default_factory=list)
    expected: list[tuple[int, int]] = Field(default_factory=list)
    source: list[tuple[int, str]] = Field(default_factory=list)


class System(Contract):
    """What was scored: its name, how it was made, what could not be scored and why, tokens, money and time.

    Seconds and cost are None where the predictions do not tell them; `cost` is in the currency of the given prices."""

    name: str
    method: str | None = None
    model: str | None = None
    version: str | None = None
    scored: int = 0
    unscored: dict[str, int] = Field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    seconds_median: float | None = None
    seconds_total: float | None = None


class Report(Contract):
    """All figures of one evaluation.

    `headline` is the group and name of the figure to look at first. `confusion` has a table a system: what the gold
    says, what was made of it."""

    schema_: Literal["trialcite-report/1"] = Field(default=SCHEMA, alias="schema")
    evaluator: str = EVALUATOR
    version: str = __version__
    task: Task
    seed: int
    draws: int
    headline: tuple[str, str]
    inputs: list[Input]
    systems: list[System]
    measures: list[Measure]
    confusion: dict[str, dict[str, dict[str, int]]] = Field(default_factory=dict)
    curves: list[Curve] = Field(default_factory=list)
    misses: list[Miss] = Field(default_factory=list)

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def measure(self, group: str, name: str) -> Measure | None:
        """The measure of that group and name, if it was taken."""
        return next((m for m in self.measures if (m.group, m.name) == (group, name)), None)

    def to_json(self) -> dict[str, Any]:
        """The object as it is written out."""
        return self.model_dump(mode="json", by_alias=True)
