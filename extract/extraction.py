"""The output contract of extraction: one JSON object a document.

See docs/design/contracts.md for the shape in words. Pydantic refuses unknown keys here; the study itself keeps every
key a registry record has (extract/study).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import orjson
from pydantic import ConfigDict, Field
from pydantic_core import to_json

from extract.criteria.constraints import Constraint
from extract.document import Contract, Document
from extract.evidence import Evidence, Line
from extract.study import Study
from extract.writing import said
from trialcite.version import __version__

Outcome = Literal["extracted", "not_stated", "unreadable", "rejected"]
"""extracted: the value stands with evidence. not_stated: the source is silent. unreadable: the source says something
there that could not be read as the field's type. rejected: a proposed value failed its checks."""

Severity = Literal["error", "warning", "info"]


@dataclass(slots=True)
class Criterion:
    """One eligibility criterion. `id` is its kind and number in the record's order ("inclusion-3"; a nested item is
    "inclusion-3.1" with `parent` "inclusion-3"). `group` is the heading of its cohort or part, if it has one."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str
    kind: Literal["inclusion", "exclusion"]
    text: str
    lines: tuple[Line, Line]
    parent: str | None = None
    group: str | None = None
    constraints: list[Constraint] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


class Finding(Contract):
    """Something in the record that contradicts itself or cannot be."""

    code: str
    severity: Severity
    message: str
    evidence: list[Evidence]


class Run(Contract):
    """What made the extraction."""

    version: str = __version__
    method: Literal["rules", "rules+llm"] = "rules"
    model: str | None = None
    prompt: str | None = None
    usage: dict[str, int] | None = None


class Extraction(Contract):
    """A structured study in which every value names the lines that prove it."""

    document: Document
    study: Study
    evidence: dict[str, list[Evidence]] = Field(default_factory=dict)
    criteria: list[Criterion] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    run: Run = Field(default_factory=Run)

    def to_json(self) -> dict[str, Any]:
        """The object as it is written out. The study holds just what was set, so a v2 record comes back as it was."""
        data = self.model_dump(mode="json", exclude={"study"}, exclude_none=True)
        data["run"] = self.run.model_dump(mode="json")
        head = {"document": data.pop("document"), "study": self.study.model_dump(mode="json")}
        return head | data

    def to_bytes(self) -> bytes:
        """One line of JSON Lines, its line end included: `to_json` without making the objects in between."""
        head = orjson.dumps(self.document, default=said)
        rest = {
            "evidence": self.evidence,
            "criteria": self.criteria,
            "findings": self.findings,
            "outcomes": self.outcomes,
            "run": vars(self.run),
        }
        written = orjson.dumps(rest, default=said, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        return b'{"document":%b,"study":%b,%b\n' % (head, _json_of(self.study.root), written[1:])


def _json_of(study: dict[str, Any]) -> bytes:
    """A study, which has nothing but JSON in it, by the faster of two writers that write alike."""
    try:
        return orjson.dumps(study)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        return to_json(study)
