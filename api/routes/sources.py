"""``/sources``: how each source fares."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from collectors.delivery.repository import source_statuses

router = APIRouter(prefix="/api/v1/sources", tags=["sources"], responses=COMMON_RESPONSES)


class SourceStatus(BaseModel):
    """Running totals of a source; ``lag_ms`` is how old its newest event was when it arrived."""

    source: str
    events: int
    dead_letters: int
    dropped: int
    last_event: Moment | None = Field(validation_alias="last_event_ms")
    last_delivered: Moment | None = Field(validation_alias="last_delivered_ms")
    lag_ms: int | None
    last_error: str | None
    last_error_at: Moment | None = Field(validation_alias="last_error_ms")


@router.get("")
def list_sources(
    dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("sources:read"))]
) -> list[SourceStatus]:
    """Every source, by name."""
    with dependencies.records.read() as session:
        return [SourceStatus.model_validate(row, from_attributes=True) for row in source_statuses(session)]
