"""Queries that the console writes for its reader: a field is a value, and combinations of queries."""

from __future__ import annotations

from collections.abc import Mapping

_SPECIAL_IN_NAME = set('\\+-!():^[]"{}~*?|&/ ')


def clause(field: str, value: object) -> str:
    """``field:"value"`` in Lucene syntax, whatever characters both hold."""
    name = "".join(f"\\{char}" if char in _SPECIAL_IN_NAME else char for char in field)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, bool):
        text = text.lower()
    return f'{name}:"{text}"'


def all_of(fields: Mapping[str, object]) -> str:
    """Every field has its value."""
    return " AND ".join(clause(name, value) for name, value in fields.items())


def including(query: str, part: str) -> str:
    """The query, and the part as well."""
    return f"{_grouped(query)} AND {part}" if query.strip() else part


def excluding(query: str, part: str) -> str:
    """The query, without the part."""
    return f"{_grouped(query)} AND NOT {part}" if query.strip() else f"NOT {part}"


def _grouped(query: str) -> str:
    stripped = query.strip()
    return f"({stripped})" if " OR " in stripped or "||" in stripped else stripped
