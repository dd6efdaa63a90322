"""What a scan found, written with its progress in one transaction: neither is ever there without the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from classification.examination import Examination
from classification.identifiers import load_identifiers
from classification.review import FieldFinding, ResourceScan, by_itself, suggest
from classification.scans.claims import Claim, held
from classification.scans.models import ResourceState, Scan, ScanResource, ScanState
from classification.scans.repository import claimed_scan
from classification.sources import Problem, Resource, SamplingMethod
from classification.sources.database import DatabaseTable
from events import now_ms
from registry import RegistryIndex
from store.records import RecordsDatabase

TEXT_FIELD = "(text)"
"""Stands for the field where a text without columns is reviewed."""
_MOST_PROBLEMS = 20
_DIGEST_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource of the source with its place in the scan."""

    ordinal: int
    resource: Resource


def record_listing(records: RecordsDatabase, claim: Claim, found: Sequence[Resource | Problem]) -> None:
    """Write what the source holds, once; what can't be a resource has failed from the start.

    Raises:
        ScanInterruptedError: the claim no longer holds.
    """
    with records.begin() as session:
        scan = held(claimed_scan(session, claim.scan_id, claim.id))
        if scan.resources is not None:
            return
        for ordinal, each in enumerate(found):
            session.add(_listed(scan, ordinal, each))
        scan.resources = len(found)
        scan.resources_failed = sum(isinstance(each, Problem) for each in found)


def record_examination(
    records: RecordsDatabase, claim: Claim, listed: Listed, examination: Examination, registry: RegistryIndex
) -> None:
    """Suggest what was found in a resource, and mark it as done, if that has not been done yet.

    Raises:
        ScanInterruptedError: the claim no longer holds.
    """
    with records.begin() as session:
        scan = held(claimed_scan(session, claim.scan_id, claim.id))
        row = session.get_one(ScanResource, (claim.scan_id, listed.ordinal))
        if row.state != ResourceState.PENDING.value:
            return
        row.resource_id = resource_id_of(listed.resource, claim, registry)
        if examination.is_whole or examination.rows:
            suggest(session, _seen(examination, row.resource_id, claim, scan), by_itself(now_ms()))
        _finish(session, scan, row, examination)


def record_missing(records: RecordsDatabase, claim: Claim, ordinals: Sequence[int]) -> None:
    """Mark resources as failed that the source no longer holds.

    Raises:
        ScanInterruptedError: the claim no longer holds.
    """
    with records.begin() as session:
        scan = held(claimed_scan(session, claim.scan_id, claim.id))
        for ordinal in ordinals:
            row = session.get_one(ScanResource, (claim.scan_id, ordinal))
            row.state, row.problems = ResourceState.FAILED.value, ["it is gone; start a new scan"]
            row.faults, row.finished_ms = ["gone"], now_ms()
            scan.resources_failed += 1


def record_end(records: RecordsDatabase, claim: Claim, problem: Problem | None = None) -> None:
    """Finish a scan; a problem with the source as a whole makes it a failed one."""
    with records.begin() as session:
        scan = claimed_scan(session, claim.scan_id, claim.id)
        if scan is not None:
            scan.state = (ScanState.FINISHED if problem is None else ScanState.FAILED).value
            scan.finished_ms, scan.claim, scan.lease_ms = now_ms(), None, None
            scan.problem, scan.fault = (problem.detail, problem.fault) if problem else (None, None)
            scan.resource_now, scan.rows_now = None, 0


def resource_id_of(resource: Resource, claim: Claim, registry: RegistryIndex) -> str:
    """The registry's id of a table that is registered, else one of the source's own that stays the same."""
    if isinstance(resource, DatabaseTable):
        registered = registry.table(*resource.address)
        if registered is not None:
            return registered.id
    digest = hashlib.sha256(resource.name.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST_DIGITS]
    return f"source:{claim.source.id}:{digest}"


def _listed(scan: Scan, ordinal: int, each: Resource | Problem) -> ScanResource:
    problem = each if isinstance(each, Problem) else None
    return ScanResource(
        scan_id=scan.id,
        ordinal=ordinal,
        name=each.resource if isinstance(each, Problem) else each.name,
        state=(ResourceState.FAILED if problem else ResourceState.PENDING).value,
        fields=0,
        rows=0,
        findings=0,
        problems=[problem.detail] if problem else [],
        faults=[problem.fault] if problem else [],
    )


def _finish(session: Session, scan: Scan, row: ScanResource, examination: Examination) -> None:
    row.state = (ResourceState.DONE if examination.is_whole else ResourceState.FAILED).value
    row.fields, row.rows, row.finished_ms = len(examination.fields), examination.rows, now_ms()
    row.findings = sum(len(each.findings) for each in examination.fields)
    row.problems = [problem.detail for problem in examination.problems[:_MOST_PROBLEMS]]
    row.faults = [problem.fault for problem in examination.problems[:_MOST_PROBLEMS]]
    scan.resources_done += examination.is_whole
    scan.resources_failed += not examination.is_whole
    scan.rows += examination.rows
    scan.findings += row.findings
    scan.rows_now, scan.resource_now = 0, None
    session.flush()


def _seen(examination: Examination, resource_id: str, claim: Claim, scan: Scan) -> ResourceScan:
    findings = [
        FieldFinding(field.field or TEXT_FIELD, found, field.samples.get(found.category, ()))
        for field in examination.fields
        for found in field.findings
    ]
    return ResourceScan(
        resource_id=resource_id,
        resource_name=examination.resource,
        scan_id=claim.scan_id,
        detector_version=scan.detector_version,
        fields=[each.field or TEXT_FIELD for each in examination.fields],
        findings=findings,
        unit_id=claim.source.unit_id,
        subjects=_subjects(findings, claim),
    )


def _subjects(findings: Sequence[FieldFinding], claim: Claim) -> int | None:
    """About how many people: the most values of one personal identifier. Unknown where only a sample was read."""
    if claim.sampling.method is not SamplingMethod.ALL and "://" in claim.source.location:
        return None
    personal = {name for name, each in load_identifiers().identifiers.items() if each.personal}
    return max((each.found.hits for each in findings if each.found.category in personal), default=0)
