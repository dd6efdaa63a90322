"""All queries of retention: what is aged, and its removal in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, delete, exists, select, tuple_
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertEntity, AlertEvent
from detection.tuning.models import WithheldMatch
from detection.tuning.repository import add_withheld_total
from store.records import Base

_KEYS_A_STATEMENT = 5_000
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Event times in milliseconds before which each kind goes."""

    alerts: int
    alert_events: int
    withheld_matches: int


def any_aged(session: Session, cutoffs: Cutoffs) -> bool:
    """Whether there is anything to remove."""
    withheld = select(WithheldMatch.event_id).where(WithheldMatch.time < cutoffs.withheld_matches)
    events, alerts = _aged_events(cutoffs.alert_events), _aged_alerts(cutoffs.alerts)
    return any(session.execute(statement.limit(1)).first() is not None for statement in (withheld, events, alerts))


def remove_withheld(session: Session, before: int, limit: int) -> int:
    """Remove withheld matches older than a time; their counts are kept."""
    columns = (WithheldMatch.cause, WithheldMatch.cause_id, WithheldMatch.event_id, WithheldMatch.time)
    rows = list(session.execute(select(*columns).where(WithheldMatch.time < before).limit(limit)))
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    for cause, cause_id, _, time in rows:
        times[cause, cause_id].append(time)
    for key, removed in sorted(times.items()):
        add_withheld_total(session, key, len(removed), max(removed))
    key_columns = tuple_(WithheldMatch.cause, WithheldMatch.cause_id, WithheldMatch.event_id)
    for some in _portions([(cause, cause_id, event_id) for cause, cause_id, event_id, _ in rows]):
        session.execute(delete(WithheldMatch).where(key_columns.in_(some)))
    return len(rows)


def remove_alert_events(session: Session, before: int, limit: int) -> int:
    """Remove the lists of events of alerts that were last seen before a time."""
    rows = [tuple(row) for row in session.execute(_aged_events(before).limit(limit))]
    for some in _portions(rows):
        session.execute(delete(AlertEvent).where(tuple_(AlertEvent.alert_id, AlertEvent.event_id).in_(some)))
    return len(rows)


def remove_alerts(session: Session, before: int, limit: int) -> int:
    """Remove alerts last seen before a time that nothing refers to any more."""
    ids = list(session.scalars(_aged_alerts(before).limit(limit)))
    for some in _portions(ids):
        session.execute(delete(AlertEntity).where(AlertEntity.alert_id.in_(some)))
        session.execute(delete(Alert).where(Alert.id.in_(some)))
    return len(ids)


def _aged_events(before: int) -> Select[str, str]:
    return (
        select(AlertEvent.alert_id, AlertEvent.event_id)
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .where(Alert.last_seen < before)
    )


def _aged_alerts(before: int) -> Select[str]:
    return select(Alert.id).where(Alert.last_seen < before, *_unreferred())


def _unreferred() -> Iterator[ColumnElement[bool]]:
    """That no row of any table but the alert's own entities refers to it, whichever part of the product wrote it."""
    for table in Base.metadata.sorted_tables:
        if table is AlertEntity.__table__:
            continue
        for key in table.foreign_keys:
            if key.column is Alert.__table__.c.id:
                yield ~exists().select_from(table).where(key.parent == Alert.id)


def _portions(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    for start in range(0, len(keys), _KEYS_A_STATEMENT):
        yield keys[start : start + _KEYS_A_STATEMENT]
