"""The field table: which names an event may be searched and aggregated by, and what type each has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml


class FieldType(StrEnum):
    """The types of ECS that the product tells apart."""

    KEYWORD = "keyword"
    TEXT = "text"
    IP = "ip"
    DATE = "date"
    LONG = "long"
    DOUBLE = "double"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Field names with their types; a name that is not in the table belongs to its source alone."""

    types: Mapping[str, FieldType]

    def type_of(self, name: str) -> FieldType | None:
        """The type of a field, or None when the table does not know it."""
        return self.types.get(name)


@cache
def field_table() -> FieldTable:
    """The table shipped with the product (``events/fields.yml``).

    Raises:
        ValueError: a name stands in the table twice.
    """
    groups = yaml.safe_load(files("events").joinpath("fields.yml").read_text(encoding="utf-8"))
    types: dict[str, FieldType] = {}
    for type_name, names in groups.items():
        for name in names:
            if name in types:
                raise ValueError(f"events/fields.yml: {name} stands under {types[name]} and {type_name}; keep one")
            types[name] = FieldType(type_name)
    return FieldTable(types)
