"""The routes of the HTTP API, one module a resource."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    account,
    alert_stream,
    alerts,
    api_keys,
    audit_records,
    classification,
    correlations,
    coverage,
    dead_letters,
    events,
    exceptions,
    findings,
    health,
    incident_details,
    incidents,
    indicators,
    notices,
    performance,
    registry,
    rule_insight,
    rules,
    scans,
    sessions,
    silences,
    sources,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    sessions.router,
    account.router,
    alert_stream.router,
    alerts.router,
    incidents.router,
    incident_details.router,
    notices.router,
    performance.router,
    events.router,
    dead_letters.router,
    sources.router,
    rules.router,
    rule_insight.router,
    correlations.router,
    coverage.router,
    exceptions.router,
    silences.router,
    indicators.router,
    *registry.ROUTERS,
    findings.router,
    scans.router,
    classification.router,
    audit_records.router,
    api_keys.router,
    users.router,
    health.router,
)

__all__ = ["ROUTERS"]
