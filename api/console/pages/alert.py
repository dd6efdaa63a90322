"""One alert: what happened, why the rule matched, what has been done, what to do now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.alert_events import load_alert, load_alert_events, load_alert_history
from api.alert_flow import alert_flow
from api.alert_query import alert_scope
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.formatting import url
from api.console.pages.queue import step_of
from api.console.query_text import all_of, clause
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies, RuleSummary
from api.incident_work import READ, scope_of
from detection.alerts import Alert, AlertState
from events import format_timestamp, now_ms
from incidents import Incident, count_similar, disposition_policy, triage
from incidents.repository.around import incidents_with
from registry.repository.names import system_names, unit_names

router = APIRouter(include_in_schema=False)
_EVENTS = 50


@router.get("/alerts/{alert_id}")
def show(
    request: Request,
    alert_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("alerts:read"))],
    cursor: str | None = None,
) -> Response:
    """The alert's page."""
    alert = load_alert(dependencies, alert_id, caller)
    may_read_events = caller.principal is not None and caller.principal.may("events:read")
    page = load_alert_events(dependencies, alert_id, _EVENTS, cursor) if may_read_events else None
    context = {
        "active": "queue",
        "alert": alert,
        "rule": _rule_of(dependencies, alert),
        "page": page,
        "flow": alert_flow(dependencies, alert_id, caller),
        "words": DataWords(language_of(request)),
        "search_url": _search_url(alert),
        "entity": _pivots(alert, may_read_events=may_read_events),
        "silenced": alert.state == AlertState.NEW and (alert.silenced_until or 0) > now_ms(),
        "dispositions": disposition_policy().dispositions,
        "incidents": _incidents(dependencies, alert_id, caller),
    }
    return render(request, "alert.html", context | _history(dependencies, alert, caller))


@router.post("/alerts/{alert_id}")
def act(
    alert_id: str,
    dependencies: Dependencies,
    form: Form,
    caller: Annotated[Caller, Depends(Requires("alerts:triage", form=True))],
) -> Response:
    """One step with the alert."""
    step = step_of(form)
    with dependencies.records.begin() as session:
        alert = triage(session, alert_id, step, caller.as_triager())
    return redirect(f"/alerts/{alert.id}", f"alert_{step.kind}")


def _incidents(dependencies: ApiDependencies, alert_id: str, caller: Caller) -> list[Incident]:
    if caller.principal is None or not caller.principal.may(READ):
        return []
    with dependencies.records.read() as session:
        return incidents_with(session, scope_of(caller, READ), alert_id)


def _rule_of(dependencies: ApiDependencies, alert: Alert) -> RuleSummary | None:
    return next((rule for rule in dependencies.rules() if rule.id == alert.rule_id), None)


def _history(dependencies: ApiDependencies, alert: Alert, caller: Caller) -> dict[str, Any]:
    with dependencies.records.read() as session:
        similar = count_similar(session, alert_scope(caller), alert)
        units = unit_names(session, [alert.unit_id] if alert.unit_id else [])
        systems = system_names(session, [alert.system_id] if alert.system_id else [])
    return {
        "transitions": load_alert_history(dependencies, alert, caller),
        "similar": similar,
        "similar_total": sum(similar.values()),
        "similar_closed": sum(number for disposition, number in similar.items() if disposition),
        "unit": units.get(alert.unit_id or "", alert.unit_id),
        "system": systems.get(alert.system_id or "", alert.system_id),
    }


def _pivots(alert: Alert, *, may_read_events: bool) -> list[dict[str, str]]:
    """Each value of the alert's entity with the ways on from it: its other alerts, its events since the alert began."""
    since = format_timestamp(alert.first_seen)
    return [
        {
            "name": name,
            "value": value,
            "alerts": url("/alerts", entity=f"{name}={value}", state=[each.value for each in AlertState]),
            "events": url("/search", q=clause(name, value), from_=since) if may_read_events else "",
        }
        for name, value in alert.entity.items()
    ]


def _search_url(alert: Alert) -> str:
    """The log search over just the alert's entities and span of time."""
    fields = dict(alert.entity) | ({"event.dataset": alert.dataset} if alert.dataset else {})
    start, end = format_timestamp(alert.first_seen), format_timestamp(alert.last_seen + 1)
    return url("/search", q=all_of(fields), from_=start, to=end)
