"""The audit trail: search, check, take out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.audit_work import check_trail
from api.caller import Caller
from api.console.rendering import render
from api.dependencies import ApiDependencies, Dependencies
from api.routes.audit_records import AuditQuery
from audit import Verdict, recorded_actions

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires("audit:read"))]
Checker = Annotated[Caller, Depends(Requires("audit:read", form=True))]


@router.get("/audit-trail")
def show(
    request: Request, query: Annotated[AuditQuery, Query()], dependencies: Dependencies, _caller: Reader
) -> Response:
    """The records of a choice, newest first."""
    return _page(request, dependencies, query)


@router.post("/audit-trail/verification")
def check(request: Request, dependencies: Dependencies, caller: Checker) -> Response:
    """Check the whole trail now."""
    return _page(request, dependencies, AuditQuery(), check_trail(dependencies, caller))


def _page(
    request: Request, dependencies: ApiDependencies, query: AuditQuery, verdict: Verdict | None = None
) -> Response:
    rows, following = query.page(dependencies)
    with dependencies.records.read() as session:
        actions = recorded_actions(session)
    context = {
        "active": "audit_trail",
        "query": query,
        "rows": rows,
        "actions": actions,
        "following": query.model_dump(by_alias=True, exclude_none=True) | {"cursor": following} if following else None,
        "verdict": verdict,
    }
    return render(request, "audit_trail.html", context)
