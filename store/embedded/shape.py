"""What events of one shape have in common as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from events import Event, FieldType
from store.embedded.schema import EVENT_ID, TIMESTAMP
from store.embedded.stored import MESSAGE, ORIGINAL, Writing
from store.embedded.value_terms import ValueTerms
from store.shapes import Shapes, getter

_UNTYPED = (FieldType.KEYWORD, FieldType.TEXT)


class Shape:
    """The fields of a shape by how they are indexed.

    Attributes:
        values: takes all values out of an event but those of its texts that are kept apart.
        singles: where in those the single texts stand that are made terms; they come first.
        others: where the values of other types stand that are made terms.
        typed: fields with a typed column.
        typed_values: where the values of those stand.
        texts: text fields that hold a single text.
        other_texts: text fields that hold something else.
        terms: makes the terms of the fields without a typed column.
        stored: writes the event as it is kept.
    """

    __slots__ = ("other_texts", "others", "singles", "stored", "terms", "texts", "typed", "typed_values", "values")

    def __init__(self, event: Event, types: Mapping[str, FieldType]) -> None:
        """The shape of an event."""
        single = {name for name, value in event.items() if type(value) is str}
        kinds = {name: types.get(name) for name in event if name not in (EVENT_ID, TIMESTAMP)}
        texts = [name for name, kind in kinds.items() if kind is FieldType.TEXT]
        valued = [name for name, kind in kinds.items() if kind is None or kind is FieldType.KEYWORD]
        self.texts = [name for name in texts if name in single]
        self.other_texts = [name for name in texts if name not in single]
        self.typed = [(name, kind) for name, kind in kinds.items() if kind is not None and kind not in _UNTYPED]
        names, others = [name for name in valued if name in single], [name for name in valued if name not in single]
        self.terms = ValueTerms(names, others, self.texts)
        self.singles, self.others = slice(len(names)), slice(len(names), len(valued))
        self.typed_values = slice(len(valued), len(valued) + len(self.typed))
        first = [*names, *others, *(name for name, _kind in self.typed)]
        kept_apart = {MESSAGE, ORIGINAL} & single
        kept = [*first, *(name for name in event if name not in {*first, *kept_apart})]
        self.values = getter(kept)
        self.stored = Writing(kept, kept_apart)


@lru_cache(maxsize=4)
def shapes_with(types: Sequence[tuple[str, FieldType]]) -> Shapes[Shape]:
    """The shapes that all indexes with the same typed fields share."""
    table = dict(types)
    return Shapes(lambda event: Shape(event, table))
