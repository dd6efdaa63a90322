"""Which worker runs a scan: a claim with a lease, so that a worker that dies leaves nothing hanging."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from classification.scans.errors import ScanInterruptedError
from classification.scans.models import DataSource, Scan, ScanState
from classification.scans.repository import claimed_scan, due_scan
from classification.sources import Sampling, scan_policy
from events import now_ms
from store.records import RecordsDatabase


@dataclass(frozen=True, slots=True)
class Claim:
    """A scan that this worker runs: its own id, the scan's, its source and how it is sampled."""

    id: str
    scan_id: str
    source: DataSource
    sampling: Sampling


def claim_next(records: RecordsDatabase, detector_version: str) -> Claim | None:
    """Take up the scan that has waited longest; None where none waits."""
    with records.read() as session:
        if due_scan(session, now_ms()) is None:
            return None
    with records.begin() as session:
        scan = due_scan(session, now_ms(), lock=True)
        if scan is None:
            return None
        now, claim_id = now_ms(), str(uuid4())
        scan.state, scan.claim, scan.lease_ms = ScanState.RUNNING.value, claim_id, _lease(now)
        scan.started_ms, scan.detector_version = scan.started_ms or now, detector_version
        return Claim(
            claim_id,
            scan.id,
            session.get_one(DataSource, scan.source_id),
            Sampling.model_validate(scan.sampling),
        )


def renew(records: RecordsDatabase, claim: Claim, resource: str, rows: int) -> None:
    """Keep a claim, and write how far the present resource has been read.

    Raises:
        ScanInterruptedError: another worker has taken it over, or somebody has cancelled it.
    """
    with records.begin() as session:
        scan = held(claimed_scan(session, claim.scan_id, claim.id))
        scan.lease_ms, scan.resource_now, scan.rows_now = _lease(now_ms()), resource, rows
        if scan.cancel_requested:
            raise ScanInterruptedError("cancelled")


def release(records: RecordsDatabase, claim: Claim) -> None:
    """Give a scan back so that another worker goes on with it at once; a cancelled one ends here."""
    with records.begin() as session:
        scan = claimed_scan(session, claim.scan_id, claim.id)
        if scan is None:
            return
        scan.claim, scan.lease_ms, scan.resource_now, scan.rows_now = None, None, None, 0
        scan.state = ScanState.QUEUED.value
        if scan.cancel_requested:
            scan.state, scan.finished_ms = ScanState.CANCELLED.value, now_ms()


def held(scan: Scan | None) -> Scan:
    """The scan of a claim that still holds.

    Raises:
        ScanInterruptedError: it does not.
    """
    if scan is None:
        raise ScanInterruptedError("taken over by another worker")
    return scan


def _lease(now: int) -> int:
    return now + scan_policy().work.lease_seconds * 1000
