"""Moving the times of events, for recordings that are replayed as if they happened now."""

from __future__ import annotations

from functools import cache

from events import Event, FieldType, Value, field_table, format_timestamp, timestamp_ms


def shift_times(events: list[Event], shift_ms: int) -> None:
    """Add ``shift_ms`` to every date of the events that the field table knows, but for when they were ingested."""
    dates = _dates()
    for event in events:
        for name in dates & event.keys():
            event[name] = _shifted(event[name], shift_ms)


@cache
def _dates() -> frozenset[str]:
    types = field_table().types
    return frozenset(name for name, type_ in types.items() if type_ is FieldType.DATE) - {"event.ingested"}


def _shifted(value: Value, shift_ms: int) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return format_timestamp(timestamp_ms(value) + shift_ms)
    except (ValueError, OverflowError):
        return value
