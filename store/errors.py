"""The errors of the store."""

from __future__ import annotations


class StoreError(Exception):
    """Root of the errors of the store; says where, what and what to do next."""


class QuerySyntaxError(StoreError):
    """A query that can't be read; ``position`` counts characters from 0, ``fault`` names what is wrong."""

    def __init__(self, message: str, position: int, fault: str) -> None:
        """Keep the position and the name beside the text."""
        super().__init__(f"at character {position + 1}: {message}")
        self.position = position
        self.fault = fault


class QueryError(StoreError):
    """A query or aggregation that the field's type can't answer."""


class StoreLockedError(StoreError):
    """Another process already writes to the store."""


class CursorError(StoreError):
    """A cursor that no search of this store has given."""
