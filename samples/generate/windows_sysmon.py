"""``windows-sysmon.ndjson``: Windows events as Winlogbeat ships them, one JSON document a line."""

from __future__ import annotations

import json
from random import Random

from samples.generate import story
from samples.generate.clock import utc_milliseconds
from samples.generate.windows_attack import attack
from samples.generate.windows_background import background
from samples.generate.windows_event import WindowsEvent


def render() -> bytes:
    """The file's bytes; one line in the middle is cut, as a shipper leaves it that is killed while writing."""
    random = Random("windows-sysmon.ndjson")
    events = sorted([*background(random), *attack(random)], key=lambda event: event.moment)
    lines = [_line(event, number) for number, event in enumerate(events, 88_001)]
    lines.insert(len(lines) // 2, lines[0][:300])
    return ("\n".join(lines) + "\n").encode()


def _line(event: WindowsEvent, number: int) -> str:
    name = f"{event.host.name}.{story.CITY_DOMAIN}"
    document = {
        "@timestamp": utc_milliseconds(event.moment),
        "ecs": {"version": "8.0.0"},
        "agent": {"type": "winlogbeat", "version": "8.15.3", "name": event.host.name},
        "event": {"code": str(event.code), "kind": "event", "provider": event.provider[0], "action": event.task},
        "host": {"name": name},
        "log": {"level": "information"},
        "message": event.task,
        "winlog": _winlog(event, name, number),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _winlog(event: WindowsEvent, name: str, number: int) -> dict[str, object]:
    return {
        "api": "wineventlog",
        "channel": event.channel,
        "computer_name": name,
        "event_id": str(event.code),
        "provider_name": event.provider[0],
        "provider_guid": event.provider[1],
        "record_id": number,
        "task": event.task,
        "opcode": "Info",
        "process": {"pid": 2912, "thread": {"id": 3844}},
        "event_data": event.data,
    }
