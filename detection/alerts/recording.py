"""Matches become alert rows: bulk, exact and the same however often they are replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import String, Table, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from detection.alerts.models import (
    Alert,
    AlertEntity,
    AlertEvent,
    AlertState,
    AlertTransition,
    Disposition,
)
from store.records.database import Base

SYSTEM_ACTOR = "system"
_KEPT_CLOSED = (Disposition.FALSE_POSITIVE.value, Disposition.BENIGN.value)
_IDS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class AlertUpdate:
    """The matches of one batch that belong to one alert.

    ``events`` holds (event id, event time in ms), each id once; the alert's sample is that of the earliest event.
    ``unit_id`` and ``system_id`` are what all the events have in common.
    """

    alert_id: str
    rule_id: str
    rule_title: str
    level: str
    severity: int
    tags: list[str]
    technique_ids: list[str]
    dataset: str
    entity: dict[str, str]
    matched_fields: list[dict[str, str | None]]
    events: list[tuple[str, int]]
    unit_id: str | None = None
    system_id: str | None = None


@dataclass(frozen=True, slots=True)
class AlertChange:
    """What recording did to one alert: how many events were new to it."""

    alert_id: str
    added: int
    created: bool
    reopened: bool


def record_matches(session: Session, updates: Sequence[AlertUpdate], now_ms: int) -> list[AlertChange]:
    """Write a batch of alert updates within the caller's transaction; returns the alerts that changed.

    Events already counted change nothing. A repeat on a closed alert reopens it, unless it was closed as false
    positive or benign.
    """
    if not updates:
        return []
    created = _insert(session, Alert, [_alert_row(each, now_ms) for each in updates], Alert.id)
    _insert_entities(session, updates, created)
    added = Counter(_insert(session, AlertEvent, _event_rows(updates), AlertEvent.alert_id))
    changed = [each for each in updates if added[each.alert_id]]
    if not changed:
        return []
    _extend(session, changed, added, now_ms)
    new = set(created)
    reopened = _reopen(session, [each.alert_id for each in changed if each.alert_id not in new], now_ms)
    return [AlertChange(e.alert_id, added[e.alert_id], e.alert_id in new, e.alert_id in reopened) for e in changed]


def _alert_row(change: AlertUpdate, now_ms: int) -> dict[str, object]:
    event_id, time = min(change.events, key=_by_time)
    return {
        "id": change.alert_id,
        "rule_id": change.rule_id,
        "rule_title": change.rule_title,
        "level": change.level,
        "severity": change.severity,
        "tags": change.tags,
        "technique_ids": change.technique_ids,
        "dataset": change.dataset,
        "entity": change.entity,
        "unit_id": change.unit_id,
        "system_id": change.system_id,
        "first_seen": time,
        "last_seen": time,
        "created": now_ms,
        "updated": now_ms,
        "count": 0,
        "state": AlertState.NEW.value,
        "first_event_id": event_id,
        "matched_fields": change.matched_fields,
    }


def _event_rows(updates: Iterable[AlertUpdate]) -> list[dict[str, object]]:
    return [
        {"alert_id": each.alert_id, "event_id": event_id, "time": time}
        for each in updates
        for event_id, time in each.events
    ]


def _by_time(event: tuple[str, int]) -> tuple[int, str]:
    return event[1], event[0]


def _insert(session: Session, table: type[Base], rows: Sequence[Mapping[str, object]], returned: Any) -> list[str]:  # noqa: ANN401 (a mapped column)
    """Insert what is not there yet; returns one value for each row that was really inserted."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing().returning(returned)
    return list(session.scalars(statement, rows)) if rows else []


def _insert_entities(session: Session, updates: Iterable[AlertUpdate], created: Iterable[str]) -> None:
    new = set(created)
    rows = [
        {"alert_id": each.alert_id, "name": name, "value": value}
        for each in updates
        if each.alert_id in new
        for name, value in each.entity.items()
    ]
    _insert(session, AlertEntity, rows, AlertEntity.alert_id)


def _extend(session: Session, changed: Sequence[AlertUpdate], added: Mapping[str, int], now_ms: int) -> None:
    """Add the counts, widen the span of time, take an earlier event's sample over, keep what all have in common."""
    table = cast("Table", Alert.__table__)
    earlier = (bindparam("earliest") < table.c.first_seen) | (
        (bindparam("earliest") == table.c.first_seen) & (bindparam("earliest_id") < table.c.first_event_id)
    )
    statement = (
        update(table)
        .where(table.c.id == bindparam("alert"))
        .values(
            count=table.c.count + bindparam("added"),
            updated=now_ms,
            last_seen=case((bindparam("latest") > table.c.last_seen, bindparam("latest")), else_=table.c.last_seen),
            first_seen=case((earlier, bindparam("earliest")), else_=table.c.first_seen),
            first_event_id=case((earlier, bindparam("earliest_id")), else_=table.c.first_event_id),
            dataset=case((earlier, bindparam("from_dataset")), else_=table.c.dataset),
            unit_id=case((table.c.unit_id == bindparam("unit", type_=String), table.c.unit_id), else_=None),
            system_id=case((table.c.system_id == bindparam("system", type_=String), table.c.system_id), else_=None),
            matched_fields=case(
                (earlier, bindparam("sample", type_=table.c.matched_fields.type)), else_=table.c.matched_fields
            ),
        )
    )
    session.connection().execute(statement, [_extension(each, added[each.alert_id]) for each in changed])


def _extension(change: AlertUpdate, added: int) -> dict[str, object]:
    earliest_id, earliest = min(change.events, key=_by_time)
    return {
        "alert": change.alert_id,
        "added": added,
        "earliest": earliest,
        "earliest_id": earliest_id,
        "latest": max(time for _, time in change.events),
        "from_dataset": change.dataset,
        "unit": change.unit_id,
        "system": change.system_id,
        "sample": change.matched_fields,
    }


def _reopen(session: Session, alert_ids: Sequence[str], now_ms: int) -> set[str]:
    closed: list[str] = []
    for start in range(0, len(alert_ids), _IDS_A_QUERY):
        closed += session.scalars(
            select(Alert.id).where(
                Alert.id.in_(alert_ids[start : start + _IDS_A_QUERY]),
                Alert.state == AlertState.CLOSED.value,
                Alert.disposition.not_in(_KEPT_CLOSED),
            )
        )
    for alert_id in closed:
        session.execute(update(Alert).where(Alert.id == alert_id).values(state=AlertState.NEW.value, disposition=None))
        session.add(
            AlertTransition(
                alert_id=alert_id,
                at=now_ms,
                from_state=AlertState.CLOSED.value,
                to_state=AlertState.NEW.value,
                actor=SYSTEM_ACTOR,
                reason="the rule matched again",
            )
        )
    session.flush()
    return set(closed)
