"""Events as Azure Monitor and Microsoft Sentinel keep them: the tables WindowsEvent, SecurityEvent and Event.

Reference: Azure Monitor Logs reference, WindowsEvent and SecurityEvent.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC

import orjson

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.windows.flat import put_flat
from collectors.normalizers.windows.head import complete_rendered, put_data
from collectors.normalizers.windows.times import zoned_timestamp
from collectors.record import Reason, Record
from events import Event

_HEAD: Mapping[str, str] = {
    "Provider": "SourceName",
    "EventSourceName": "SourceName",
    "Source": "SourceName",
    "EventLog": "Channel",
    "EventLevel": "Level",
    "EventRecordId": "RecordNumber",
    "RenderedDescription": "Message",
}
_TABLE = (
    "TenantId", "SourceSystem", "EventLevelName", "EventOriginId", "ManagementGroupName", "MG", "SourceComputerId",
    "TimeCollected", "_ResourceId", "AzureDeploymentID", "Role", "Type",
)  # fmt: skip
_OURS = frozenset((*_HEAD, *_TABLE, "EventData", "Data", "TimeGenerated"))


class AzureMonitorNormalizer:
    """Windows events out of the tables of Azure Monitor."""

    name = "windows.azure_monitor"

    def recognizes(self, record: Record) -> bool:
        """Whether the document is a row of one of the tables."""
        document = record.document
        return (
            document is not None
            and "EventID" in document
            and "TimeGenerated" in document
            and "Computer" in document
            and ("Channel" in document or "EventLog" in document)
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event, its data under their original names, the table's own columns under ``winlog.azure.``."""
        document = record.document or {}
        event: Event = {"@timestamp": _timestamp(document, context)}
        put_flat(event, {name: value for name, value in document.items() if name not in _OURS})
        head = {target: document[name] for name, target in _HEAD.items() if document.get(name) is not None}
        put_flat(event, head)
        for name in _TABLE:
            if name in document:
                event[f"winlog.azure.{name}"] = str(document[name])
        for name in ("EventData", "Data"):
            _put_event_data(event, document.get(name))
        return complete_rendered(event)


def _put_event_data(event: Event, data: object) -> None:
    """The data as a structure or as the JSON text of one; other text is kept whole."""
    if isinstance(data, str) and data.startswith("{"):
        with suppress(orjson.JSONDecodeError):
            data = orjson.loads(data)
    if isinstance(data, Mapping):
        for name, value in data.items():
            put_data(event, name, value)
    else:
        put_data(event, "Data", data)


def _timestamp(document: Mapping[str, object], context: SourceContext) -> str:
    for name in ("TimeCreated", "TimeGenerated"):
        time = document.get(name)
        if isinstance(time, str):
            return zoned_timestamp(time, context.zone or UTC)
    raise NormalizeError(Reason.NO_TIME, "TimeGenerated: missing or no text; export the row with it")
