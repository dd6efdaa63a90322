"""Documents that no other normalizer knows: JSON objects and rows of tables that say when they happened.

A document that already is ECS is kept as it is; any other stands under ``json.`` with its own names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.text_time import compact_date_ms, find_time_ms
from collectors.record import Reason, Record
from events import Event, flatten, format_timestamp

_NAMESPACE = "json."
_RESERVED = "fengsui."
_SMALLEST_SECONDS = 100_000_000  # as seconds since 1970 this is the year 1973
# In the order of trust: when it happened before when it was noted.
_TIME_NAMES = (
    "@timestamp", "timestamp", "eventtime", "time", "ts", "datetime", "timegenerated", "timecreated", "logtime",
    "starttime", "date", "createdat", "createtime", "createdtime", "created", "occurredat", "occurtime", "updatedat",
    "eventcreated", "eventtimestamp", "logdate", "requesttime", "accesstime", "operationtime", "optime", "logintime",
    "published", "activitydatetime", "createddatetime", "t", "epoch",
    "时间", "日期时间", "发生时间", "事件时间", "操作时间", "登录时间", "访问时间", "请求时间", "日志时间", "创建时间",
    "日期",
)  # fmt: skip
_MESSAGES = ("message", "msg", "log", "消息", "日志内容")
_LEVELS = ("level", "severity", "loglevel", "级别", "日志级别")


class GenericJsonNormalizer:
    """Any document with a time."""

    name = "generic.json"

    def recognizes(self, record: Record) -> bool:
        """Whether the record is a document at all; one without a time is refused for that reason."""
        return record.document is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event: its time, and its fields as they are."""
        document = record.document or {}
        timestamp = _timestamp(document, context.zone)
        event = _ecs(document) if _is_ecs(document) else _namespaced(document)
        event["@timestamp"] = timestamp
        event.setdefault("event.module", "generic")
        event.setdefault("event.dataset", "generic.json")
        return event


def _is_ecs(document: Mapping[str, object]) -> bool:
    return "@timestamp" in document and any(
        (name in {"ecs", "event"} and isinstance(value, Mapping)) or name.startswith(("ecs.", "event."))
        for name, value in document.items()
    )


def _ecs(document: Mapping[str, object]) -> Event:
    """The document's own names; those under our namespace are not the source's to set."""
    return {
        f"{_NAMESPACE}{name}" if name.startswith(_RESERVED) else name: value
        for name, value in flatten(document).items()
    }


def _namespaced(document: Mapping[str, object]) -> Event:
    event = flatten(document, _NAMESPACE)
    by_name = {_plain(name): value for name, value in document.items()}
    for target, names in (("message", _MESSAGES), ("log.level", _LEVELS)):
        said = next((text for name in names if isinstance(text := by_name.get(name), str)), None)
        event[target] = said.lower() if said and target == "log.level" else said
    return event


def _plain(name: str) -> str:
    """A name without what spellings differ in."""
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "")


def _timestamp(document: Mapping[str, object], zone: tzinfo | None) -> str:
    inner = (part for part in document.values() if isinstance(part, Mapping))
    for part in (document, *inner):
        for value in sorted(_candidates(part), key=_is_duration):
            moment = _moment_text(value, zone)
            if moment is not None:
                return moment
    raise NormalizeError(Reason.NO_TIME, "no field with a time that can be read; add one named timestamp")


def _candidates(document: Mapping[str, object]) -> Iterator[object]:
    by_name = {_plain(name): value for name, value in document.items()}
    date, time = by_name.get("date", by_name.get("日期")), by_name.get("time", by_name.get("时间"))
    if isinstance(date, str) and isinstance(time, str):
        yield f"{date} {time}"
    for name in _TIME_NAMES:
        if name in by_name:
            yield by_name[name]


def _is_duration(value: object) -> bool:
    """Whether a number is too small for a time of our days; such a time is believed when nothing better is there."""
    try:
        return isinstance(value, str | int | float) and abs(float(value)) < _SMALLEST_SECONDS
    except ValueError:
        return False


def _moment_text(value: object, zone: tzinfo | None) -> str | None:
    if isinstance(value, str):
        moment = compact_date_ms(value, zone)
        if moment is not None:
            return format_timestamp(moment)
    try:
        return timestamp_of(value, zone, "time")
    except NormalizeError:
        moment = find_time_ms(value, zone) if isinstance(value, str) else None
        return None if moment is None else format_timestamp(moment)
