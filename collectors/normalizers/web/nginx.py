"""nginx: access logs as lines or JSON (names of ngx_http_log_module's variables), and error logs."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import (
    carrier,
    document_of,
    message_of,
    namespaced,
    number,
    present,
    program_of,
    text,
    whole_number,
)
from collectors.normalizers.moments import common_log_moment, no_time, timestamp_at, timestamp_of
from collectors.normalizers.network_fields import endpoint, ip_text
from collectors.normalizers.web.access_line import AccessLine, access_event, looks_like_access_line, parse_access_line
from collectors.normalizers.web.error_line import NGINX_ERROR, nginx_error_event
from collectors.normalizers.web_fields import request_line, request_target, response_status
from collectors.record import Record
from events import Event

_TARGETS = ("request", "request_uri", "uri")
_VARIABLES = frozenset(
    ("body_bytes_sent", "bytes_sent", "request_time", "http_user_agent", "time_local", "time_iso8601", "msec")
)


class NginxNormalizer:
    """Access lines tagged nginx or asked for by name, JSON access logs, error lines."""

    name = "nginx"

    def recognizes(self, record: Record) -> bool:
        """Whether the record is nginx's beyond doubt; a bare combined line is left to Apache."""
        document = document_of(record)
        if document is not None:
            return _is_json_access(document)
        message = message_of(record)
        return NGINX_ERROR.fullmatch(message) is not None or (
            program_of(record).startswith("nginx") and looks_like_access_line(message)
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an nginx record.

        Raises:
            NormalizeError: the record is neither access nor error record, or has no time.
        """
        document = document_of(record)
        if document is not None:
            return carrier(record) | _json_event(document, context)
        message = message_of(record)
        found = NGINX_ERROR.fullmatch(message)
        if found is not None:
            return carrier(record) | nginx_error_event(found, context)
        line = parse_access_line(message)
        return carrier(record) | access_event(line, "nginx.access") | _own_fields(line)


def _is_json_access(document: Mapping[str, object]) -> bool:
    return (
        "remote_addr" in document
        and "status" in document
        and any(isinstance(document.get(name), str) for name in _TARGETS)
        and not _VARIABLES.isdisjoint(document)
    )


def _json_event(document: Mapping[str, object], context: SourceContext) -> Event:
    event: Event = {
        "@timestamp": _json_timestamp(document, context),
        "event.kind": "event",
        "event.category": ["web"],
        "event.type": ["access"],
        "event.dataset": "nginx.access",
        "event.module": "nginx",
    }
    event |= namespaced(document, "nginx.access.")
    event |= endpoint("source", text(document, "remote_addr"), document.get("remote_port"))
    event |= _json_request(document)
    event |= response_status(document.get("status"))
    forwarded = (text(document, "http_x_forwarded_for") or "").split(",")
    return event | present(
        http__response__body__bytes=number(document, "body_bytes_sent"),
        http__response__bytes=number(document, "bytes_sent"),
        http__request__bytes=number(document, "request_length"),
        http__request__id=text(document, "request_id"),
        http__request__referrer=text(document, "http_referer", "http_referrer"),
        user_agent__original=text(document, "http_user_agent"),
        user__name=text(document, "remote_user"),
        network__forwarded_ip=[ip for address in forwarded if (ip := ip_text(address))],
    )


def _json_request(document: Mapping[str, object]) -> Event:
    line = text(document, "request")
    event = request_line(line) if line and " " in line else {}
    host = text(document, "host", "http_host", "server_name")
    target = text(document, "request_uri", "uri") if "url.original" not in event else None
    if target is not None:
        query = text(document, "args", "query_string")
        event |= request_target(target if "?" in target or not query else f"{target}?{query}", host)
    elif host and "url.domain" not in event:
        event["url.domain"] = request_target("", host)["url.domain"]
    return event | present(
        http__request__method=text(document, "request_method"),
        http__version=(text(document, "server_protocol") or "").removeprefix("HTTP/"),
        url__scheme=text(document, "scheme"),
    )


def _json_timestamp(document: Mapping[str, object], context: SourceContext) -> str:
    local = text(document, "time_local")
    if local is not None:
        try:
            return timestamp_at(common_log_moment(local), None, "time_local")
        except (ValueError, KeyError, IndexError) as error:
            raise no_time("time_local") from error
    moment = text(document, "time_iso8601", "msec", "@timestamp", "timestamp", "time")
    return timestamp_of(moment, context.zone, "time_iso8601")


def _own_fields(line: AccessLine) -> Event:
    own: Event = {
        "remote_addr": line.host,
        "remote_user": line.user,
        "request": line.request,
        "status": whole_number(line.status),
        "body_bytes_sent": whole_number(line.bytes),
        "http_referer": line.referrer,
        "http_user_agent": line.agent,
        "request_time": line.seconds,
        "http_x_forwarded_for": list(line.forwarded_for),
        "trailing": list(line.trailing),
        **line.named,
    }
    return {f"nginx.access.{name}": value for name, value in own.items() if value not in (None, [])}
