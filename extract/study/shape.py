"""The shape of a record: what its values have to be, checked without an object for each of them.

Models are made of the parts that somebody asks for (extract.study.study). Most of a record only passes through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import CoreSchema, core_schema

_SCALARS: dict[Any, CoreSchema] = {
    str: core_schema.str_schema(strict=True),
    bool: core_schema.bool_schema(strict=True),
    int: core_schema.int_schema(strict=True),
    float: core_schema.float_schema(strict=True),
}


@dataclass(frozen=True)
class ShapeOf:
    """Marks a dict as JSON that a model can be made of: keys in the order of the model's fields, others last."""

    model: type[BaseModel]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return _shape(self.model)


def _shape(annotation: Any) -> CoreSchema:
    """The schema of a model's JSON, or of one of its fields'. Nothing is converted, and unknown keys are kept."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {
            field.alias or name: core_schema.typed_dict_field(_shape(field.annotation), required=False)
            for name, field in annotation.model_fields.items()
        }
        return core_schema.typed_dict_schema(fields, extra_behavior="allow", strict=True)
    if get_origin(annotation) is list:
        return core_schema.list_schema(*map(_shape, get_args(annotation)), strict=True)
    if kinds := [kind for kind in get_args(annotation) if kind is not type(None)]:
        one = _shape(kinds[0]) if len(kinds) == 1 else core_schema.union_schema([_shape(kind) for kind in kinds])
        return core_schema.nullable_schema(one)
    return _SCALARS[annotation]
