"""Declared types of columns, as databases, files and pandas write them."""

from __future__ import annotations

import re

from classification.identifiers.policy import ColumnType

_KINDS: tuple[tuple[ColumnType, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"bool|^bit(?:\(1\))?$|tinyint\(1\)")),
    ("date", re.compile(r"date|time")),
    ("integer", re.compile(r"int|serial|long")),
    ("decimal", re.compile(r"decimal|numeric|number|float|double|real|money")),
    ("text", re.compile(r"char|text|str|clob|json|uuid|enum")),
)


def column_type(declared: str) -> ColumnType | None:
    """The kind of a declared type; None where it says nothing (``object``, "")."""
    lowered = declared.strip().lower()
    if re.fullmatch(r"(?:decimal|numeric|number)\(\d+(?:, ?0)?\)", lowered):
        return "integer"
    return next((kind for kind, pattern in _KINDS if pattern.search(lowered)), None)
