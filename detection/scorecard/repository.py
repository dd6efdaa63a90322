"""All reading of alerts for scorecards; each function answers for one rule, or for all where none is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertEntity, AlertState, AlertTransition


@dataclass(frozen=True, slots=True)
class Scope:
    """Alerts raised from a moment on, of one rule or of all."""

    since_ms: int
    rule_id: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The scope as SQL conditions on alerts."""
        by_rule = [] if self.rule_id is None else [Alert.rule_id == self.rule_id]
        return [Alert.created >= self.since_ms, *by_rule]


@dataclass(frozen=True, slots=True)
class RuleTotals:
    """How many alerts and events, and when the last event was."""

    alerts: int
    events: int
    last_fired_ms: int


def totals(session: Session, scope: Scope) -> dict[str, RuleTotals]:
    """Totals by rule."""
    statement = select(Alert.rule_id, func.count(), func.sum(Alert.count), func.max(Alert.last_seen))
    rows = session.execute(statement.where(*scope.conditions()).group_by(Alert.rule_id))
    return {rule_id: RuleTotals(alerts, int(events), last) for rule_id, alerts, events, last in rows}


def dispositions(session: Session, scope: Scope) -> dict[str, dict[str, int]]:
    """Closed alerts by rule and disposition."""
    statement = select(Alert.rule_id, Alert.disposition, func.count()).where(
        *scope.conditions(), Alert.state == AlertState.CLOSED.value
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for rule_id, disposition, number in session.execute(statement.group_by(Alert.rule_id, Alert.disposition)):
        found[rule_id][disposition or ""] = number
    return found


def delays(session: Session, scope: Scope, states: Iterable[AlertState]) -> dict[str, list[int]]:
    """By rule, how long (ms) each alert waited from being raised until it first came into one of the states."""
    entered = [state.value for state in states]
    first: Any = func.min(AlertTransition.at)
    statement = (
        select(Alert.rule_id, first - Alert.created)
        .join(AlertTransition, AlertTransition.alert_id == Alert.id)
        .where(
            *scope.conditions(),
            AlertTransition.to_state.in_(entered),
            AlertTransition.from_state != AlertTransition.to_state,
        )
        .group_by(Alert.id, Alert.rule_id, Alert.created)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for rule_id, delay in session.execute(statement):
        found[rule_id].append(delay)
    return found


def busiest_entities(session: Session, scope: Scope, limit: int) -> list[tuple[str, str, int]]:
    """The entities (field, value) with the most alerts, and how many."""
    number = func.count()
    statement = (
        select(AlertEntity.name, AlertEntity.value, number)
        .join(Alert, Alert.id == AlertEntity.alert_id)
        .where(*scope.conditions())
        .group_by(AlertEntity.name, AlertEntity.value)
        .order_by(number.desc(), AlertEntity.name, AlertEntity.value)
        .limit(limit)
    )
    return [(name, value, alerts) for name, value, alerts in session.execute(statement)]


def last_fired(session: Session) -> dict[str, int]:
    """By rule, the time of the last event that it ever alerted on (ms)."""
    rows = session.execute(select(Alert.rule_id, func.max(Alert.last_seen)).group_by(Alert.rule_id))
    return {rule_id: latest for rule_id, latest in rows}  # noqa: C416 (rows are no pairs to dict's types)
