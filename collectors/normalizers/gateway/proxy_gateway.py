"""Kong (http-log and its kin) and Apache APISIX (http-logger and its kin): one proxied request a JSON object.

Sources: Kong "Log serialization", APISIX "http-logger" default log format. What a data API says of its answer in the
headers ``X-Resource-Id``, ``X-Record-Count`` (or ``X-Total-Count``) and ``X-Purpose`` becomes ``fengsui.*``. Bodies,
where a plugin logs them, become ``http.request.body.content`` and ``http.response.body.content``, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import carrier, child, document_of, namespaced, number, present, text
from collectors.normalizers.gateway.bodies import body_fields, without_bodies
from collectors.normalizers.gateway.call_fields import call_event
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.normalizers.web_fields import request_target, response_status
from collectors.record import Record
from events import Event

_LONGEST_MS = 1e9
_STARTED = ("started_at", "start_time")


class ProxyGatewayNormalizer:
    """One proxied request a document."""

    name = "kong_apisix"

    def recognizes(self, record: Record) -> bool:
        """Whether the document has the request, response, client and start that both gateways write."""
        document = document_of(record)
        return (
            document is not None
            and "client_ip" in document
            and isinstance(document.get("request"), Mapping)
            and isinstance(document.get("response"), Mapping)
            and number(document, *_STARTED) is not None
        )

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a proxied request.

        Raises:
            NormalizeError: the document has no time or is nested too deeply.
        """
        document: Mapping[str, object] = document_of(record) or {}
        request, response = child(document, "request"), child(document, "response")
        event = call_event(timestamp_of(number(document, *_STARTED), context.zone, "started_at"))
        event |= _request(request)
        event |= response_status(response.get("status")) | endpoint("source", text(document, "client_ip"))
        event |= present(
            event__action=_named(document, "route"),
            event__duration=_nanoseconds(document),
            http__response__bytes=number(response, "size"),
            service__name=_named(document, "service"),
            fengsui__consumer__id=_consumer(document),
        )
        event |= _data(_headers(request), _headers(response))
        event |= body_fields(document)
        return carrier(record) | event | namespaced(without_bodies(document), "gateway.")


def _request(request: Mapping[str, object]) -> Event:
    headers = _headers(request)
    uri, url = text(request, "uri"), text(request, "url")
    event = request_target(uri or url or "/", text(headers, "host"))
    return event | present(
        url__full=url,
        http__request__method=text(request, "method"),
        http__request__bytes=number(request, "size"),
        http__request__id=text(request, "id") or text(headers, "x-request-id"),
        http__request__referrer=text(headers, "referer"),
        user_agent__original=text(headers, "user-agent"),
    )


def _data(request: Mapping[str, object], response: Mapping[str, object]) -> Event:
    return present(
        fengsui__data__resource=text(response, "x-resource-id") or text(request, "x-resource-id"),
        fengsui__data__records=number(response, "x-record-count", "x-total-count"),
        fengsui__purpose=text(request, "x-purpose"),
    )


def _headers(message: Mapping[str, object]) -> dict[str, object]:
    """Headers by lower-case name; the first of repeated ones."""
    headers = child(message, "headers").items()
    return {name.lower(): value[0] if isinstance(value, list) and value else value for name, value in headers}


def _consumer(document: Mapping[str, object]) -> str | None:
    consumer, entity = child(document, "consumer"), child(document, "authenticated_entity")
    return text(consumer, "custom_id", "username", "id") or text(document, "consumer_name") or text(entity, "id")


def _named(document: Mapping[str, object], what: str) -> str | None:
    return text(child(document, what), "name", "id") or text(document, f"{what}_id")


def _nanoseconds(document: Mapping[str, object]) -> int | None:
    latency = child(document, "latencies").get("request", document.get("latency"))
    return int(latency * 1_000_000) if isinstance(latency, int | float) and 0 <= latency < _LONGEST_MS else None
