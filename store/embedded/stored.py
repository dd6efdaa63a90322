"""An event as the bytes that an index keeps of it: its JSON, and behind a line break the raw record as it is.

The raw record apart from the JSON isn't escaped, so what it shares with the fields is compressed away.
"""

from __future__ import annotations

import orjson

from events import Event
from store.storable import cleaned

_ORIGINAL = "event.original"


def stored_form(event: Event) -> tuple[Event, bytes]:
    """The event as it will be read back, and its bytes."""
    try:
        return event, _bytes_of(event)
    except (TypeError, UnicodeEncodeError):
        event = cleaned(event)
        return event, _bytes_of(event)


def stored_event(content: bytes) -> Event:
    """The event in its bytes."""
    fields, line_break, original = content.partition(b"\n")
    event: Event = orjson.loads(fields)
    if line_break:
        event[_ORIGINAL] = original.decode()
    return event


def _bytes_of(event: Event) -> bytes:
    original = event.get(_ORIGINAL)
    if type(original) is not str:
        return orjson.dumps(event)
    fields = event.copy()
    del fields[_ORIGINAL]
    return b"%b\n%b" % (orjson.dumps(fields), original.encode())
