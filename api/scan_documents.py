"""Data sources and scans as the API shows them; nothing in them is a credential or a value."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.moments import Moment
from classification.scans import DataSource, ResourceState, Scan, ScanResource, ScanState


class DataSourceRequest(BaseModel):
    """A source to be registered.

    ``address`` is a path within the folders that the settings name, or a SQLAlchemy URL. Its password may stand in it,
    in ``password``, or elsewhere: ``password_from`` is ``env:FENGSUI_SOURCE_…`` or ``file:NAME``.
    """

    name: str = Field(max_length=255)
    address: str = Field(max_length=2048)
    password: str | None = Field(None, max_length=1024)
    password_from: str | None = Field(None, max_length=255)
    unit_id: str | None = Field(None, max_length=64)


class DataSourceDocument(BaseModel):
    """A source; ``location`` is its address without credentials."""

    id: str
    name: str
    location: str
    password_from: str | None
    unit_id: str | None
    created: Moment
    created_by: str
    retired: Moment | None


class ScanRequest(BaseModel):
    """A scan to be started; ``sample`` and ``rows`` are the policy's where they are not given. Files are read whole."""

    source_id: str = Field(max_length=36)
    sample: Literal["random", "first", "all"] | None = None
    rows: int | None = Field(None, gt=0, le=100_000_000)


class ScanDocument(BaseModel):
    """A scan with its progress; ``resources`` is null until the source has been listed."""

    id: str
    source_id: str
    state: ScanState
    sample: str
    sample_rows: int
    requested_by: str
    created: Moment
    started: Moment | None
    finished: Moment | None
    cancel_requested: bool
    resources: int | None
    resources_done: int
    resources_failed: int
    rows: int
    resource_now: str | None
    findings: int
    detector_version: str
    problem: str | None
    fault: str | None


class ScanPage(BaseModel):
    """Some scans, the newest first; ``next_cursor`` leads to the next page."""

    scans: list[ScanDocument]
    next_cursor: str | None


class ScanResourceDocument(BaseModel):
    """A table, sheet or file of a scan, with what could not be read as it stands; ``faults`` name each problem."""

    name: str
    state: ResourceState
    resource_id: str | None
    fields: int
    rows: int
    findings: int
    problems: list[str]
    faults: list[str]
    finished: Moment | None


class ScanDetail(ScanDocument):
    """A scan with everything that it looks at, in its order."""

    looked_at: list[ScanResourceDocument]


def source_document(row: DataSource) -> DataSourceDocument:
    """A source as it is shown."""
    return DataSourceDocument(
        id=row.id,
        name=row.name,
        location=row.location,
        password_from=row.password_from,
        unit_id=row.unit_id,
        created=row.created_ms,
        created_by=row.created_by,
        retired=row.retired_ms,
    )


def scan_document(row: Scan) -> ScanDocument:
    """A scan as it is shown; rows of the resource that is being read count."""
    return ScanDocument(
        id=row.id,
        source_id=row.source_id,
        state=ScanState(row.state),
        sample=str(row.sampling["method"]),
        sample_rows=int(str(row.sampling["rows"])),
        requested_by=row.requested_by,
        created=row.created_ms,
        started=row.started_ms,
        finished=row.finished_ms,
        cancel_requested=row.cancel_requested,
        resources=row.resources,
        resources_done=row.resources_done,
        resources_failed=row.resources_failed,
        rows=row.rows + row.rows_now,
        resource_now=row.resource_now,
        findings=row.findings,
        detector_version=row.detector_version,
        problem=row.problem,
        fault=row.fault,
    )


def scan_detail(row: Scan, resources: list[ScanResource]) -> ScanDetail:
    """A scan with its resources as it is shown."""
    looked_at = [
        ScanResourceDocument(
            name=each.name,
            state=ResourceState(each.state),
            resource_id=each.resource_id,
            fields=each.fields,
            rows=each.rows,
            findings=each.findings,
            problems=each.problems,
            faults=each.faults,
            finished=each.finished_ms,
        )
        for each in resources
    ]
    return ScanDetail(**dict(scan_document(row)), looked_at=looked_at)
