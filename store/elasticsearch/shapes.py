"""The shapes of events: alike events have the same fields, so what becomes of each is found out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events import Event, FieldType
from store.elasticsearch.columns import AS_TEXT, RESERVED, own_key

_MOST = 4_096


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that the field table doesn't know: its key among the flattened ones, what its pairs begin with."""

    name: str
    key: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of an event by what becomes of them.

    Attributes:
        keywords: whole values.
        texts: searched by words.
        typed: with values of a type.
        own: all others.
        unplain: those of them that no document can hold under their names.
    """

    keywords: tuple[str, ...]
    texts: tuple[str, ...]
    typed: tuple[tuple[str, FieldType], ...]
    own: tuple[OwnField, ...]
    unplain: tuple[str, ...]


class Shapes:
    """The shapes seen, for one table of typed fields."""

    def __init__(self, types: Mapping[str, FieldType]) -> None:
        """None as yet."""
        self._types = types
        self._known: dict[tuple[str, ...], Shape] = {}

    def of(self, event: Event) -> Shape:
        """The shape of an event."""
        names = tuple(event)
        shape = self._known.get(names)
        if shape is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            shape = self._known[names] = self._shape(names)
        return shape

    def _shape(self, names: tuple[str, ...]) -> Shape:
        kinds = {name: self._types.get(name) for name in names}
        others = (FieldType.KEYWORD, FieldType.TEXT)
        own = [name for name, kind in kinds.items() if kind is None]
        return Shape(
            tuple(name for name, kind in kinds.items() if kind is FieldType.KEYWORD),
            tuple(name for name, kind in kinds.items() if kind is FieldType.TEXT),
            tuple((name, kind) for name, kind in kinds.items() if kind is not None and kind not in others),
            tuple(OwnField(name, own_key(name), f"{name}{AS_TEXT}") for name in own),
            tuple(name for name in own if not _is_plain(name)),
        )


def _is_plain(name: str) -> bool:
    """Whether a document can hold a field of that name that isn't mapped."""
    if not name or name.startswith(("_", ".", *RESERVED)) or name.endswith(".") or "\x00" in name:
        return False
    return all(part.strip() for part in name.split("."))
