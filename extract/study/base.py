"""What every model of a study is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Number = int | float
"""A JSON number of either kind: 1 stays 1, 1.5 stays 1.5."""


class StudyModel(BaseModel):
    """One JSON object of a CT.gov v2 record: snake_case here, the registry's camelCase outside.

    Unknown keys are kept (`extra="allow"`): the registry adds fields, and what came in must come out. Nothing is
    converted (`strict`): a count of "12" is a broken record, not 12. Only the registry's own names are read, so that
    a stray `brief_title` survives beside `briefTitle`: build a study from a dict in the registry's names.
    """

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        alias_generator=to_camel,
        defer_build=True,  # most runs ask for no typed part of a study, and to build all models takes long
        protected_namespaces=(),  # the registry's modelPredictions is a field of ours
    )


class DateStruct(StudyModel):
    """A date at the precision the sponsor gave ("2021-09", "2021-09-14"), and whether it has come (DateType)."""

    date: str | None = None
    type: str | None = None


class Contact(StudyModel):
    """A person or office to write to; role is a ContactRole."""

    name: str | None = None
    role: str | None = None
    phone: str | None = None
    phone_ext: str | None = None
    email: str | None = None


class Sponsor(StudyModel):
    """An organization that leads or supports a study; class is an AgencyClass."""

    name: str | None = None
    class_: str | None = Field(default=None, alias="class")
