"""Sends spans to a collector by OTLP; needs the SDK, which comes with the extra ``tracing``."""

from __future__ import annotations

from importlib.metadata import version

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from fengsui.monitoring.plain_spans import WithoutValues
from fengsui.monitoring.settings import MonitoringSettings

_EXPORT_SECONDS = 5


def exporting_provider(endpoint: str, settings: MonitoringSettings, process: str) -> TracerProvider:
    """Makes spans of a process that go to the collector at ``endpoint``, with the settings' certificates."""
    about = {"service.namespace": "fengsui", "service.name": f"fengsui-{process}"}
    provider = TracerProvider(resource=Resource.create({**about, "service.version": version("fengsui")}))
    provider.add_span_processor(BatchSpanProcessor(WithoutValues(_exporter(endpoint, settings))))
    return provider


def _exporter(endpoint: str, settings: MonitoringSettings) -> OTLPSpanExporter:
    tls, authorities = settings.tls, settings.tracing_authorities
    session = requests.Session()
    session.trust_env = False  # else authorities and proxies of the environment would go before those of the settings
    return OTLPSpanExporter(
        endpoint,
        certificate_file=str(authorities) if authorities else None,
        client_certificate_file=str(tls.certificate) if tls else None,
        client_key_file=str(tls.key) if tls else None,
        timeout=_EXPORT_SECONDS,
        session=session,
    )
