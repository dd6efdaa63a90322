"""What becomes of each field of an event, found out once a shape; fields that become the same are taken in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events import Event, FieldType
from store.elasticsearch.columns import AS_TEXT, RESERVED, TYPED, own_key
from store.shapes import getter


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that the field table doesn't know: its key among the flattened ones, what its pairs begin with."""

    name: str
    key: str
    prefix: str


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field whose values have a type, and what its pairs begin with."""

    name: str
    kind: FieldType
    prefix: str


class Shape:
    """The fields of an event by what becomes of them; those that hold a single text are apart, as nearly all do.

    Attributes:
        keywords: whole values, one text each; ``keyword_texts`` takes them out of an event.
        keyword_lists: whole values of other types.
        own: fields unknown to the field table, one text each; ``own_texts`` takes them out of an event.
        own_names, own_keys, own_prefixes: the same field by field.
        own_lists: such fields with other values.
        texts: searched by words.
        typed: with values of a type.
        unplain: fields that no document can hold under their names.
    """

    __slots__ = (
        "keyword_lists",
        "keyword_texts",
        "keywords",
        "own",
        "own_keys",
        "own_lists",
        "own_names",
        "own_prefixes",
        "own_texts",
        "texts",
        "typed",
        "unplain",
    )

    def __init__(self, event: Event, types: Mapping[str, FieldType]) -> None:
        """The shape of an event."""
        kinds = {name: types.get(name) for name in event}
        others = (None, FieldType.KEYWORD, FieldType.TEXT)
        keywords = [name for name, kind in kinds.items() if kind is FieldType.KEYWORD]
        own = [OwnField(name, own_key(name), f"{name}{AS_TEXT}") for name, kind in kinds.items() if kind is None]
        self.keywords = [name for name in keywords if type(event[name]) is str]
        self.keyword_texts = getter(self.keywords)
        self.keyword_lists = [name for name in keywords if type(event[name]) is not str]
        self.own = [field for field in own if type(event[field.name]) is str]
        self.own_names = [field.name for field in self.own]
        self.own_keys = [field.key for field in self.own]
        self.own_prefixes = [field.prefix for field in self.own]
        self.own_texts = getter(self.own_names)
        self.own_lists = [field for field in own if type(event[field.name]) is not str]
        self.texts = [name for name, kind in kinds.items() if kind is FieldType.TEXT]
        typed = [(name, kind) for name, kind in kinds.items() if kind not in others]
        self.typed = [TypedField(name, kind, f"{name}{TYPED}") for name, kind in typed if kind is not None]
        self.unplain = [field.name for field in own if not _is_plain(field.name)]


def _is_plain(name: str) -> bool:
    """Whether a document can hold a field of that name that isn't mapped."""
    if not name or name.startswith(("_", ".", *RESERVED)) or name.endswith(".") or "\x00" in name:
        return False
    return all(part.strip() for part in name.split("."))
