"""``/correlations``: how far correlations are, and what they had to leave out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from detection.correlation.repository import correlation_states

router = APIRouter(prefix="/api/v1/correlations", tags=["rules"], responses=COMMON_RESPONSES)


class CorrelationStateDocument(BaseModel):
    """Correlations chained to each other; counts are of all time, each of events but ``evicted_groups``.

    ``groups_held`` and ``oldest_window`` (when the oldest window began that is still open) are as of ``updated``.
    Everything before ``watermark`` has been evaluated; ``newest`` is the time of the newest event. ``late`` came too
    late, ``without_group`` lack a field grouped by, ``evaluated_early`` and ``evicted`` had to make room.
    """

    rule_ids: list[str]
    watermark: Moment
    newest: Moment
    updated: Moment
    observed: int
    late: int
    without_group: int
    evaluated_early: int
    evicted_groups: int
    evicted_events: int
    groups_held: int
    oldest_window: Moment | None


@router.get("")
def list_states(
    dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("rules:read"))]
) -> list[CorrelationStateDocument]:
    """The state of every family of correlations that has seen an event."""
    with dependencies.records.read() as session:
        rows = correlation_states(session)
    return [CorrelationStateDocument.model_validate(row, from_attributes=True) for row in rows]
