"""What of a span leaves the process: names, times, counts; never a value, whichever library made the span."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

_OWN = "fengsui."
_KNOWN = frozenset(
    {
        "db.operation.name",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
    }
)
"""Attributes of the semantic conventions that hold no value of a request, a record or a query."""


class WithoutValues(SpanExporter):
    """Hands spans on with what is known to be harmless.

    Paths, queries and addresses are left out, and so are events and the words of a status, which hold the texts of
    exceptions.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        """Wrap the exporter that sends."""
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what may be sent."""
        return self._exporter.export([_plain(span) for span in spans])

    def shutdown(self) -> None:
        """End."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._exporter.force_flush(timeout_millis)


def _plain(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_harmless(span),
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _harmless(span: ReadableSpan) -> dict[str, AttributeValue]:
    attributes = span.attributes or {}
    found = {name: value for name, value in attributes.items() if name in _KNOWN or name.startswith(_OWN)}
    for event in span.events:
        if event.name == "exception" and event.attributes:
            found.setdefault("error.type", event.attributes["exception.type"])
    return found
