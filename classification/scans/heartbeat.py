"""A running scan's sign of life, given beside the reading: a slow database must not look like a dead worker."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from classification.scans.claims import Claim, renew
from classification.scans.errors import ScanInterruptedError
from classification.sources import scan_policy
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)


class Heartbeat:
    """Renews a claim and writes progress while its block lasts.

    ``resource`` is what is being read; whoever reads calls ``beat`` after every portion.
    """

    def __init__(self, records: RecordsDatabase, claim: Claim, stop: threading.Event) -> None:
        """Prepare; it begins with the block."""
        self._records = records
        self._claim = claim
        self._stop = stop
        self._over = threading.Event()
        self._is_interrupted = False
        self._rows = 0
        self.resource = ""
        self._thread = threading.Thread(target=self._run, name="scan-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def beat(self, rows: int) -> None:
        """So many rows of the resource have been read.

        Raises:
            ScanInterruptedError: the scan is to end here.
        """
        self._rows = rows
        if self._is_interrupted or self._stop.is_set():
            raise ScanInterruptedError("interrupted")

    def _run(self) -> None:
        while not (self._is_interrupted or self._over.wait(scan_policy().work.report_seconds)):
            try:
                renew(self._records, self._claim, self.resource, self._rows)
            except ScanInterruptedError:
                self._is_interrupted = True
            except SQLAlchemyError as error:
                _log.warning("scan progress not written, trying again", error=type(error).__name__)
