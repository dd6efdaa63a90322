"""``/healthz`` and ``/readyz``, for supervisors."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Dependencies
from store.errors import StoreError

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "A store can't be reached"}})
def readyz(response: Response, dependencies: Dependencies) -> dict[str, str]:
    """Whether both stores can be read."""
    checks = {"records": "ok", "events": "ok"}
    try:
        with dependencies.records.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        checks["records"] = "unreachable"
    try:
        dependencies.events.days()
    except StoreError:
        checks["events"] = "unreachable"
    if set(checks.values()) != {"ok"}:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return checks
