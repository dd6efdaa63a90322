"""``/classification/sources`` and ``/classification/scans``: what is scanned, and scans with their progress."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.scan_documents import (
    DataSourceDocument,
    DataSourceRequest,
    ScanDetail,
    ScanDocument,
    ScanPage,
    ScanRequest,
)
from api.scan_work import (
    READ,
    SCAN,
    cancel_scan,
    read_scan,
    read_scans,
    read_source,
    read_sources,
    register_source,
    resume_scan,
    retire_source,
    start_scan,
)

router = APIRouter(
    prefix="/api/v1/classification", tags=["classification"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Scanner = Annotated[Caller, Depends(Requires(SCAN))]


@router.get("/sources")
def list_sources(dependencies: Dependencies, caller: Reader, *, retired: bool = False) -> list[DataSourceDocument]:
    """The data sources, by name."""
    return read_sources(dependencies, caller, retired=retired)


@router.post("/sources", status_code=HTTPStatus.CREATED)
def register(body: DataSourceRequest, dependencies: Dependencies, caller: Scanner) -> DataSourceDocument:
    """Register a data source; its credentials are sealed and never shown again."""
    return register_source(dependencies, body, caller)


@router.get("/sources/{source_id}")
def get_source(source_id: str, dependencies: Dependencies, caller: Reader) -> DataSourceDocument:
    """One data source."""
    return read_source(dependencies, source_id, caller)


@router.post("/sources/{source_id}:retire")
def retire(source_id: str, dependencies: Dependencies, caller: Scanner) -> DataSourceDocument:
    """Scan a source no more; what was found in it stays."""
    return retire_source(dependencies, source_id, caller)


@router.get("/scans")
def list_scans(
    dependencies: Dependencies,
    caller: Reader,
    source: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> ScanPage:
    """The scans, the newest first."""
    return read_scans(dependencies, source, limit, cursor, caller)


@router.post("/scans", status_code=HTTPStatus.CREATED)
def start(body: ScanRequest, dependencies: Dependencies, caller: Scanner) -> ScanDocument:
    """Have a source scanned as soon as a worker is free."""
    return start_scan(dependencies, body, caller)


@router.get("/scans/{scan_id}")
def get_scan(scan_id: str, dependencies: Dependencies, caller: Reader) -> ScanDetail:
    """One scan with its progress and everything that it looks at."""
    return read_scan(dependencies, scan_id, caller)


@router.post("/scans/{scan_id}:cancel")
def cancel(scan_id: str, dependencies: Dependencies, caller: Scanner) -> ScanDocument:
    """End a scan after the portion that it reads now; what it found stays."""
    return cancel_scan(dependencies, scan_id, caller)


@router.post("/scans/{scan_id}:resume")
def resume(scan_id: str, dependencies: Dependencies, caller: Scanner) -> ScanDocument:
    """Go on with a cancelled or failed scan where it ended."""
    return resume_scan(dependencies, scan_id, caller)
