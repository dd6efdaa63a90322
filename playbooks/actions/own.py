"""Fengsui's own commands within its records; each happens in the transaction that writes down that it happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from incidents import (
    IncidentError,
    IncidentSource,
    NewIncident,
    NewNotice,
    NoticeSource,
    issue_notice,
    open_incident,
)
from playbooks.actions.contract import Acting, text_parameter
from playbooks.errors import ActionError
from registry import RegistryError
from registry.grants import GRANTS, GrantStep, move_grant, steps_from
from registry.models import GrantRecord
from registry.vocabulary import GrantState

_HOUR_MS = 3_600_000

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """``resolve`` turns parameters into exactly what will be done; ``carry_out`` does it and says what came of it."""

    resolve: Callable[[Acting, Parameters], dict[str, Any]]
    carry_out: Callable[[Acting, Parameters], dict[str, str]]


def _resolve_grants(acting: Acting, parameters: Parameters) -> dict[str, Any]:
    """The grants meant that can take the step: one by its id, or all of a consumer, or those for one resource."""
    step = parameters.get("step", GrantStep.REVOKE.value)
    if step not in {GrantStep.REVOKE.value, GrantStep.SUSPEND.value}:
        raise ActionError("parameters.step: revoke or suspend")
    query = select(GrantRecord.id).where(
        GRANTS.visible(acting.editor.scope), GrantRecord.state.in_(_states_before(GrantStep(step)))
    )
    named = {
        column: str(parameters[name])
        for name, column in (("grant", "id"), ("consumer", "consumer_id"), ("resource", "resource_id"))
        if parameters.get(name)
    }
    if not {"id", "consumer_id"} & set(named):
        raise ActionError("parameters: name a grant or a consumer")
    found = acting.session.scalars(query.filter_by(**named).order_by(GrantRecord.id)).all()
    reason = text_parameter(parameters, "reason", "revoked by a playbook")
    return {
        "grants": list(found),
        "reason": reason,
        "step": step,
        **{f"by_{name}": item for name, item in named.items()},
    }


def _states_before(step: GrantStep) -> list[str]:
    return [state.value for state in GrantState if step in steps_from(state)]


def _move_grants(acting: Acting, payload: Parameters) -> dict[str, str]:
    """Grants that someone else suspended or revoked since the plan was approved need nothing more."""
    step = GrantStep(payload["step"])
    still = select(GrantRecord.id).where(
        GrantRecord.id.in_(payload["grants"]), GrantRecord.state.in_(_states_before(step))
    )
    moved = acting.session.scalars(still.order_by(GrantRecord.id)).all()
    for grant_id in moved:
        move_grant(acting.session, grant_id, step, acting.editor, payload["reason"])
    return {"grants": " ".join(moved), "count": str(len(moved))}


def _resolve_key(_acting: Acting, parameters: Parameters) -> dict[str, Any]:
    return {"api_key": text_parameter(parameters, "api_key")}


def _suspend_key(acting: Acting, payload: Parameters) -> dict[str, str]:
    suspend = acting.ports.suspend_api_key
    if suspend is None:
        raise ActionError("API keys can't be suspended from here; run the work process with the API's accounts")
    suspend(acting.session, payload["api_key"], acting.editor.by)
    return {"api_key": payload["api_key"]}


def _resolve_incident(_acting: Acting, parameters: Parameters) -> dict[str, Any]:
    optional = {name: str(parameters[name]) for name in ("subclass", "unit", "system", "alert") if parameters.get(name)}
    return {
        "title": text_parameter(parameters, "title"),
        "class": text_parameter(parameters, "class"),
        "summary": str(parameters.get("summary", "")),
        **optional,
    }


def _open_incident(acting: Acting, payload: Parameters) -> dict[str, str]:
    new = NewIncident(
        title=payload["title"],
        class_code=payload["class"],
        subclass_code=payload.get("subclass"),
        summary=payload["summary"],
        unit_id=payload.get("unit"),
        system_id=payload.get("system"),
        source=IncidentSource.PLAYBOOK,
        alert_ids=(payload["alert"],) if "alert" in payload else (),
    )
    incident = open_incident(acting.session, new, acting.editor)
    return {"incident_id": incident.id, "number": str(incident.number)}


def _resolve_notice(acting: Acting, parameters: Parameters) -> dict[str, Any]:
    try:
        hours = int(parameters.get("deadline_hours", 72))
    except (TypeError, ValueError) as error:
        raise ActionError("parameters.deadline_hours: a whole number of hours") from error
    return {
        "unit": text_parameter(parameters, "unit"),
        "title": text_parameter(parameters, "title"),
        "demand": text_parameter(parameters, "demand"),
        "deadline_hours": hours,
        "incident": str(parameters.get("incident") or acting.incident_id or ""),
    }


def _issue_notice(acting: Acting, payload: Parameters) -> dict[str, str]:
    new = NewNotice(
        unit_id=payload["unit"],
        title=payload["title"],
        demand=payload["demand"],
        deadline_ms=acting.editor.by.at_ms + payload["deadline_hours"] * _HOUR_MS,
        incident_id=payload["incident"] or None,
        source=NoticeSource.PLAYBOOK,
        reference=acting.run_id,
    )
    notice = issue_notice(acting.session, new, acting.editor)
    return {"notice_id": notice.id, "number": str(notice.number)}


OWN_COMMANDS: dict[str, OwnCommand] = {
    "fengsui-revoke-grant": OwnCommand(_resolve_grants, _move_grants),
    "fengsui-suspend-api-key": OwnCommand(_resolve_key, _suspend_key),
    "fengsui-open-incident": OwnCommand(_resolve_incident, _open_incident),
    "fengsui-send-notice": OwnCommand(_resolve_notice, _issue_notice),
}
REFUSALS = (ActionError, IncidentError, RegistryError)
"""What an own command may raise: it did not happen, and the text says why."""
