"""Traces, where the settings name a collector: spans of requests, batches, searches and playbook steps, by OTLP.

The parts make spans with OpenTelemetry's interface, which does nothing until this gives it the SDK behind it.
"""

from __future__ import annotations

from opentelemetry import trace

from fengsui.errors import FengsuiError
from fengsui.monitoring.settings import MonitoringSettings
from fengsui.readable_files import check_readable


def configure_tracing(settings: MonitoringSettings, process: str) -> None:
    """Send this process's spans to the collector of the settings; nothing without one.

    Raises:
        FengsuiError: the SDK is not installed, or a file of the TLS settings can't be read.
    """
    if settings.tracing_endpoint is None:
        return
    try:
        from fengsui.monitoring.span_export import exporting_provider  # noqa: PLC0415 (needs the extra)
    except ImportError as error:
        raise FengsuiError(
            "monitoring.tracing_endpoint is set, but what makes traces is not installed; "
            "pip install 'fengsui[tracing]', or remove the setting"
        ) from error
    tls = settings.tls
    check_readable(settings.tracing_authorities, *((tls.certificate, tls.key) if tls else ()))
    trace.set_tracer_provider(exporting_provider(str(settings.tracing_endpoint), settings, process))
