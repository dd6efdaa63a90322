"""Threads that run scans in the background, as many as policy allows."""

from __future__ import annotations

import threading

import structlog

from classification.detectors import detector_version
from classification.review import by_itself
from classification.scans.claims import claim_next
from classification.scans.data_sources import DataSourceRegister
from classification.scans.lifecycle import queue_outdated
from classification.scans.running import ScanRun
from classification.sources import scan_policy
from events import now_ms
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)


class ScanWorkers:
    """Takes up scans until stopped; what is not finished then is gone on with by whoever starts next."""

    def __init__(self, records: RecordsDatabase, register: DataSourceRegister) -> None:
        """Prepare; nothing runs before ``start``."""
        self._records = records
        self._register = register
        self._stop = threading.Event()
        count = scan_policy().work.workers
        self._threads = [threading.Thread(target=self._run, name=f"scan-{number}") for number in range(count)]

    def start(self) -> None:
        """Begin; sources that were last judged by other detectors are scanned again."""
        with self._records.begin() as session:
            queue_outdated(session, detector_version(), by_itself(now_ms()))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the present portion."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        run = ScanRun(self._records, self._register, self._stop)
        while not self._stop.wait(scan_policy().work.poll_seconds):
            try:
                while not self._stop.is_set() and (claim := claim_next(self._records, detector_version())):
                    run.run(claim)
            except Exception as error:  # noqa: BLE001 (whatever the database raises: the next round tries again)
                _log.warning("scanning failed, trying again", error=type(error).__name__)
