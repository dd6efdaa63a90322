"""Which playbooks an alert calls for, by policy: proposed to people, or started by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import ChangedBy
from detection.alerts import Alert
from detection.alerts.models import AlertState
from events import now_ms
from incidents.models import Incident, IncidentAlert
from playbooks.cacao import Playbook
from playbooks.errors import PlaybookError
from playbooks.library import get_playbook
from playbooks.runs.models import Run
from playbooks.runs.starting import NewRun, start_run
from playbooks.runs.vocabulary import RunOrigin
from policies import load_policy
from registry import GrantState, UnitScope
from registry.models import ConsumerRecord, GrantRecord
from registry.registers import Editor
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)
_HOUR_MS = 3_600_000
_SYSTEM = Actor("system", "playbooks", "playbooks")
_AT_ONCE = 20
_RESOURCE = "fengsui.data.resource"


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseLabel(_Policy):
    """A name for people, in both languages."""

    zh: str
    en: str


class ResponsePolicy(_Policy):
    """One policy: which alerts, which playbook, proposed or automatic."""

    label: ResponseLabel
    rules: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    playbook: str
    mode: Literal["proposed", "automatic"]
    most_per_hour: int = Field(gt=0)
    variables: dict[str, str] = Field(default_factory=dict)

    def fits(self, alert: Alert) -> bool:
        """Whether an alert meets it; a policy that names nothing meets none."""
        named = (self.rules, {alert.rule_id}), (self.levels, {alert.level}), (self.tags, set(alert.tags))
        return any(wanted for wanted, _ in named) and all(not wanted or wanted & has for wanted, has in named)


class ResponsePolicies(_Policy):
    """All of ``policies/response``."""

    wait_for_incident_seconds: int = Field(ge=0)
    alerts_of_hours: int = Field(gt=0)
    policies: dict[str, ResponsePolicy]


@cache
def response_policies() -> ResponsePolicies:
    """The shipped policies."""
    return load_policy("response/data_flow.yml", ResponsePolicies)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A playbook that an alert calls for; ``run_id`` is its latest run for the alert, whoever started it."""

    playbook: Playbook
    variables: dict[str, str | None]
    run_id: str | None


def proposals(session: Session, alerts: Sequence[Alert]) -> list[Proposal]:
    """What policy proposes for some alerts of which the caller has seen that they may see them."""
    found = []
    for alert in alerts:
        for policy in response_policies().policies.values():
            if policy.fits(alert):
                playbook = get_playbook(session, policy.playbook).loaded.playbook
                runs = select(Run.id).where(Run.alert_id == alert.id, Run.playbook_id == playbook.id)
                started = session.scalar(runs.order_by(Run.started_ms.desc()).limit(1))
                found.append(Proposal(playbook, variables_for(session, alert, policy, playbook), started))
    return found


class AutomaticStarts:
    """Starts what policy lets start by itself; what can't be started is told once."""

    def __init__(self, records: RecordsDatabase) -> None:
        """Prepare; nothing starts before ``turn``."""
        self._records = records
        self._refused: set[tuple[str, str]] = set()

    def turn(self) -> int:
        """Start what is due; returns how many runs."""
        automatic = {name: each for name, each in response_policies().policies.items() if each.mode == "automatic"}
        with self._records.read() as session:
            due = [(name, alert.id) for name, policy in automatic.items() for alert in _waiting(session, name, policy)]
        return sum(self._start(name, alert_id) for name, alert_id in due if (name, alert_id) not in self._refused)

    def _start(self, name: str, alert_id: str) -> bool:
        editor = Editor(ChangedBy(_SYSTEM, now_ms()), UnitScope.everything())
        policy = response_policies().policies[name]
        try:
            with self._records.begin() as session:
                alert = session.get_one(Alert, alert_id)
                start_run(session, _new_run(session, name, policy, alert), editor)
        except PlaybookError as error:
            self._refused.add((name, alert_id))
            _log.warning("playbook not started", policy=name, alert=alert_id, reason=str(error))
            return False
        return True


def variables_for(session: Session, alert: Alert, policy: ResponsePolicy, playbook: Playbook) -> dict[str, str | None]:
    """What of an alert the playbook asks for."""
    entity = alert.entity
    consumer = session.get(ConsumerRecord, entity.get("fengsui.consumer.id", ""))
    known: dict[str, str | None] = {
        "__alert__": alert.id,
        "__consumer__": entity.get("fengsui.consumer.id"),
        "__account__": entity.get("gateway.account") or entity.get("fengsui.consumer.account"),
        "__resource__": entity.get("fengsui.data.resource"),
        "__unit__": consumer.unit_id if consumer else None,
        **policy.variables,
    }
    external = {name for name, each in playbook.playbook_variables.items() if each.external and not each.constant}
    return {name: value for name, value in known.items() if name in external and value is not None}


