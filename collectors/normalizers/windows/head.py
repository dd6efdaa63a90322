"""What all dialects share: values as the event log shows them, the event's head, and the step from there to ECS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson

from collectors.normalizers.contract import NormalizeError
from collectors.normalizers.windows.event_table import EVENT_DATA, Plan, plan_of
from collectors.record import Reason
from events import Event, Scalar, Value, flatten

_LONGEST_CHANNEL = 256
_AUDIT_FAILURE = 0x10_0000_0000_0000
_AUDIT_SUCCESS = 0x20_0000_0000_0000
_LONGEST_NUMBER = 20
_UNSIGNED_64 = (1 << 64) - 1
_LEVELS = {"0": "information", "1": "critical", "2": "error", "3": "warning", "4": "information", "5": "verbose"}
CLASSIC_POWERSHELL = "Windows PowerShell"
DERIVED = ("event.provider", "host.name", "log.level", "event.outcome")
"""What ``complete`` adds from the values of the head."""


def as_text(value: object) -> str | None:
    """A value as the event log shows it; None for a value that is not there."""
    if isinstance(value, str):
        return value
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def put_data(event: Event, name: str, value: object) -> None:
    """Set a field of EventData under its original name; inner structure is named with dots."""
    key = f"{EVENT_DATA}{name}"
    if type(value) is str:
        event[key] = value
    elif isinstance(value, Mapping):
        for inner, part in flatten(value, f"{key}.").items():
            event[inner] = shown(part)
    elif value is not None:
        event[key] = shown(value)


def shown(value: object) -> Value:
    """A value, or each of a list's, as the event log shows it."""
    return [as_text(item) for item in value] if isinstance(value, list) else as_text(value)


def whole(value: object) -> int | None:
    """A whole number of the head, None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_NUMBER else None


def complete(event: Event) -> Event:
    """Add what ECS calls the event to an event that holds its ``winlog.`` names.

    Raises:
        NormalizeError: the event has no id.
    """
    event_id = event.get("winlog.event_id")
    if not isinstance(event_id, str):
        raise NormalizeError(Reason.INVALID, "EventID: missing or no number; ship the event with its id")
    plan_for(event).apply(event)
    event["event.code"] = event_id
    event["event.provider"] = event.get("winlog.provider_name")
    event["host.name"] = event.get("winlog.computer_name")
    event["host.os.type"] = "windows"
    level = event.get("winlog.level")
    if isinstance(level, str):
        event["log.level"] = _LEVELS.get(level, level)
    outcome = _outcome(event.get("winlog.keywords"))
    if outcome is not None:
        event.setdefault("event.outcome", outcome)
    return event


def plan_for(event: Event) -> Plan:
    """The plan for an event that holds its channel and id."""
    channel = event.get("winlog.channel")
    return plan_of(channel[:_LONGEST_CHANNEL] if isinstance(channel, str) else "", str(event["winlog.event_id"]))


def complete_rendered(event: Event) -> Event:
    """As ``complete``, for shippers that send the rendered message in place of unnamed data.

    The classic PowerShell channel names none of its data, and its message is made of all of them; rules ask for
    ``Data``, so the message stands in for it.
    """
    if event.get("winlog.channel") == CLASSIC_POWERSHELL:
        event.setdefault(f"{EVENT_DATA}Data", event.get("message"))
    return complete(event)


def event_id_text(value: object) -> str | None:
    """An event id as text, whether it came as number, as text or with qualifiers beside it."""
    if type(value) is int and value >= 0:
        return str(value)
    if isinstance(value, Mapping):
        value = value.get("#text")
    text = as_text(value)
    return text if text is not None and text.isdecimal() else None


@lru_cache(1024)
def keywords_text(value: Scalar) -> str | None:
    """Keywords as 64-bit hexadecimal, the way the event log writes them; signed numbers and names are accepted."""
    if isinstance(value, int):
        return f"0x{value & _UNSIGNED_64:x}"
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) <= _LONGEST_NUMBER:
        return f"0x{int(value) & _UNSIGNED_64:x}"
    return as_text(value)


def _outcome(keywords: Value) -> str | None:
    if isinstance(keywords, list):
        joined = " ".join(str(keyword) for keyword in keywords)
        return _outcome_of(joined)
    return _outcome_of(keywords) if isinstance(keywords, str) else None


@lru_cache(1024)
def _outcome_of(keywords: str) -> str | None:
    if "Audit Failure" in keywords:
        return "failure"
    if "Audit Success" in keywords:
        return "success"
    try:
        bits = int(keywords, 16)
    except ValueError:
        return None
    if bits & _AUDIT_FAILURE:
        return "failure"
    return "success" if bits & _AUDIT_SUCCESS else None
