"""``serve``: the API and the console, reading what ``collect`` writes."""

from __future__ import annotations

from contextlib import closing
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.dependencies import ApiDependencies, ApiSettings
from api.identity.openid import OpenIdProvider, OpenIdSettings
from fengsui.call_guard import call_guard
from fengsui.event_store import open_store
from fengsui.intelligence_rules import intelligence_rules
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.process import process_figures
from fengsui.monitoring.readiness import check_surroundings
from fengsui.monitoring.records_figures import RecordsFigures
from fengsui.monitoring.tracing import configure_tracing
from fengsui.processes.foundation import (
    open_records,
    prepare_data_dir,
    secrets_key,
    signing_key,
    trail_trust,
)
from fengsui.readable_files import check_readable
from fengsui.rule_catalog import RuleCatalog
from fengsui.settings import ApiSettings as ApiSection
from fengsui.settings import Settings
from incidents import AttachmentFiles


def run_serve(settings: Settings) -> None:
    """Serve until told to end.

    Raises:
        FengsuiError: the certificate or its key can't be read.
    """
    tls = settings.api.tls
    check_readable(*((tls.certificate, tls.key) if tls else ()))
    configure_logs(settings.monitoring, "serve")
    configure_tracing(settings.monitoring, "serve")
    prepare_data_dir(settings)
    figures = process_figures(settings, "serve")
    rules = RuleCatalog(settings.detection.rules)
    rules.follow_in_background()
    built_in = intelligence_rules()
    with closing(open_records(settings)) as records, closing(open_store(settings)) as events:
        measured = MeasuredEventStore(events, figures)
        figures.register(RecordsFigures(records, measured))
        dependencies = ApiDependencies(
            records=records,
            events=measured,
            secret_key=signing_key(settings),
            trust=trail_trust(settings),
            provider=_openid_provider(settings),
            secrets_key=secrets_key(settings),
            scan_limits=settings.scan_limits,
            call_guard=call_guard(settings),
            attachments=AttachmentFiles(settings.attachments_dir),
            rules=lambda: [*rules.summaries(), *built_in],
            loaded_rules=rules.rules,
            correlations=rules.correlations,
            settings=ApiSettings(secure_cookies=settings.api.secure_cookies, time_zone=ZoneInfo(settings.api.timezone)),
            readiness=check_surroundings(settings),
            figures=figures,
        )
        _listen(create_app(dependencies), settings.api)


def _listen(application: FastAPI, settings: ApiSection) -> None:
    tls = settings.tls
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        log_config=None,
        access_log=False,  # ``api.request_figures`` logs requests, without their values
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _openid_provider(settings: Settings) -> OpenIdProvider | None:
    """The OpenID provider of the settings, None where there is none."""
    chosen = settings.api.openid
    return OpenIdProvider(OpenIdSettings(chosen.issuer, chosen.audience, chosen.keys)) if chosen else None
