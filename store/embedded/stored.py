"""An event as the text that an index keeps of it: a line of names, one of values, one of the message, the raw record.

The names stand there by a digest (``names``), and a message that stands in the raw record by its place there, so that
little is left to be compressed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import orjson

from events import Event, Value
from store.embedded.names import NameList, Names

_BEGINNING = 24
"""Characters of a message that are looked for in the raw record: short texts are found at once."""
MESSAGE, ORIGINAL = "message", "event.original"


class Writing:
    """Writes the events of one shape."""

    __slots__ = ("_has_message", "_has_original", "names")

    def __init__(self, names: Sequence[str], apart: Collection[str]) -> None:
        """The fields of the shape; ``apart`` are the message and the raw record where they are single texts."""
        self._has_message, self._has_original = MESSAGE in apart, ORIGINAL in apart
        self.names = NameList(tuple(names))

    def text(self, event: Event, values: Sequence[Value], beginning: str) -> str:
        """The text of an event, of which the values of the shape's fields are at hand; names are the ``beginning``.

        Raises:
            TypeError, UnicodeEncodeError: it holds what JSON can't.
        """
        written = orjson.dumps(values).decode()
        message = orjson.dumps(event[MESSAGE]).decode()[1:-1] if self._has_message else None
        if not self._has_original:
            return f"{beginning}\n{written}\n" + ("" if message is None else f'"{message}"')
        original = str(event[ORIGINAL])
        if not original.isascii():
            original.encode()
        return f"{beginning}\n{written}\n{_told(message, original)}\n{original}"


def _told(message: str | None, original: str) -> str:
    """What stands for a message, given as in JSON: where and how long it is in the raw record, or itself."""
    if message is None:
        return ""
    place = original.find(message[:_BEGINNING])
    return f"[{place},{len(message)}]" if original.startswith(message, place) else f'"{message}"'


def stored_event(content: str | bytes, known: Mapping[str, Names]) -> Event:
    """The event in its text, or in the bytes that layouts before the third kept.

    Raises:
        KeyError: its names are none of the ``known``.
    """
    if isinstance(content, bytes):
        return _former(content)
    beginning, values, message, *original = content.split("\n", 3)
    names = _names_in(beginning) if beginning[0] == "[" else known[beginning]
    event: Event = dict(zip(names, orjson.loads(values), strict=True))
    if message[:1] == "[":
        first, length = orjson.loads(message)
        message = f'"{original[0][first : first + length]}"'
    if message:
        event[MESSAGE] = orjson.loads(message)
    if original:
        event[ORIGINAL] = original[0]
    return event


@lru_cache(maxsize=4_096)
def _names_in(line: str) -> Names:
    return tuple(orjson.loads(line))


def _former(content: bytes) -> Event:
    fields, line_break, original = content.partition(b"\n")
    event: Event = orjson.loads(fields)
    if line_break:
        event[ORIGINAL] = original.decode()
    return event
