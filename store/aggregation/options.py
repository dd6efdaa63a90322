"""The options of one aggregation, each taken once; what is left over is refused."""

from __future__ import annotations

from typing import Any

from events import FieldType, field_table
from store.errors import QueryError


class Options:
    """The body of an aggregation, with the place it stands at for messages."""

    def __init__(self, place: str, body: object) -> None:
        """Raises QueryError when the body is no object."""
        if not isinstance(body, dict):
            raise QueryError(f"{place}: its options are an object like {{'field': 'user.name'}}")
        self.place = place
        self.body: dict[str, Any] = body
        self._left = dict(body)

    def take(self, name: str, kind: type, default: object) -> Any:  # noqa: ANN401 (of the kind asked for)
        """An option of a kind, or its default."""
        value = self._left.pop(name, default)
        if value is not default and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise QueryError(f"{self.place}.{name}: must be a {kind.__name__}")
        return value

    def number(self, name: str, default: float | None = None) -> float | None:
        """An option that is a number."""
        value = self._left.pop(name, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise QueryError(f"{self.place}.{name}: must be a number")
        return value

    def field(self) -> str:
        """The field to aggregate; text fields and ids have no column."""
        name = self.take("field", str, "")
        if not name:
            raise QueryError(f"{self.place}.field: name the field")
        if name == "event.id" or field_table().type_of(name) is FieldType.TEXT:
            raise QueryError(f"{self.place}.field: {name} can't be aggregated; search it with a filter instead")
        return str(name)

    def size(self, default: int, largest: int) -> int:
        """How many buckets or events."""
        size = int(self.take("size", int, default))
        if not 0 < size <= largest:
            raise QueryError(f"{self.place}.size: between 1 and {largest:,}")
        return size

    def done(self) -> None:
        """Refuse what nothing has taken."""
        if self._left:
            raise QueryError(f"{self.place}: {', '.join(map(str, self._left))} isn't supported; leave it out")
