"""Events as the event log itself structures them: System with EventData or UserData (EVTX files, XML exports).

Attributes may stand under ``#attributes`` or be marked with ``@``; EventData may be a mapping of names to values, or
hold ``Data`` elements that carry their names as attributes, or none.

Reference: MS-EVEN6 §2.2.13 and the Event schema of the Windows SDK.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.windows.event_table import EVENT_DATA
from collectors.normalizers.windows.head import (
    as_text,
    complete,
    event_id_text,
    keywords_text,
    put_data,
    whole,
)
from collectors.normalizers.windows.times import utc_timestamp
from collectors.record import Reason, Record
from events import Event

_EMPTY: Mapping[str, object] = {}
_MARKUP = frozenset(("#attributes", "xmlns", "@xmlns"))
_HEAD = (
    ("Channel", "winlog.channel"),
    ("Computer", "winlog.computer_name"),
    ("EventRecordID", "winlog.record_id"),
    ("Task", "winlog.task"),
    ("Opcode", "winlog.opcode"),
    ("Level", "winlog.level"),
    ("Version", "winlog.version"),
)


class EvtxNormalizer:
    """Events structured as System with EventData or UserData."""

    name = "windows.evtx"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has a System part with provider and event id."""
        document = record.document
        if document is None:
            return False
        system = _element(_element(document, "Event") or document, "System")
        return "EventID" in system and "Provider" in system

    def normalize(self, record: Record, context: SourceContext) -> Event:  # noqa: ARG002 (the event log's time is UTC)
        """The event, its data under their original names."""
        document = record.document or _EMPTY
        body = _element(document, "Event") or document
        system = _element(body, "System")
        event: Event = {}
        _put_head(event, system)
        _put_event_data(event, body.get("EventData"))
        _put_user_data(event, _element(body, "UserData"))
        rendering = _element(body, "RenderingInfo")
        if rendering:
            event["message"] = as_text(rendering.get("Message"))
        event["winlog.time_created"] = as_text(_attribute(_element(system, "TimeCreated"), "SystemTime"))
        event["@timestamp"] = _timestamp(event)
        return complete(event)


def _element(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else _EMPTY


def _attribute(element: Mapping[str, object], name: str) -> object:
    attributes = element.get("#attributes")
    if isinstance(attributes, Mapping):
        return attributes.get(name)
    return element.get(f"@{name}", element.get(name))


def _put_head(event: Event, system: Mapping[str, object]) -> None:
    for name, target in _HEAD:
        value = system.get(name)
        if isinstance(value, Mapping):
            value = value.get("#text")
        if value is not None:
            event[target] = as_text(value)
    provider, execution = _element(system, "Provider"), _element(system, "Execution")
    correlation = _element(system, "Correlation")
    keywords = system.get("Keywords")
    event["winlog.event_id"] = event_id_text(system.get("EventID"))
    event["winlog.provider_name"] = as_text(_attribute(provider, "Name") or _attribute(provider, "EventSourceName"))
    event["winlog.provider_guid"] = as_text(_attribute(provider, "Guid"))
    event["winlog.keywords"] = keywords_text(keywords) if isinstance(keywords, str | int) else None
    event["winlog.process.pid"] = whole(_attribute(execution, "ProcessID"))
    event["winlog.process.thread.id"] = whole(_attribute(execution, "ThreadID"))
    event["winlog.activity_id"] = as_text(_attribute(correlation, "ActivityID"))
    event["winlog.related_activity_id"] = as_text(_attribute(correlation, "RelatedActivityID"))
    event["winlog.user.identifier"] = as_text(_attribute(_element(system, "Security"), "UserID"))


def _put_event_data(event: Event, data: object) -> None:
    if isinstance(data, Mapping):
        for name, value in data.items():
            if name == "Data":
                _put_elements(event, value)
            elif name not in _MARKUP:
                put_data(event, name, value)
    elif data is not None:
        put_data(event, "Data", data)


def _put_elements(event: Event, elements: object) -> None:
    """Data elements: those that carry a name by it, the others together as ``Data``."""
    unnamed: list[object] = []
    for element in elements if isinstance(elements, list) else [elements]:
        name = _attribute(element, "Name") if isinstance(element, Mapping) else None
        value = element.get("#text") if isinstance(element, Mapping) else element
        if isinstance(name, str):
            put_data(event, name, value)
        else:
            unnamed.extend(value if isinstance(value, list) else [value])
    values = [as_text(value) for value in unnamed if value is not None]
    if values:
        event[f"{EVENT_DATA}Data"] = values[0] if len(values) == 1 else list(values)


def _put_user_data(event: Event, user_data: Mapping[str, object]) -> None:
    """UserData holds one element of the provider's own; its parts stand beside those of EventData."""
    for name, content in user_data.items():
        if name in _MARKUP:
            continue
        if isinstance(content, Mapping):
            event["winlog.user_data.xml_name"] = name
            _put_event_data(event, content)
        else:
            put_data(event, name, content)


def _timestamp(event: Event) -> str:
    for time in (event["winlog.time_created"], event.get(f"{EVENT_DATA}UtcTime")):
        if isinstance(time, str):
            return utc_timestamp(time)
    raise NormalizeError(Reason.NO_TIME, "System.TimeCreated: no SystemTime; export the event with its time")
