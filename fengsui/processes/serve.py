"""``serve``: the API and the console, reading what ``collect`` writes."""

from __future__ import annotations

from contextlib import closing
from zoneinfo import ZoneInfo

import uvicorn

from api.app import create_app
from api.dependencies import ApiDependencies, ApiSettings
from api.identity.openid import OpenIdProvider, OpenIdSettings
from fengsui.call_guard import call_guard
from fengsui.intelligence_rules import intelligence_rules
from fengsui.processes.foundation import (
    open_records,
    prepare_data_dir,
    secrets_key,
    signing_key,
    trail_trust,
)
from fengsui.rule_catalog import RuleCatalog
from fengsui.settings import Settings
from incidents import AttachmentFiles
from store import EmbeddedEventStore


def run_serve(settings: Settings) -> None:
    """Serve until told to end."""
    prepare_data_dir(settings)
    rules = RuleCatalog(settings.detection.rules)
    rules.follow_in_background()
    built_in = intelligence_rules()
    with closing(open_records(settings)) as records, closing(EmbeddedEventStore(settings.events_dir, "read")) as events:
        dependencies = ApiDependencies(
            records=records,
            events=events,
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
        )
        uvicorn.run(
            create_app(dependencies),
            host=settings.api.host,
            port=settings.api.port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=5,
        )


def _openid_provider(settings: Settings) -> OpenIdProvider | None:
    """The OpenID provider of the settings, None where there is none."""
    chosen = settings.api.openid
    return OpenIdProvider(OpenIdSettings(chosen.issuer, chosen.audience, chosen.keys)) if chosen else None
