"""Events as NXLog's Windows module ships them: one level, the shipper's own names beside those of EventData.

Reference: NXLog Community Edition reference manual, im_msvistalog, fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from enum import Enum

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.windows.event_table import EVENT_DATA
from collectors.normalizers.windows.head import (
    as_text,
    complete_rendered,
    event_id_text,
    keywords_text,
    put_data,
    shown,
    whole,
)
from collectors.normalizers.windows.layout import Layouts
from collectors.normalizers.windows.outlines import Head, lists_of, outline_of
from collectors.normalizers.windows.times import (
    is_surely_utc,
    is_surely_zoned,
    relayed_timestamp,
    utc_timestamp,
    zoned_timestamp,
)
from collectors.record import Reason, Record
from events import Event, Origin, Outline, Proof
from events.outline import Convert


class _Place(Enum):
    """Where a name goes that is not simply copied as text."""

    DATA = "data"
    EVENT_ID = "event id"
    KEYWORDS = "keywords"
    NUMBER = "number"
    AMBIGUOUS = "ambiguous"


_SHIPPER = "winlog.nxlog."
_TEXTS: Mapping[str, str] = {
    "Channel": "winlog.channel",
    "SourceName": "winlog.provider_name",
    "ProviderGuid": "winlog.provider_guid",
    "Hostname": "winlog.computer_name",
    "RecordNumber": "winlog.record_id",
    "Task": "winlog.task",
    "OpcodeValue": "winlog.opcode",
    "Version": "winlog.version",
    "ActivityID": "winlog.activity_id",
    "RelatedActivityID": "winlog.related_activity_id",
    "UserID": "winlog.user.identifier",
    "Domain": "winlog.user.domain",
    "AccountType": "winlog.user.type",
    "Message": "message",
} | {
    name: f"{_SHIPPER}{name}"
    for name in (
        "@timestamp", "@version", "Category", "ERROR_EVT_UNRESOLVED", "EventReceivedTime", "EventTime",
        "EventTypeOrignal", "Opcode", "Severity", "SeverityValue", "SourceModuleName", "SourceModuleType", "host",
        "port", "tags", "type",
    )
}  # fmt: skip
_NUMBERS = {"ExecutionProcessID": "winlog.process.pid", "ExecutionThreadID": "winlog.process.thread.id"} | {
    "ThreadID": "winlog.process.thread.id"
}
_RELAY = ("EventTime", "EventReceivedTime", "@timestamp")
_SHIPPERS_EVENT_TYPES = frozenset(
    ("AUDIT_FAILURE", "AUDIT_SUCCESS", "CRITICAL", "DEBUG", "ERROR", "INFO", "VERBOSE", "WARNING")
)
_LEVEL_OF_SEVERITY = {1: "5", 2: "4", 3: "3", 4: "2", 5: "1"}
_PLACES: Mapping[str, tuple[_Place, str]] = {
    "EventID": (_Place.EVENT_ID, "winlog.event_id"),
    "Keywords": (_Place.KEYWORDS, "winlog.keywords"),
    "ProcessID": (_Place.AMBIGUOUS, "winlog.process.pid"),
    "EventType": (_Place.AMBIGUOUS, f"{_SHIPPER}EventType"),
    "AccountName": (_Place.AMBIGUOUS, "winlog.user.name"),
} | {name: (_Place.NUMBER, target) for name, target in _NUMBERS.items()}
_CONVERTED: Mapping[str, tuple[str, Convert]] = {
    "EventID": ("winlog.event_id", event_id_text),
    "Keywords": ("winlog.keywords", keywords_text),
}
_SETTLING = ("Channel", "EventID", "EventType")
"""Names whose values decide where others go, or what ECS calls them."""
_TARGETS_OF_NUMBERS = {**_NUMBERS, "ProcessID": "winlog.process.pid"}


class NxlogNormalizer:
    """Windows events shipped by NXLog."""

    name = "windows.nxlog"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has the event log's head as NXLog names it, with its own severity or receive time."""
        document = record.document
        return (
            document is not None
            and "EventID" in document
            and "SourceName" in document
            and "EventTime" in document
            and ("SeverityValue" in document or "EventReceivedTime" in document)
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event, its data under their original names."""
        document = record.document or {}
        event: Event = {"@timestamp": _timestamp(document, context)}
        _LAYOUTS.put(event, document)
        severity = document.get("SeverityValue")
        if isinstance(severity, int):
            event["winlog.level"] = _LEVEL_OF_SEVERITY.get(severity)
        return complete_rendered(event)

    def outline(self, document: Mapping[str, object], event: Event) -> Outline | None:
        """The outline of the events of all documents like one; None where their values are placed one by one."""
        sketch = _LAYOUTS.sketch(document)
        proof = _proof(document)
        if sketch is None or proof is None:
            return None
        origins, doubtful = dict(sketch.origins), set[str]()
        for name in sketch.others:
            placed = _origins_of(name, document[name])
            origins |= placed
            if not placed and document[name] is not None:
                doubtful |= _targets(name)
        severity = type(document.get("SeverityValue"))
        if severity is int:
            origins["winlog.level"] = Origin("SeverityValue", _LEVEL_OF_SEVERITY.get)
        elif severity is bool:
            doubtful.add("winlog.level")
        settled_by = tuple(name for name in _SETTLING if isinstance(document.get(name), str | int))
        return outline_of(event, Head(origins, frozenset(doubtful), lists_of(document), settled_by, proof))


def _moved(name: str, kind: type) -> str | None:
    """Where values go as they are: texts, the head's numbers, and a process id that can only be the head's."""
    if kind is int:
        return _TARGETS_OF_NUMBERS.get(name)
    return _TEXTS.get(name, f"{EVENT_DATA}{name}") if kind is str and name not in _PLACES else None


def _converted(name: str, kind: type) -> tuple[str, Convert] | None:
    if name in _CONVERTED:
        return _CONVERTED[name] if kind in {str, int} else None
    if name in _TEXTS:
        return None if kind is str else (_TEXTS[name], shown)
    return (f"{EVENT_DATA}{name}", str) if kind is int and name not in _PLACES else None


def _place(event: Event, name: str, value: object) -> None:
    if name in _TEXTS:
        event[_TEXTS[name]] = shown(value)
    elif name in _PLACES:
        _place_known(event, name, value)
    else:
        put_data(event, name, value)


_LAYOUTS = Layouts(_moved, _converted, _place)


def _origins_of(name: str, value: object) -> dict[str, Origin]:
    """The fields that a text placed one by one goes to, where its type and what settles it tell."""
    if not isinstance(value, str) or name not in _PLACES or _PLACES[name][0] is not _Place.AMBIGUOUS:
        return {}
    event: Event = {}
    _place_ambiguous(event, name, value)
    return dict.fromkeys(event, Origin(name))


def _targets(name: str) -> set[str]:
    """All fields that a value of a name may go to."""
    targets = {f"{EVENT_DATA}{name}", _TEXTS.get(name)}
    return {target for target in targets if target is not None} | set(_PLACES.get(name, ())[1:])


def _place_known(event: Event, name: str, value: object) -> None:
    place, target = _PLACES[name]
    if place is _Place.EVENT_ID:
        event[target] = event_id_text(value)
    elif place is _Place.KEYWORDS:
        event[target] = keywords_text(value) if isinstance(value, str | int) else as_text(value)
    elif place is _Place.NUMBER:
        event[target] = whole(value)
    else:
        _place_ambiguous(event, name, value)


def _place_ambiguous(event: Event, name: str, value: object) -> None:
    """A name that both the shipper and EventData use; the shipper's is known by its type or by its values."""
    target = _PLACES[name][1]
    if name == "ProcessID" and isinstance(value, int):
        event[target] = value
    elif name == "EventType" and isinstance(value, str) and value in _SHIPPERS_EVENT_TYPES:
        event[target] = as_text(value)
    else:
        put_data(event, name, value)
        if name == "AccountName":
            event[target] = as_text(value)


def _proof(document: Mapping[str, object]) -> Proof | None:
    """How the documents of this one's shape show that ``_timestamp`` reads a time; None where they don't."""
    if isinstance(document.get("UtcTime"), str):
        return Proof(("UtcTime",), is_surely_utc)
    if all(isinstance(document.get(name), str) for name in _RELAY):
        return Proof(_RELAY, _is_relayed)
    return Proof(("@timestamp",), is_surely_zoned) if isinstance(document.get("@timestamp"), str) else None


def _is_relayed(event_time: str, received: str, shipped: str) -> bool:
    return relayed_timestamp(event_time, received, shipped.removesuffix("Z")) is not None or is_surely_zoned(shipped)


def _timestamp(document: Mapping[str, object], context: SourceContext) -> str:
    sysmon = document.get("UtcTime")
    if isinstance(sysmon, str):
        return utc_timestamp(sysmon)
    event_time, received, shipped = map(document.get, _RELAY)
    if isinstance(event_time, str) and isinstance(received, str) and isinstance(shipped, str):
        relayed = relayed_timestamp(event_time, received, shipped.removesuffix("Z"))
        if relayed is not None:
            return relayed
    for time in (shipped, event_time):
        if isinstance(time, str):
            return zoned_timestamp(time, context.zone or UTC)
    raise NormalizeError(Reason.NO_TIME, "no EventTime or @timestamp that can be read; ship one")
