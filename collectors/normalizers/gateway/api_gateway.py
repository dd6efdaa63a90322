"""Access log of a data-sharing gateway: one call of one data API by one consumer, as JSON.

The documented shape, one object a call (``fengsui.*`` says where it lands; all of it stays under ``gateway.*``)::

    {
      "time": "2026-01-31T08:15:30.123+08:00",  ISO 8601, or seconds or milliseconds since 1970
      "request_id": "…", "client_ip": "192.0.2.7",
      "consumer_id": "app-civil-affairs",       fengsui.consumer.id: the account that calls
      "consumer_unit": "民政局",                  organization.name: the unit it belongs to
      "api_id": "…", "api_name": "…", "method": "GET", "path": "/v1/persons?name=…", "status": 200,
      "resource_id": "population.person",       fengsui.data.resource: the catalog's resource behind the API
      "fields": ["name", "id_number"],          fengsui.data.fields: what was returned
      "records": 20, "subjects": 18,            fengsui.data.records, .subjects: how much was returned
      "masked": true,                           fengsui.data.masked: whether values were masked
      "purpose": "低保核查", "grant_id": "…",      fengsui.purpose, fengsui.grant.id: what for, by which permission
      "request_bytes": 310, "response_bytes": 5120, "latency_ms": 35
    }

Names other gateways use for the same are understood too (the tuples below), also inside ``consumer``, ``api``,
``request``, ``response`` and ``data`` objects. What was sent and returned, where it is logged, becomes
``http.request.body.content`` and ``http.response.body.content`` and stands nowhere else.
"""

from __future__ import annotations

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import carrier, document_of, namespaced, number, present, text, texts
from collectors.normalizers.gateway.bodies import body_fields, without_bodies
from collectors.normalizers.gateway.call_fields import call_event
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.normalizers.web_fields import request_target, response_status
from collectors.record import Record
from events import Event

_TIME = ("time", "timestamp", "@timestamp", "request_time", "requestTime", "start_time", "log_time", "call_time")
_CONSUMER = (
    *("consumer_id", "consumer", "consumer.id", "consumer.name", "app_id", "appId", "app_key", "appKey", "app_code"),
    *("client_id", "caller_id", "caller", "api_key_id", "access_key", "subscriber"),
)
_UNIT = ("consumer_unit", "consumer.unit", "consumer_org", "app_owner", "caller_unit", "org_name", "dept_name")
_TARGET = (
    "path",
    "uri",
    "url",
    "request_uri",
    "request_path",
    "requestPath",
    "api_path",
    "apiPath",
    "api.path",
    "request.uri",
)
_METHOD = ("method", "http_method", "httpMethod", "request_method", "requestMethod", "api.method", "request.method")
_STATUS = ("status", "status_code", "statusCode", "http_status", "response_code", "response.status")
_CLIENT = ("client_ip", "clientIp", "remote_ip", "source_ip", "src_ip", "caller_ip", "remote_addr", "request.client_ip")
_RESOURCE = ("resource_id", "resource", "resourceId", "resource_code", "dataset", "dataset_id", "data.resource")
_RECORDS = ("records", "rows", "row_count", "record_count", "rows_returned", "recordCount", "data.records", "total")
_FIELDS = ("fields", "columns", "field_list", "returned_fields", "data.fields")
_SENT = ("response_bytes", "bytes", "body_bytes_sent", "bytes_sent", "response_size", "responseSize", "response.bytes")
_MASKED = ("masked", "is_masked", "desensitized", "data.masked")
_CONSUMER_PARTS = frozenset(name.partition(".")[0] for name in _CONSUMER)
_YES = frozenset({"true", "1", "yes", "y", "是"})


class ApiGatewayNormalizer:
    """One call a document."""

    name = "api_gateway"

    def recognizes(self, record: Record) -> bool:
        """Whether the document tells a call: time, consumer, client, what was called, and the answer's status."""
        document = document_of(record)
        if document is None or _CONSUMER_PARTS.isdisjoint(document):
            return False
        if "remote_addr" in document and "client_ip" not in document:
            return False
        call = _flat(record)
        names = (_TIME, _CONSUMER, _CLIENT, _STATUS)
        return all(text(call, *alternatives) is not None for alternatives in names) and (
            text(call, *_TARGET, "api_id", "api.id", "apiId") is not None
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a gateway call.

        Raises:
            NormalizeError: the document has no time or is nested too deeply.
        """
        call = _flat(record)
        event = call_event(timestamp_of(text(call, *_TIME), context.zone, "time"))
        target = text(call, *_TARGET)
        if target is not None:
            event |= request_target(target, text(call, "host", "http_host"))
        event |= response_status(text(call, *_STATUS)) | endpoint("source", text(call, *_CLIENT))
        event |= _http(call) | _data(call) | body_fields(document_of(record) or {})
        event |= {f"gateway.{name}": value for name, value in call.items()}
        return carrier(record) | event


def _flat(record: Record) -> Event:
    return namespaced(without_bodies(document_of(record) or {}), "")


def _http(call: Event) -> Event:
    latency = number(call, "latency_ms", "latency", "cost_ms", "elapsed_ms", "duration_ms", "response.latency_ms")
    method = text(call, *_METHOD)
    return present(
        event__action=text(call, "api_name", "api.name", "apiName", "api_id", "api.id", "apiId"),
        event__duration=None if latency is None else latency * 1_000_000,
        http__request__method=method.upper() if method else None,
        http__request__id=text(call, "request_id", "requestId", "trace_id", "req_id"),
        http__request__bytes=number(call, "request_bytes", "request_length", "request_size"),
        http__response__bytes=number(call, *_SENT),
        user_agent__original=text(call, "user_agent", "userAgent", "http_user_agent"),
    )


def _data(call: Event) -> Event:
    masked = text(call, *_MASKED)
    return present(
        fengsui__consumer__id=text(call, *_CONSUMER),
        organization__name=text(call, *_UNIT),
        fengsui__data__resource=text(call, *_RESOURCE),
        fengsui__data__fields=[*texts(call, *_FIELDS)],
        fengsui__data__records=number(call, *_RECORDS),
        fengsui__data__subjects=number(call, "subjects", "subject_count", "data.subjects"),
        fengsui__data__masked=None if masked is None else masked.lower() in _YES,
        fengsui__purpose=text(call, "purpose", "usage", "use_purpose", "data.purpose"),
        fengsui__grant__id=text(call, "grant_id", "grant", "authorization_id", "auth_id"),
        user__name=text(call, "user", "user_name", "account", "operator"),
    )
