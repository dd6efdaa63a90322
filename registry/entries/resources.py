"""Resources and their fields as people write them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from registry.entries.types import (
    Entry,
    Grade,
    Identifier,
    LongText,
    Name,
    OptionalFromDay,
    OptionalId,
    ResourceId,
    ShortText,
    Texts,
    named,
)
from registry.index.paths import template_shape
from registry.vocabulary import Opening, ResourceKind, Sharing

_MAXIMUM_FIELDS = 2000
_Part = Annotated[str, StringConstraints(max_length=128)]


class FieldEntry(Entry):
    """A field of a resource; without a grade or categories the present ones stay."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    label: ShortText = ""
    grade: Grade = None
    categories: Texts = Field(default_factory=list)


class ResourceEntry(Entry):
    """A table (database, schema, table), an API (method, templated path) or a set of files.

    ``fields`` None leaves those that are there. ``updated`` is when its data was last updated.
    """

    id: ResourceId
    name: Name
    kind: Annotated[ResourceKind, named(ResourceKind)]
    provider_id: Identifier
    system_id: OptionalId = None
    database: _Part = ""
    schema_name: _Part = ""
    table: _Part = ""
    method: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{0,16}$", to_upper=True)] = ""
    path: Annotated[str, StringConstraints(max_length=512)] = ""
    sharing: Annotated[Sharing, named(Sharing)] = Sharing.CONDITIONAL
    opening: Annotated[Opening, named(Opening)] = Opening.NONE
    dedicated: Texts = Field(default_factory=list)
    parents: Texts = Field(default_factory=list)
    grade: Grade = None
    owner: ShortText = ""
    updated: OptionalFromDay = None
    description: LongText = ""
    fields: Annotated[list[FieldEntry], Field(max_length=_MAXIMUM_FIELDS)] | None = None

    @field_validator("path")
    @classmethod
    def _is_a_template(cls, value: str) -> str:
        if value:
            template_shape(value)
        return value

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.kind is ResourceKind.TABLE and not self.table:
            raise PydanticCustomError("table_missing", "table: a table needs its name")
        if self.kind is ResourceKind.API and not self.path:
            raise PydanticCustomError("path_missing", "path: an API needs its path, as in /v1/persons/{id}")
        if self.id in self.parents:
            raise PydanticCustomError(
                "own_parent", "parents: a resource can't be derived from itself; remove it from the list"
            )
        names = [each.name.casefold() for each in self.fields or ()]
        if len(names) != len(set(names)):
            raise PydanticCustomError("field_twice", "fields: a field stands there twice; keep one")
        return self

    @property
    def locator(self) -> str | None:
        """What no other resource may have: the table's folded name, or method and shape of the path."""
        if self.kind is ResourceKind.TABLE:
            return f"table {self.database}.{self.schema_name}.{self.table}".casefold()
        if self.kind is ResourceKind.API:
            return f"api {self.method} /" + "/".join(part or "{}" for part in template_shape(self.path))
        return None
