"""How each source fares."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.rendering import render
from api.dependencies import Dependencies
from collectors.delivery.repository import source_statuses
from events import now_ms

router = APIRouter(include_in_schema=False)


@router.get("/sources")
def show(
    request: Request, dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("sources:read"))]
) -> Response:
    """Every source with its totals, its lag and its last error."""
    with dependencies.records.read() as session:
        sources = source_statuses(session)
    context = {
        "active": "sources",
        "sources": sources,
        "now": now_ms(),
        "events_total": sum(source.events for source in sources),
        "letters_total": sum(source.dead_letters for source in sources),
    }
    return render(request, "sources.html", context)
