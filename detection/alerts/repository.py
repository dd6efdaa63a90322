"""All reading of alerts: lists, counts, histograms, events, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from detection.alerts.models import Alert, AlertEntity, AlertEvent, AlertState, AlertTransition
from events import now_ms
from registry import UnitScope
from registry.repository.scoping import within

Sort = Literal["severity", "last_seen"]
Cursor = tuple[int, int, str]
"""(severity, last_seen, id) of the last alert of a page."""
CountedBy = Literal["state", "level", "rule_id", "disposition", "assignee", "dataset"]

SilencedChoice = Literal["any", "hide", "only"]
"""What becomes of alerts that a silence keeps out of the queue at this moment."""

_Statement = TypeVar("_Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: every condition that is set must hold; an empty sequence sets none.

    Attributes:
        entity: a value of any entity field, in full (``host-7``), or ``name=value`` (``host.name=host-7``).
        start_ms, end_ms: alerts with events within this half-open range (by first and last event).
        text: part of the rule's title or of an entity's value, in any case.
        silenced: whether alerts that are silenced at this moment are listed, or only they are.
        silence_id: alerts that this silence has silenced, whether it still lasts or not.
        unit_id, system_id: alerts of this unit alone, of this system.
    """

    states: Sequence[str] = ()
    levels: Sequence[str] = ()
    rule_ids: Sequence[str] = ()
    assignees: Sequence[str] = ()
    dispositions: Sequence[str] = ()
    entity: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    text: str | None = None
    silenced: SilencedChoice = "any"
    silence_id: str | None = None
    unit_id: str | None = None
    system_id: str | None = None


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One page of alerts; ``next_cursor`` is None at the end."""

    alerts: list[Alert]
    next_cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class HistogramBucket:
    """Alerts by level whose latest event lies in [start_ms, start_ms + interval)."""

    start_ms: int
    levels: dict[str, int] = field(default_factory=dict)


def visible_alert(scope: UnitScope) -> ColumnElement[bool]:
    """Whether an alert is of a unit of the scope; what is of no unit is for those who see everything."""
    return within(scope, Alert.unit_id)


def list_alerts(  # noqa: PLR0913 (whose, which, in which order and how many are each their own fact)
    session: Session,
    scope: UnitScope,
    criteria: AlertFilter,
    *,
    sort: Sort = "severity",
    limit: int = 50,
    cursor: Cursor | None = None,
) -> AlertPage:
    """One page of the alerts, the most severe (or latest) first; stable while alerts don't change."""
    order = (Alert.severity, Alert.last_seen, Alert.id) if sort == "severity" else (Alert.last_seen, Alert.id)
    statement = _narrow(select(Alert), scope, criteria).order_by(*(column.desc() for column in order)).limit(limit + 1)
    if cursor is not None:
        statement = statement.where(tuple_(*order) < tuple_(*cursor[-len(order) :]))
    alerts = list(session.scalars(statement))
    more = len(alerts) > limit
    page = alerts[:limit]
    return AlertPage(page, (page[-1].severity, page[-1].last_seen, page[-1].id) if more else None)


def get_alert(session: Session, scope: UnitScope, alert_id: str) -> Alert | None:
    """The alert with this id, if the scope shows it."""
    return session.scalar(select(Alert).where(Alert.id == alert_id, visible_alert(scope)))


def counts(session: Session, scope: UnitScope, criteria: AlertFilter, by: CountedBy) -> dict[str, int]:
    """How many of the alerts have each value of a column; an unset value counts as ``""``."""
    column = getattr(Alert, by)
    rows = session.execute(_narrow(select(column, func.count()), scope, criteria).group_by(column))
    return {value or "": number for value, number in rows}


def histogram(session: Session, scope: UnitScope, criteria: AlertFilter, interval_ms: int) -> list[HistogramBucket]:
    """Alerts by level over the time of their latest event; empty buckets are left out, oldest first."""
    bucket = (Alert.last_seen - Alert.last_seen % interval_ms).label("bucket")
    counted = select(bucket, Alert.level, func.count())
    statement = _narrow(counted, scope, criteria).group_by(bucket, Alert.level)
    buckets: dict[int, HistogramBucket] = {}
    for start, level, number in session.execute(statement.order_by(bucket)):
        buckets.setdefault(start, HistogramBucket(start)).levels[level] = number
    return list(buckets.values())


def alert_event_ids(
    session: Session, alert_id: str, *, limit: int = 100, after: tuple[int, str] | None = None
) -> list[tuple[int, str]]:
    """(event time in ms, event id) of an alert's events, oldest first, from after the given one."""
    statement = select(AlertEvent.time, AlertEvent.event_id).where(AlertEvent.alert_id == alert_id)
    if after is not None:
        statement = statement.where(tuple_(AlertEvent.time, AlertEvent.event_id) > tuple_(*after))
    rows = session.execute(statement.order_by(AlertEvent.time, AlertEvent.event_id).limit(limit))
    return [(time, event_id) for time, event_id in rows]


def alert_transitions(session: Session, alert_id: str) -> list[AlertTransition]:
    """The history of an alert, oldest first."""
    statement = select(AlertTransition).where(AlertTransition.alert_id == alert_id).order_by(AlertTransition.id)
    return list(session.scalars(statement))


def _narrow(statement: _Statement, scope: UnitScope, criteria: AlertFilter) -> _Statement:
    statement = statement.where(visible_alert(scope))
    for column, values in (
        (Alert.state, criteria.states),
        (Alert.level, criteria.levels),
        (Alert.rule_id, criteria.rule_ids),
        (Alert.assignee, criteria.assignees),
        (Alert.disposition, criteria.dispositions),
    ):
        if values:
            statement = statement.where(column.in_(list(values)))
    if criteria.start_ms is not None:
        statement = statement.where(Alert.last_seen >= criteria.start_ms)
    if criteria.end_ms is not None:
        statement = statement.where(Alert.first_seen < criteria.end_ms)
    if criteria.entity:
        statement = statement.where(_has_entity(criteria.entity))
    if criteria.text:
        statement = statement.where(_has_text(criteria.text))
    if criteria.silenced != "any":
        wanted = is_silenced(now_ms())
        statement = statement.where(wanted if criteria.silenced == "only" else not_(wanted))
    for column, value in (
        (Alert.silence_id, criteria.silence_id),
        (Alert.unit_id, criteria.unit_id),
        (Alert.system_id, criteria.system_id),
    ):
        if value:
            statement = statement.where(column == value)
    return statement


def is_silenced(moment: int) -> ColumnElement[bool]:
    """Whether a silence keeps an alert out of the queue at a moment; what people have taken on stays visible."""
    return and_(Alert.state == AlertState.NEW.value, func.coalesce(Alert.silenced_until, 0) > moment)


def _has_entity(entity: str) -> Any:  # noqa: ANN401 (a SQL condition)
    name, separator, value = entity.partition("=")
    condition = AlertEntity.value == entity
    if separator:
        condition = or_(condition, (AlertEntity.name == name) & (AlertEntity.value == value))
    return exists().where(AlertEntity.alert_id == Alert.id, condition)


def _has_text(text: str) -> Any:  # noqa: ANN401 (a SQL condition)
    in_entity = exists().where(AlertEntity.alert_id == Alert.id, AlertEntity.value.icontains(text, autoescape=True))
    return or_(Alert.rule_title.icontains(text, autoescape=True), in_entity)
