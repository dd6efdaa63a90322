"""``/performance``: 及时整改率, MTTA and MTTR of a period, recomputed at every reading."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.incident_work import scope_of
from api.moments import Moment, TimeRange
from api.problems import COMMON_RESPONSES, ProblemError
from events import now_ms
from incidents import Performance, Period, Timeliness, performance

PERFORMANCE = "performance:read"
router = APIRouter(prefix="/api/v1/performance", tags=["performance"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(PERFORMANCE))]


class TimelinessDocument(BaseModel):
    """How many were rectified in time, were not, or may still be; ``rate`` is null as long as none is decided."""

    in_time: int
    late: int
    pending: int
    rate: float | None


class PerformanceDocument(BaseModel):
    """The figures of what was opened from ``start`` to before ``end``; times are means in ms."""

    start: Moment
    end: Moment
    rectified_in_time_rate: float | None
    target_rate: float
    incidents: TimelinessDocument
    notices: TimelinessDocument
    mtta_ms: int | None
    mttr_ms: int | None


@router.get("")
def get_performance(
    dependencies: Dependencies,
    caller: Reader,
    start: Annotated[str, Query(alias="from", max_length=64)] = "now-365d",
    end: Annotated[str, Query(alias="to", max_length=64)] = "",
) -> PerformanceDocument:
    """The figures of the incidents and notices within the caller's units."""
    now = now_ms()
    try:
        window = TimeRange(start, end).window()
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_range", str(error)) from error
    period = Period(window.start_ms or 0, now + 1 if window.end_ms is None else window.end_ms, now)
    with dependencies.records.read() as session:
        return _document(period, performance(session, scope_of(caller, PERFORMANCE), period))


def _document(period: Period, figures: Performance) -> PerformanceDocument:
    return PerformanceDocument(
        start=period.start_ms,
        end=period.end_ms,
        rectified_in_time_rate=figures.rectified_in_time_rate,
        target_rate=figures.target_rate,
        incidents=_timeliness(figures.incidents),
        notices=_timeliness(figures.notices),
        mtta_ms=figures.mtta_ms,
        mttr_ms=figures.mttr_ms,
    )


def _timeliness(figures: Timeliness) -> TimelinessDocument:
    return TimelinessDocument(in_time=figures.in_time, late=figures.late, pending=figures.pending, rate=figures.rate)
