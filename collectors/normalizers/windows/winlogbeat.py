"""Events as Winlogbeat and Elastic Agent ship them: ECS with ``winlog.``, nested or with dotted names.

The names of Winlogbeat before version 7 (``event_id``, ``log_name`` …) are understood as well.

Reference: Winlogbeat reference, exported fields, winlog.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.windows.event_table import EVENT_DATA
from collectors.normalizers.windows.head import complete, event_id_text, keywords_text, put_data, shown, whole
from collectors.normalizers.windows.times import zoned_timestamp
from collectors.record import Reason, Record
from events import Event, Value, flatten

_OLD_NAMES: Mapping[str, str] = {
    "event_id": "winlog.event_id",
    "log_name": "winlog.channel",
    "source_name": "winlog.provider_name",
    "computer_name": "winlog.computer_name",
    "record_number": "winlog.record_id",
    "provider_guid": "winlog.provider_guid",
    "process_id": "winlog.process.pid",
    "thread_id": "winlog.process.thread.id",
    "event_data": "winlog.event_data",
    "user_data": "winlog.event_data",
    "activity_id": "winlog.activity_id",
    "opcode": "winlog.opcode",
    "task": "winlog.task",
    "keywords": "winlog.keywords",
    "level": "log.level",
    "version": "winlog.version",
    "user": "winlog.user",
    "type": "winlog.api",
}
_USER_DATA = "winlog.user_data."
_NUMBERS = frozenset(("winlog.process.pid", "winlog.process.thread.id"))
_OURS = ("event.code", "event.dataset", "event.module", "event.provider", "host.os.type")


class WinlogbeatNormalizer:
    """Windows events shipped by Winlogbeat or Elastic Agent."""

    name = "windows.winlogbeat"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has the ``winlog`` object, nested or dotted, or its names of old."""
        document = record.document
        if document is None:
            return False
        if "event_id" in document:
            return "log_name" in document and "source_name" in document
        if "winlog.event_id" in document:
            return True
        winlog = document.get("winlog")
        return isinstance(winlog, Mapping) and "event_id" in winlog

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event; ECS names that the shipper has set stand."""
        document = record.document or {}
        if "log_name" in document:
            document = {_OLD_NAMES.get(name, name): value for name, value in document.items()}
        time = document.get("@timestamp")
        if not isinstance(time, str):
            raise NormalizeError(Reason.NO_TIME, "@timestamp: missing or no text; ship the event with it")
        shipped = flatten(document)
        event = complete({name: value for name, value in _head_and_data(shipped).items() if value is not None})
        derived = {name: event[name] for name in _OURS if name in event}
        computer = event.get("host.name")
        event |= {name: value for name, value in shipped.items() if not name.startswith("winlog.")}
        event |= derived
        event["host.name"] = computer or event.get("host.name")
        event["@timestamp"] = zoned_timestamp(time, context.zone or UTC)
        return event


def _head_and_data(shipped: Event) -> Event:
    """The ``winlog.`` part with its data as text."""
    event: Event = {}
    for name, value in shipped.items():
        if name.startswith(EVENT_DATA):
            put_data(event, name[len(EVENT_DATA) :], value)
        elif name.startswith(_USER_DATA):
            put_data(event, name[len(_USER_DATA) :], value)
        elif name == "winlog.event_id":
            event[name] = event_id_text(value)
        elif name.startswith("winlog."):
            event[name] = _head_value(name, value)
    return event


def _head_value(name: str, value: Value) -> Value:
    if name in _NUMBERS:
        return whole(value)
    if name == "winlog.keywords":
        return value if isinstance(value, list) else keywords_text(value)
    return shown(value)
