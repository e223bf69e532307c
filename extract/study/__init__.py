"""Study models after the CT.gov API v2 (placeholder until the modules are modelled)."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Study(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel, populate_by_name=True)

    protocol_section: dict[str, Any] | None = None
    has_results: bool | None = None
