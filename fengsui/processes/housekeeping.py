"""What detecting processes do beside detecting: changed rules and indicators, dead letters, retention, clocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from api.identity import account_requests
from collectors.delivery import Pipeline, replay_requested
from detection.intelligence import IndicatorWatch, Retrospect
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


class Rounds:
    """A thread that does its rounds until stopped; what fails in one is told and tried again in the next."""

    def __init__(self, turns: Sequence[Callable[[], object]]) -> None:
        """Prepare; nothing runs before ``start``."""
        self._turns = turns
        self._stop = threading.Event()
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
            for turn in self._turns:
                try:
                    turn()
                except Exception as error:  # noqa: BLE001 (whatever the stores raise: the next round tries again)
                    _log.warning("housekeeping failed, trying again", error=type(error).__name__)


class Following:
    """What every process that detects does for itself: match by what people and files say now, and let time pass."""

    def __init__(self, pipeline: Pipeline[Detected], detectors: Detectors) -> None:
        """Prepare."""
        self._pipeline = pipeline
        self._detectors = detectors
        self._reload = (
            RuleReload(detectors.rules, detectors.matcher, pipeline.between_batches) if detectors.rules else None
        )

    def turn(self) -> None:
        """Take over what was changed."""
        self._detectors.refresh()
        if self._reload:
            self._reload.turn()
        if self._detectors.matcher.correlator.is_waiting:
            self._pipeline.deliver([])  # time has passed for the correlations


class Housekeeping:
    """What one process of an installation does for all: expiry, retention, replays, incidents, sealing."""

    def __init__(
        self,
        records: RecordsDatabase,
        store: EventStore,
        pipeline: Pipeline[Detected],
        watch: IndicatorWatch,
        sealing: TrailSealing,
    ) -> None:
        """Prepare."""
        self._records = records
        self._store = store
        self._pipeline = pipeline
        self._sealing = sealing
        self._retrospect = Retrospect(records, store, watch, record_updates)
        self._opening, self._clocks = IncidentOpening(records), ClockWatch(records)
        self._retention_due = 0.0

    def turn(self) -> None:
        """Do what is due."""
        self._expire()
        replay_requested(self._records, self._pipeline.deliver, self._pipeline.unseal)
        self._apply_retention()
        self._retrospect.turn()
        self._follow_incidents()
        self._sealing.turn()

    def _expire(self) -> None:
        """Write down which exceptions, grants and requests for accounts have expired."""
        now = now_ms()
        with self._records.read() as session:
            due = any_due(session, now) or grants.any_due(session, now) or account_requests.any_due(session, now)
        if due:
            with self._records.begin() as session:
                expire_due(session, now)
                grants.expire_due(session, now)
                account_requests.expire_due(session, now)

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
