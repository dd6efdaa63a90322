"""What the writing process does beside collecting: retention, changed rules and indicators, dead letters."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import structlog

from collectors.delivery import Pipeline, replay_requested
from detection.intelligence import Retrospect
from detection.retention import remove_aged
from detection.tuning import any_due, expire_due
from events import now_ms
from fengsui.detecting import Detected, Detectors, record_updates
from fengsui.processes.sealing import TrailSealing
from fengsui.rule_reload import RuleReload
from incidents import ClockWatch, IncidentOpening
from registry import grants
from store import EventStore
from store.records import RecordsDatabase

_ROUND_SECONDS = 1.0
_RETENTION_SECONDS = 3_600.0
_log = structlog.get_logger(__name__)


class Housekeeping:
    """A thread that does its rounds until stopped; a round that fails is told and tried again."""

    def __init__(
        self,
        records: RecordsDatabase,
        store: EventStore,
        pipeline: Pipeline[Detected],
        detectors: Detectors,
        sealing: TrailSealing,
    ) -> None:
        """Prepare; nothing runs before ``start``."""
        self._records = records
        self._store = store
        self._pipeline = pipeline
        self._detectors = detectors
        self._sealing = sealing
        self._reload = (
            RuleReload(detectors.rules, detectors.matcher, pipeline.between_batches) if detectors.rules else None
        )
        self._retrospect = Retrospect(records, store, detectors.watch, record_updates)
        self._opening, self._clocks = IncidentOpening(records), ClockWatch(records)
        self._stop = threading.Event()
        self._retention_due = 0.0
        self._thread = threading.Thread(target=self._run, name="housekeeping")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present round."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_ROUND_SECONDS):
            try:
                self._follow_changes()
                if self._detectors.matcher.correlator.is_waiting:
                    self._pipeline.deliver([])  # time has passed for the correlations
                replay_requested(self._records, self._pipeline.deliver, self._pipeline.unseal)
                self._apply_retention()
                self._retrospect.turn()
                self._follow_incidents()
                self._sealing.turn()
            except Exception as error:  # noqa: BLE001 (whatever the stores raise: the next round tries again)
                _log.warning("housekeeping failed, trying again", error=type(error).__name__)

    def _follow_changes(self) -> None:
        """Write down which exceptions and grants have expired, and match by what people changed meanwhile."""
        now = now_ms()
        with self._records.read() as session:
            exceptions_due, grants_due = any_due(session, now), grants.any_due(session, now)
        if exceptions_due or grants_due:
            with self._records.begin() as session:
                expire_due(session, now)
                grants.expire_due(session, now)
        self._detectors.refresh()
        if self._reload:
            self._reload.turn()

    def _follow_incidents(self) -> None:
        """Open incidents from new alerts, and warn of, note and escalate deadlines."""
        self._opening.turn(now_ms())
        for alarm in self._clocks.turn():
            _log.info("clock", subject=alarm.subject, clock=alarm.code, act=alarm.act, roles=alarm.roles)

    def _apply_retention(self) -> None:
        if time.monotonic() < self._retention_due:
            return
        dropped = self._store.apply_retention(datetime.now(UTC).date())
        for day in dropped:
            _log.info("day dropped by retention", retention_class=day.retention_class, day=str(day.day))
        if not remove_aged(self._records, now_ms()):  # else there may be more: the next round goes on
            self._retention_due = time.monotonic() + _RETENTION_SECONDS
