"""Traces, where the settings name a collector: spans of requests, batches, searches and playbook steps, by OTLP.

The parts make spans with OpenTelemetry's interface, which does nothing until this gives it the SDK behind it.
"""

from __future__ import annotations

from importlib.metadata import version

from opentelemetry import trace

from fengsui.errors import FengsuiError
from fengsui.monitoring.settings import MonitoringSettings

_EXPORT_SECONDS = 5


def configure_tracing(settings: MonitoringSettings, process: str) -> None:
    """Send this process's spans to the collector of the settings; nothing without one.

    Raises:
        FengsuiError: the SDK is not installed, or a file of the TLS settings can't be read.
    """
    endpoint = settings.tracing_endpoint
    if endpoint is None:
        return
    try:
        import requests  # noqa: PLC0415 (comes with the extra)
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (an extra)
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (an extra)
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 (an extra)
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 (an extra)

        from fengsui.monitoring.plain_spans import WithoutValues  # noqa: PLC0415 (needs the extra)
    except ImportError as error:
        raise FengsuiError(
            "monitoring.tracing_endpoint is set, but what makes traces is not installed; "
            "pip install 'fengsui[tracing]', or remove the setting"
        ) from error
    _check_files(settings)
    tls, authorities = settings.tls, settings.tracing_authorities
    session = requests.Session()
    session.trust_env = False  # else authorities and proxies of the environment would go before those of the settings
    exporter = OTLPSpanExporter(
        str(endpoint),
        certificate_file=str(authorities) if authorities else None,
        client_certificate_file=str(tls.certificate) if tls else None,
        client_key_file=str(tls.key) if tls else None,
        timeout=_EXPORT_SECONDS,
        session=session,
    )
    about = {"service.namespace": "fengsui", "service.name": f"fengsui-{process}"}
    provider = TracerProvider(resource=Resource.create({**about, "service.version": version("fengsui")}))
    provider.add_span_processor(BatchSpanProcessor(WithoutValues(exporter)))
    trace.set_tracer_provider(provider)


def _check_files(settings: MonitoringSettings) -> None:
    tls = settings.tls
    for file in (settings.tracing_authorities, *((tls.certificate, tls.key) if tls else ())):
        if file is None:
            continue
        try:
            file.open("rb").close()
        except OSError as error:
            raise FengsuiError(f"{file}: {error.strerror}; give this user the file, or mend the setting") from error
