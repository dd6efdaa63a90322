"""Alibaba Cloud ActionTrail events: bare, or as Log Service (SLS) delivers them.

SLS wraps an event as ``{"__topic__": "actiontrail_audit_event", "event": …}`` with the event as an object, as JSON
text, or spread over flat names (``event.eventName``).
Source: Alibaba Cloud, "ActionTrail management event structure" and "Log fields of ActionTrail".
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from collectors.normalizers.cloud.api_call import api_call
from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import child, document_of, namespaced, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Record
from events import Event

_NESTED = ("userIdentity", "requestParameters", "responseElements", "additionalEventData", "referencedResources")
_FLAT = "event."


class AliyunActiontrailNormalizer:
    """One ActionTrail event a document."""

    name = "aliyun_actiontrail"

    def recognizes(self, record: Record) -> bool:
        """Whether the document is an ActionTrail event or SLS's wrapping of one."""
        document = document_of(record)
        if document is None:
            return False
        return document.get("__topic__") == "actiontrail_audit_event" or _is_actiontrail(_unwrapped(document))

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an ActionTrail event.

        Raises:
            NormalizeError: the event has no time or is nested too deeply.
        """
        wrapped: Mapping[str, object] = document_of(record) or {}
        document = _unwrapped(wrapped)
        service = _service(document)
        action = text(document, "eventName") or "unknown"
        event: Event = {
            "@timestamp": timestamp_of(document.get("eventTime") or wrapped.get("__time__"), context.zone, "eventTime"),
            "event.kind": "event",
            "event.dataset": "aliyun.actiontrail",
            "event.module": "aliyun",
            "event.action": action,
            "event.outcome": "failure" if text(document, "errorCode", "errorMessage") else "success",
            "cloud.provider": "aliyun",
        }
        event |= api_call(service, action, read_only=text(document, "eventRW") == "Read")
        event |= _call_fields(document, service)
        event |= endpoint("source", text(document, "sourceIpAddress"))
        return event | namespaced(document, "aliyun.actiontrail.")


def _is_actiontrail(document: Mapping[str, object]) -> bool:
    return "acsRegion" in document and "eventName" in document and "userIdentity" in document


def _unwrapped(document: Mapping[str, object]) -> Mapping[str, object]:
    inner = document.get("event")
    if isinstance(inner, str):
        inner = _decoded(inner)
    if not isinstance(inner, Mapping):
        flat = {name.removeprefix(_FLAT): value for name, value in document.items() if name.startswith(_FLAT)}
        inner = _nested(flat) if flat else document
    decoded = {name: value for name in _NESTED if isinstance(value := _decoded(inner.get(name)), Mapping)}
    return {**inner, **decoded}


def _decoded(value: object) -> object:
    """What a value says: JSON objects arrive as text where a pipeline flattened the event."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return value


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    """A document of the one level of nesting that matters, from dotted names."""
    document: dict[str, object] = {}
    inner: dict[str, dict[str, object]] = {}
    for name, value in flat.items():
        outer, dot, rest = name.partition(".")
        if dot and outer in _NESTED:
            inner.setdefault(outer, {})[rest] = value
        else:
            document[name] = value
    return {**document, **inner}


def _service(document: Mapping[str, object]) -> str:
    return text(document, "serviceName") or (text(document, "eventSource") or "").partition(".")[0]


def _call_fields(document: Mapping[str, object], service: str) -> Event:
    identity = child(document, "userIdentity")
    additional = child(document, "additionalEventData")
    root = "root" if text(identity, "type") == "root-account" else None
    return present(
        event__provider=text(document, "eventSource"),
        cloud__service__name=service.lower(),
        cloud__region=text(document, "acsRegion"),
        cloud__account__id=text(document, "recipientAccountId") or text(identity, "accountId"),
        user__name=text(identity, "userName") or root or text(additional, "loginAccount"),
        user__id=text(identity, "principalId"),
        user__target__name=text(child(document, "requestParameters"), "UserName"),
        user_agent__original=text(document, "userAgent"),
        error__code=text(document, "errorCode"),
        error__message=text(document, "errorMessage"),
    )
