"""Events flattened to one level: head and EventData side by side, as Logstash pipelines and data sets write them.

A name of the head goes to ``winlog.``; every other name is taken for a field of EventData.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.windows.event_table import EVENT_DATA
from collectors.normalizers.windows.head import (
    as_text,
    complete_rendered,
    event_id_text,
    keywords_text,
    put_data,
    shown,
)
from collectors.normalizers.windows.layout import Layouts
from collectors.normalizers.windows.outlines import Head, lists_of, outline_of
from collectors.normalizers.windows.times import (
    has_zone,
    is_surely_timed,
    is_surely_utc,
    is_surely_zoned,
    utc_timestamp,
    zoned_timestamp,
)
from collectors.record import Reason, Record
from events import Event, Outline, Proof
from events.outline import Convert

_HEAD: Mapping[str, str] = {
    "Channel": "winlog.channel",
    "SourceName": "winlog.provider_name",
    "Provider_Name": "winlog.provider_name",
    "ProviderGuid": "winlog.provider_guid",
    "Hostname": "winlog.computer_name",
    "Computer": "winlog.computer_name",
    "RecordNumber": "winlog.record_id",
    "EventRecordID": "winlog.record_id",
    "Level": "winlog.level",
    "Task": "winlog.task",
    "OpcodeValue": "winlog.opcode",
    "Version": "winlog.version",
    "Message": "message",
}
_SHIPPER = frozenset(("@version", "host", "port", "tags"))
_CONVERTED: Mapping[str, tuple[str, Convert]] = {
    "EventID": ("winlog.event_id", event_id_text),
    "Keywords": ("winlog.keywords", keywords_text),
}
_TIMES = ("@timestamp", "TimeCreated", "SystemTime", "EventTime")
_OTHER_SHIPPERS = frozenset(("SeverityValue", "EventReceivedTime", "TimeGenerated"))
_PLAIN_SOURCE = "Source"


class FlatNormalizer:
    """Windows events of one level."""

    name = "windows.flat"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has an event id, a channel, a host and a time at its top."""
        document = record.document
        return (
            document is not None
            and "EventID" in document
            and "Channel" in document
            and ("Hostname" in document or "Computer" in document)
            and any(name in document for name in _TIMES)
            and _OTHER_SHIPPERS.isdisjoint(document)
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event, its data under their original names."""
        document = record.document or {}
        event: Event = {"@timestamp": _timestamp(document, context)}
        put_flat(event, document)
        if "winlog.provider_name" not in event:
            event["winlog.provider_name"] = event.get(f"{EVENT_DATA}{_PLAIN_SOURCE}")
        return complete_rendered(event)

    def outline(self, document: Mapping[str, object], event: Event) -> Outline | None:
        """The outline of the events of all documents like one; None where their values are placed one by one."""
        sketch = _LAYOUTS.sketch(document)
        proof = _proof(document)
        if sketch is None or proof is None:
            return None
        origins = dict(sketch.origins)
        unsure = [name for name in sketch.others if document[name] is not None]
        doubtful = {_target(name) for name in unsure} | {_CONVERTED[name][0] for name in unsure if name in _CONVERTED}
        source, provider = f"{EVENT_DATA}{_PLAIN_SOURCE}", "winlog.provider_name"
        if source in origins:
            origins.setdefault(provider, origins[source])
        elif source in doubtful:
            doubtful.add(provider)
        return outline_of(event, Head(origins, frozenset(doubtful), lists_of(document), ("Channel", "EventID"), proof))


def put_flat(event: Event, document: Mapping[str, object]) -> None:
    """Sort the names of a flat document into the event's head and its data."""
    _LAYOUTS.put(event, document)


def _target(name: str) -> str:
    """The event name of a name's values."""
    if name in _SHIPPER or name in _TIMES:
        return f"winlog.shipper.{name}"
    return _HEAD.get(name, f"{EVENT_DATA}{name}")


def _moved(name: str, kind: type) -> str | None:
    return _target(name) if kind is str and name not in _CONVERTED else None


def _converted(name: str, kind: type) -> tuple[str, Convert] | None:
    if name in _CONVERTED:
        return _CONVERTED[name] if kind in {str, int} else None
    return (_target(name), str) if kind is int else None


def _place(event: Event, name: str, value: object) -> None:
    target = _HEAD.get(name)
    if target is not None:
        if value is not None:
            event[target] = as_text(value)
    elif name in _SHIPPER or name in _TIMES:
        event[f"winlog.shipper.{name}"] = shown(value)
    elif name == "EventID":
        event["winlog.event_id"] = event_id_text(value)
    elif name == "Keywords":
        event["winlog.keywords"] = keywords_text(value) if isinstance(value, str | int) else as_text(value)
    else:
        put_data(event, name, value)


_LAYOUTS = Layouts(_moved, _converted, _place)


def _proof(document: Mapping[str, object]) -> Proof | None:
    """How the documents of this one's shape show that ``_timestamp`` reads a time; None where they don't."""
    first = next((name for name in _TIMES if isinstance(document.get(name), str)), None)
    created = "TimeCreated" if "TimeCreated" in document else "SystemTime"
    is_created, is_sysmon = (isinstance(document.get(name), str) for name in (created, "UtcTime"))
    if is_created and is_sysmon:
        return Proof((created, "UtcTime"), _is_surely_either)
    if is_sysmon:
        return Proof(("UtcTime",), is_surely_utc)
    if is_created and first != created:
        return Proof((created,), is_surely_zoned)  # without a zone, another time is read
    return None if first is None else Proof((first,), is_surely_timed)


def _is_surely_either(created: str, sysmon: str) -> bool:
    return is_surely_utc(sysmon) and (is_surely_zoned(created) or not has_zone(created))


def _created(document: Mapping[str, object]) -> object:
    return document.get("TimeCreated", document.get("SystemTime"))


def _timestamp(document: Mapping[str, object], context: SourceContext) -> str:
    stated = [time for name in _TIMES if isinstance(time := document.get(name), str)]
    created = _created(document)
    if isinstance(created, str) and has_zone(created):
        return utc_timestamp(created)
    sysmon = document.get("UtcTime")
    if isinstance(sysmon, str):
        return utc_timestamp(sysmon)
    if not stated:
        raise NormalizeError(Reason.NO_TIME, "no @timestamp, TimeCreated or EventTime that can be read; ship one")
    return zoned_timestamp(stated[0], context.zone or UTC)
