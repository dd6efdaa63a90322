"""``/events``: search and aggregate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.event_search import EventSearch, aggregate_events, read_event, record_search, search_events
from api.problems import COMMON_RESPONSES
from store.event_store import Window

router = APIRouter(prefix="/api/v1", tags=["events"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("events:read"))]
_LONGEST_QUERY = 8192
_MAXIMUM_PAGE = 1000
Text = Annotated[str, Field(max_length=_LONGEST_QUERY)]
MomentText = Annotated[str, Field(max_length=40)]


class EventList(BaseModel):
    """A page of events as flat names; ``total`` is a lower bound unless ``total_is_exact``."""

    events: list[dict[str, Any]]
    total: int
    total_is_exact: bool
    incomplete: str | None
    next_cursor: str | None


class EventParameters(BaseModel):
    """What to search: ``q`` in Lucene syntax, ``from`` and ``to`` in ISO 8601 or as ``now-24h``."""

    q: Text = ""
    start: MomentText = Field("", alias="from")
    end: MomentText = Field("", alias="to")
    order: Literal["newest", "oldest"] = "newest"
    limit: int = Field(100, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=4096)] | None = None


class Aggregation(BaseModel):
    """Which events to aggregate, and how: ``aggregations`` is Elasticsearch's ``aggs``."""

    q: Text = ""
    start: MomentText = Field("", alias="from")
    end: MomentText = Field("", alias="to")
    aggregations: dict[str, Any] = Field(min_length=1, max_length=20)


@router.get("/events")
def search(parameters: Annotated[EventParameters, Query()], dependencies: Dependencies, caller: Reader) -> EventList:
    """One page of the matching events, sorted by time."""
    wanted = EventSearch(parameters.q, parameters.start, parameters.end, parameters.order)
    window = wanted.window(dependencies)
    page, cursor = search_events(dependencies, wanted, window, parameters.limit, parameters.cursor)
    record_search(dependencies, caller, wanted, window)
    return EventList(
        events=page.events,
        total=page.total,
        total_is_exact=page.total_is_exact,
        incomplete=page.incomplete,
        next_cursor=cursor,
    )


@router.post("/events:aggregate")
def aggregate(body: Aggregation, dependencies: Dependencies, caller: Reader) -> dict[str, Any]:
    """Aggregate the matching events; request and answer in Elasticsearch's JSON form."""
    wanted = EventSearch(body.q, body.start, body.end)
    window = wanted.window(dependencies)
    answer = aggregate_events(dependencies, wanted, window, body.aggregations)
    record_search(dependencies, caller, wanted, window)
    return answer


@router.get("/events/{event_id}")
def get_event(event_id: str, dependencies: Dependencies, caller: Reader) -> dict[str, Any]:
    """One event, in full."""
    return dict(read_event(dependencies, caller, event_id, Window()))
