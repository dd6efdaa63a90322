"""Opens incidents from alerts and lets further alerts join them; a flood of alerts makes no flood of incidents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import ChangedBy
from detection.alerts import Alert, AlertState, is_silenced
from incidents.flow import STEPS
from incidents.models import Incident, IncidentAlert
from incidents.opening.parties import Parties, parties_of
from incidents.opening.policy import OpeningRule, opening_policy
from incidents.response.affected import affect
from incidents.response.links import attach_alerts
from incidents.response.opening import NewIncident, open_incident
from incidents.vocabulary import IncidentSource
from registry import UnitScope
from registry.models import SystemRecord, UnitRecord
from registry.registers import Editor
from store.records import RecordsDatabase

_RULES = Actor("system", "incidents", "system")
_MS_PER_HOUR = 3_600_000
_OPEN = tuple(step.value for step in STEPS)
_SETTLING_MS = 60_000
"""Alerts appear with their transaction, so a later look goes back this far."""


class IncidentOpening:
    """Looks at new alerts, round by round."""

    def __init__(self, records: RecordsDatabase) -> None:
        """Begin with the alerts that policy finds young enough."""
        self._records = records
        self._after = 0

    def turn(self, now: int) -> list[str]:
        """Open or fill incidents; returns the ids of those that were opened."""
        since = max(min(self._after, now - _SETTLING_MS), now - opening_policy().lookback_ms)
        with self._records.read() as session:
            waiting = [alert.id for alert in _candidates(session, since, now)]
        if not waiting:
            self._after = now - _SETTLING_MS
            return []
        with self._records.begin() as session:
            opened = open_from_alerts(session, waiting, now)
        if opened:
            self._after = 0  # what came before an incident, and opened none itself, may join it now
        return opened


def open_from_alerts(session: Session, alert_ids: Sequence[str], now: int) -> list[str]:
    """Let these alerts open or join incidents, where a rule fits; returns the ids of the incidents that were opened."""
    editor = Editor(ChangedBy(_RULES, now), UnitScope.everything())
    new: list[str] = []
    alerts = session.scalars(select(Alert).where(Alert.id.in_(alert_ids)).order_by(Alert.created, Alert.id)).all()
    opened = _last_opened(session)
    for alert in alerts:
        taken = None if _is_known(session, alert.id) else _taken(session, alert, opened, now)
        incident_id = _join_or_open(session, taken, editor) if taken else None
        if incident_id:
            new.append(incident_id)
            opened = _last_opened(session)
    return new


def _candidates(session: Session, since: int, now: int) -> list[Alert]:
    """Alerts that a rule takes and that no incident ever had; those that open none only while theirs is open."""
    policy = opening_policy()
    statement = select(Alert).where(
        Alert.created >= since,
        Alert.severity >= policy.severity_at_least,
        Alert.state != AlertState.CLOSED,
        not_(is_silenced(now)),
        ~select(IncidentAlert.alert_id).where(IncidentAlert.alert_id == Alert.id).exists(),
    )
    found: list[Alert] = []
    opened = _last_opened(session)
    for alert in session.scalars(statement.order_by(Alert.created, Alert.id)):
        if _taken(session, alert, opened, now) is not None:
            found.append(alert)
        if len(found) == policy.at_once:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Taken:
    """An alert that a rule takes, with those it is about."""

    alert: Alert
    rule: OpeningRule
    parties: Parties

    @property
    def key(self) -> str:
        """Under which its incident is found again."""
        if self.rule.group_by_consumer and self.parties.consumer_id is not None:
            return _key(self.rule.id, f"consumer={self.parties.consumer_id}")
        entity = self.alert.entity
        return _key(self.rule.id, *(f"{name}={entity[name]}" for name in self.rule.group_by if name in entity))


def _taken(session: Session, alert: Alert, opened: Mapping[str | None, int], now: int) -> _Taken | None:
    """An alert with the first rule by which it opens an incident, or joins one that is open."""
    rules = opening_policy().rules_for(alert)
    parties = _parties(session, alert) if rules else Parties()
    for taken in (_Taken(alert, rule, parties) for rule in rules):
        if taken.rule.opens(alert) or opened.get(taken.key, 0) >= now - taken.rule.join_ms:
            return taken
    return None


def _parties(session: Session, alert: Alert) -> Parties:
    named = parties_of(session, alert.entity, opening_policy().parties)
    return named.or_else(_parties_of_events(session, alert))


def _last_opened(session: Session) -> dict[str | None, int]:
    """When the latest open incident of each key was opened."""
    of_key = select(Incident.group_key, func.max(Incident.opened_ms)).where(Incident.state.in_(_OPEN))
    return {row[0]: row[1] for row in session.execute(of_key.group_by(Incident.group_key))}


def _is_known(session: Session, alert_id: str) -> bool:
    return session.scalar(select(IncidentAlert.alert_id).where(IncidentAlert.alert_id == alert_id).limit(1)) is not None


def _join_or_open(session: Session, taken: _Taken, editor: Editor) -> str | None:
    alert, rule, parties = taken.alert, taken.rule, taken.parties
    key, now = taken.key, editor.by.at_ms
    incident = _open_one(session, key, now - rule.join_ms)
    if incident is None and not rule.opens(alert):
        return None
    if incident is None and _opened_lately(session, rule, now) >= rule.hourly_maximum:
        key = _key(rule.id, "collected")
        incident = _open_one(session, key, now - _MS_PER_HOUR)
    if incident is not None:
        attach_alerts(session, incident, [alert.id], editor)
        affect(session, incident, parties.system_id, editor)
        return None
    new = NewIncident(
        title=f"{rule.title.zh} / {rule.title.en}: {alert.rule_title}"[:255],
        class_code=rule.class_code,
        subclass_code=rule.subclass_code,
        unit_id=parties.unit_id,
        system_id=parties.system_id,
        source=IncidentSource.RULE,
        facts=rule.facts,
        alert_ids=(alert.id,),
        group_key=key,
    )
    return open_incident(session, new, editor).id


def _parties_of_events(session: Session, alert: Alert) -> Parties:
    """The unit and the system that an alert's events have in common, as far as they are registered still."""
    unit = session.get(UnitRecord, alert.unit_id) if alert.unit_id else None
    system = session.get(SystemRecord, alert.system_id) if alert.system_id else None
    return Parties(unit.id if unit else None, system.id if system else None)


def _open_one(session: Session, key: str, since: int) -> Incident | None:
    of_it = (Incident.group_key == key, Incident.opened_ms >= since, Incident.state.in_(_OPEN))
    return session.scalar(select(Incident).where(*of_it).order_by(Incident.opened_ms.desc()).limit(1).with_for_update())


def _opened_lately(session: Session, rule: OpeningRule, now: int) -> int:
    of_it = (Incident.group_key.startswith(f"{rule.id}:", autoescape=True), Incident.opened_ms > now - _MS_PER_HOUR)
    return session.scalar(select(func.count()).where(*of_it)) or 0


def _key(rule_id: str, *parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12)
    return f"{rule_id}:{digest.hexdigest()}"