def _waiting(session: Session, name: str, policy: ResponsePolicy) -> list[Alert]:
    """New alerts that a policy starts a run for: their incident is there, or was waited for long enough."""
    limits, now = response_policies(), now_ms()
    since = now - limits.alerts_of_hours * _HOUR_MS
    lately = (Run.origin == RunOrigin.POLICY.value, Run.started_ms > now - _HOUR_MS)
    started = session.scalar(select(func.count()).select_from(Run).where(*lately, Run.trigger.startswith(f"{name}:")))
    free = policy.most_per_hour - (started or 0)
    linked = select(IncidentAlert.alert_id).where(IncidentAlert.is_linked)
    waited = now - limits.wait_for_incident_seconds * 1000
    query = select(Alert).where(
        Alert.created > since,
        Alert.state == AlertState.NEW.value,
        or_(Alert.silenced_until.is_(None), Alert.silenced_until <= now),
        or_(Alert.id.in_(linked), Alert.created <= waited),
        Alert.id.not_in(select(Run.alert_id).where(Run.alert_id.is_not(None), Run.trigger.startswith(f"{name}:"))),
    )
    if policy.rules:
        query = query.where(Alert.rule_id.in_(sorted(policy.rules)))
    if free <= 0:
        return []
    due = (alert for alert in session.scalars(query.order_by(Alert.created)) if policy.fits(alert))
    waiting = islice((alert for alert in due if not _is_answered(session, name, alert)), _AT_ONCE)
    return _first_of_incidents(session, list(waiting))[:free]


def _is_answered(session: Session, name: str, alert: Alert) -> bool:
    """Whether a run for another alert of its incident answers this alert too.

    It does unless the alert is about a grant to a resource that no such run was about: more to be done and approved.
    """
    incidents = select(IncidentAlert.incident_id).where(IncidentAlert.alert_id == alert.id, IncidentAlert.is_linked)
    of_them = select(Run).where(Run.incident_id.in_(incidents), Run.trigger.startswith(f"{name}:"))
    earlier = session.scalars(of_them).all()
    known = {run.variables.get("__resource__") for run in earlier}
    return bool(earlier) and (alert.entity.get(_RESOURCE) in known or not _holds_grant(session, alert))


def _first_of_incidents(session: Session, alerts: Sequence[Alert]) -> list[Alert]:
    """One alert of each incident, one about a grant before others; the rest waits until its run can be seen."""
    linked = select(IncidentAlert.alert_id, IncidentAlert.incident_id).where(
        IncidentAlert.alert_id.in_([alert.id for alert in alerts]), IncidentAlert.is_linked
    )
    incident_of = {row[0]: row[1] for row in session.execute(linked)}
    first: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda each: not _holds_grant(session, each)):
        first.setdefault(incident_of.get(alert.id, alert.id), alert)
    return list(first.values())


def _holds_grant(session: Session, alert: Alert) -> bool:
    """Whether the consumer of an alert may take its resource under an approved grant."""
    held = select(GrantRecord.id).where(
        GrantRecord.consumer_id == alert.entity.get("fengsui.consumer.id"),
        GrantRecord.resource_id == alert.entity.get(_RESOURCE),
        GrantRecord.state == GrantState.APPROVED.value,
    )
    return session.scalar(held.limit(1)) is not None


def _new_run(session: Session, name: str, policy: ResponsePolicy, alert: Alert) -> NewRun:
    playbook = get_playbook(session, policy.playbook).loaded.playbook
    linked = select(Incident).join(IncidentAlert, IncidentAlert.incident_id == Incident.id)
    wanted = (IncidentAlert.alert_id == alert.id, IncidentAlert.is_linked)
    incident = session.scalars(linked.where(*wanted).order_by(Incident.opened_ms.desc())).first()
    return NewRun(
        playbook_id=playbook.id,
        variables=variables_for(session, alert, policy, playbook),
        incident_id=incident.id if incident else None,
        alert_id=alert.id,
        unit_id=incident.unit_id if incident else None,
        origin=RunOrigin.POLICY,
        trigger=_trigger(name, alert),
    )


def _trigger(name: str, alert: Alert) -> str:
    return f"{name}:{alert.id}"
