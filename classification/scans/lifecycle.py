"""What people do with scans: start, cancel, resume; each step audited."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from classification.scans.errors import ScanConflictError
from classification.scans.models import DataSource, ResourceState, Scan, ScanState
from classification.scans.repository import get_scan, get_source, is_under_way, outdated_sources, scan_resources
from classification.sources import Sampling, scan_policy
from registry.scope import UnitScope


def start(session: Session, scope: UnitScope, source_id: str, sampling: Sampling | None, by: ChangedBy) -> Scan:
    """Have a source scanned as soon as a worker is free; by the policy's sampling where none is given.

    Raises:
        DataSourceNotFoundError: there is none in the scope.
        ScanConflictError: it is retired, or a scan of it waits or runs.
    """
    source = get_source(session, scope, source_id, lock=True)
    if source.retired_ms is not None:
        raise ScanConflictError("The source is retired; register it again to scan it", "source_retired")
    if is_under_way(session, source.id):
        message = "A scan of this source is under way; wait for it, or cancel it"
        raise ScanConflictError(message, "scan_under_way")
    return _queue(session, source, sampling or scan_policy().sampling, by)


def cancel(session: Session, scope: UnitScope, scan_id: str, by: ChangedBy) -> Scan:
    """End a scan after the portion that it reads now; what it found stays, and it can be resumed.

    Raises:
        ScanNotFoundError: there is none in the scope.
        ScanConflictError: it has ended.
    """
    scan = get_scan(session, scope, scan_id, lock=True)
    if scan.state not in (ScanState.QUEUED, ScanState.RUNNING):
        raise ScanConflictError(f"The scan is {scan.state}; it has ended already", "scan_ended")
    if scan.state == ScanState.QUEUED.value:
        scan.state, scan.finished_ms = ScanState.CANCELLED.value, by.at_ms
    scan.cancel_requested = True
    audit_change(session, Change("scan", "cancel", scan.id, after={"source": scan.source_id}), by)
    return scan


def resume(session: Session, scope: UnitScope, scan_id: str, by: ChangedBy) -> Scan:
    """Go on with a scan where it ended; resources that failed are tried again.

    Raises:
        ScanNotFoundError: there is none in the scope.
        ScanConflictError: it is not cancelled or failed, or another scan of its source is under way.
    """
    scan = get_scan(session, scope, scan_id, lock=True)
    if scan.state not in (ScanState.CANCELLED, ScanState.FAILED):
        message = f"The scan is {scan.state}; only a cancelled or failed one is resumed"
        raise ScanConflictError(message, "scan_not_resumable")
    if is_under_way(session, scan.source_id):
        message = "Another scan of this source is under way; wait for it, or cancel it"
        raise ScanConflictError(message, "scan_under_way")
    for each in scan_resources(session, scan.id, [ResourceState.FAILED]):
        each.state, each.problems, each.faults = ResourceState.PENDING.value, [], []
        scan.resources_failed -= 1
    scan.state, scan.cancel_requested, scan.finished_ms = ScanState.QUEUED.value, False, None
    scan.problem, scan.fault = None, None
    audit_change(session, Change("scan", "resume", scan.id, after={"source": scan.source_id}), by)
    return scan


def queue_outdated(session: Session, detector_version: str, by: ChangedBy) -> list[Scan]:
    """Have every source scanned again that was last judged by other detectors, if policy wants that."""
    if not scan_policy().work.rescan_on_new_detectors:
        return []
    sources = outdated_sources(session, detector_version)
    return [_queue(session, source, scan_policy().sampling, by) for source in sources]


def _queue(session: Session, source: DataSource, sampling: Sampling, by: ChangedBy) -> Scan:
    scan = Scan(
        id=str(uuid4()),
        source_id=source.id,
        state=ScanState.QUEUED.value,
        sampling=sampling.model_dump(mode="json"),
        detector_version="",
        requested_by=by.actor.name,
        created_ms=by.at_ms,
        cancel_requested=False,
        resources_done=0,
        resources_failed=0,
        rows=0,
        rows_now=0,
        findings=0,
    )
    session.add(scan)
    session.flush()
    audit_change(
        session, Change("scan", "start", scan.id, after={"source": source.id, "sampling": dict(scan.sampling)}), by
    )
    return scan
