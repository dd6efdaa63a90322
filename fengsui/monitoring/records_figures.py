"""Figures that the records and the event store tell, asked of them when they are scraped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from audit import AuditCheckpoint, AuditRecord
from classification.scans.models import Scan
from collectors.delivery.repository import count_dead_letters, source_statuses
from detection.alerts import Alert
from incidents.models.incidents import Incident
from incidents.models.notices import Notice
from playbooks.runs.models import Run
from playbooks.webhooks.models import WebhookDelivery
from store import DayInfo, EventStore, StoreError
from store.records import RecordsDatabase

BACKUP = "backup"
"""Kind of object under which the audit trail holds backups."""
_KEPT_SECONDS = 10.0
_STATES: dict[str, tuple[str, InstrumentedAttribute[str]]] = {
    "fengsui_alerts": ("Alerts", Alert.state),
    "fengsui_incidents": ("Incidents", Incident.state),
    "fengsui_notices": ("Notices", Notice.state),
    "fengsui_runs": ("Runs of playbooks", Run.state),
    "fengsui_scans": ("Scans of data sources", Scan.state),
    "fengsui_webhook_deliveries": ("Deliveries to webhooks", WebhookDelivery.state),
}


class RecordsFigures(Collector):
    """Asks both stores, at most every ten seconds however often it is scraped; what can't be asked is left out."""

    def __init__(self, records: RecordsDatabase, events: EventStore) -> None:
        """Keep the stores; nothing is asked yet."""
        self._records = records
        self._events = events
        self._asking = threading.Lock()
        self._answer: list[Metric] = []
        self._asked = -_KEPT_SECONDS

    def describe(self) -> list[Metric]:
        """Nothing, so that registering asks nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The latest answer."""
        with self._asking:
            if time.monotonic() - self._asked >= _KEPT_SECONDS:
                self._answer = [*self._of_records(), *self._of_events()]
                self._asked = time.monotonic()
            yield from self._answer

    def _of_records(self) -> list[Metric]:
        found: list[Metric] = []
        reachable = GaugeMetricFamily("fengsui_records_reachable", "1 when the records database answers, else 0")
        try:
            with self._records.read() as session:
                found = [*_states(session), *_letters(session), *_sources(session), *_trail(session)]
                found.append(
                    _gauge("fengsui_records_bytes", "Size of the records database", self._records_bytes(session))
                )
        except SQLAlchemyError:
            found = []
        reachable.add_metric([], 1 if found else 0)
        return [reachable, *found]

    def _records_bytes(self, session: Session) -> int:
        if self._records.url.get_backend_name() == "postgresql":
            return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        path = Path(self._records.url.database or "")
        return sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.is_file())

    def _of_events(self) -> list[Metric]:
        reachable = GaugeMetricFamily("fengsui_store_reachable", "1 when the event store answers, else 0")
        found: list[Metric] = []
        days: list[DayInfo] | None = None
        with suppress(StoreError, OSError):
            days = self._events.days()
            found = list(_days(days))
        reachable.add_metric([], 0 if days is None else 1)
        return [reachable, *found]


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)


def _states(session: Session) -> Iterator[Metric]:
    for name, (what, column) in _STATES.items():
        family = GaugeMetricFamily(name, f"{what} by state", labels=["state"])
        for state, number in session.execute(select(column, func.count()).group_by(column)):
            family.add_metric([state], number)
        yield family


def _letters(session: Session) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "fengsui_dead_letters_held", "Dead letters that are kept", labels=["source", "reason", "state"]
    )
    for count in count_dead_letters(session):
        family.add_metric([count.source, count.reason, count.state.value], count.count)
    yield family


def _sources(session: Session) -> Iterator[Metric]:
    delivered = GaugeMetricFamily(
        "fengsui_source_last_delivery_timestamp_seconds", "When a source last delivered", labels=["source"]
    )
    dropped = CounterMetricFamily("fengsui_source_dropped", "Messages that a source had to drop", labels=["source"])
    for row in source_statuses(session):
        if row.last_delivered_ms is not None:
            delivered.add_metric([row.source], row.last_delivered_ms / 1000)
        dropped.add_metric([row.source], row.dropped)
    yield from (delivered, dropped)


def _trail(session: Session) -> Iterator[Metric]:
    """The trail has no gaps: its last number is its length."""
    length = session.scalar(select(func.max(AuditRecord.sequence))) or 0
    sealed, when = session.execute(
        select(func.max(AuditCheckpoint.to_sequence), func.max(AuditCheckpoint.created_ms))
    ).one()
    yield _gauge("fengsui_audit_records", "Records of the audit trail", length)
    yield _gauge("fengsui_audit_unsealed_records", "Records that no checkpoint vouches for yet", length - (sealed or 0))
    if when is not None:
        yield _gauge("fengsui_audit_last_checkpoint_timestamp_seconds", "When the trail was last sealed", when / 1000)
    backup = session.scalar(
        select(AuditRecord.time_ms)
        .where(AuditRecord.object_kind == BACKUP, AuditRecord.action == f"{BACKUP}:create")
        .order_by(AuditRecord.sequence.desc())
        .limit(1)
    )
    if backup is not None:
        yield _gauge("fengsui_backup_last_timestamp_seconds", "When the last backup was whole", backup / 1000)


def _days(days: list[DayInfo]) -> Iterator[Metric]:
    events = GaugeMetricFamily("fengsui_store_events", "Events held", labels=["retention_class"])
    size = GaugeMetricFamily("fengsui_store_bytes", "Bytes of the event store's indexes", labels=["retention_class"])
    for retention_class in sorted({day.retention_class for day in days}):
        mine = [day for day in days if day.retention_class == retention_class]
        events.add_metric([retention_class], sum(day.events for day in mine))
        size.add_metric([retention_class], sum(day.bytes for day in mine))
    yield from (events, size, _gauge("fengsui_store_indexes", "Indexes held, one a retention class and day", len(days)))
    lacking = sum(day.incomplete is not None for day in days)
    yield _gauge("fengsui_store_incomplete_indexes", "Indexes that are closed or have lost a part", lacking)
