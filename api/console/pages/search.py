"""The log search."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import PASSIVE_HEADER, Caller
from api.console.facets import Facet, facet_aggregations, facets_of
from api.console.formatting import event_time_ms
from api.console.histograms import bar_width_ms, event_chart
from api.console.rendering import render
from api.dependencies import ApiDependencies, Dependencies
from api.event_search import EventSearch, aggregate_events, record_search, search_events
from api.problems import ProblemError, problem_of
from api.routes.events import EventParameters
from events import now_ms
from store.errors import StoreError
from store.event_store import Page, Window

router = APIRouter(include_in_schema=False)
RANGES = ("now-15m", "now-1h", "now-24h", "now-7d", "now-30d", "")
_DEFAULT_RANGE = "now-24h"
_EVENTS = 50


@dataclass(slots=True)
class Found:
    """What a search gave, or why it gave nothing; ``unknown`` says why there is no chart of what was found."""

    page: Page | None = None
    next_cursor: str | None = None
    chart: dict[str, Any] | None = None
    facets: list[Facet] = field(default_factory=list)
    unknown: str | None = None
    problem: ProblemError | None = None


@router.get("/search")
def show(
    request: Request,
    parameters: Annotated[EventParameters, Query()],
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("events:read"))],
) -> Response:
    """The events of a query; an error stands beside the query that caused it."""
    start = parameters.start if "from" in request.query_params else _DEFAULT_RANGE
    search = EventSearch(parameters.q, start, parameters.end, parameters.order)
    try:
        window = search.window(dependencies)
        found = _find(dependencies, search, window, parameters.cursor)
        if PASSIVE_HEADER not in request.headers:
            record_search(dependencies, caller, search, window)
    except (ProblemError, StoreError) as error:
        found = Found(problem=problem_of(error))
    context = {"active": "search", "search": search, "found": found, "ranges": RANGES, "cursor": parameters.cursor}
    status = HTTPStatus.OK if found.problem is None else found.problem.status
    return render(request, "search.html", context, status)


def _find(dependencies: ApiDependencies, search: EventSearch, window: Window, cursor: str | None) -> Found:
    page, following = search_events(dependencies, search, window, _EVENTS, cursor)
    found = Found(page, following)
    if page.total:
        try:
            _add_figures(found, dependencies, search, window)
        except StoreError as error:  # the events that were found are worth seeing without a chart of all
            found.unknown = str(error)
    return found


def _add_figures(found: Found, dependencies: ApiDependencies, search: EventSearch, window: Window) -> None:
    start, end = _bounds(dependencies, search, window)
    width = bar_width_ms(end - start)
    per_time = {"date_histogram": {"field": "@timestamp", "fixed_interval": f"{width // 1000}s"}}
    wanted = facet_aggregations() | {"per_time": per_time}
    answer = aggregate_events(dependencies, search, window, wanted)
    found.chart = event_chart(answer.get("per_time", {}), width, start, end)
    found.facets = facets_of(answer, search)


def _bounds(dependencies: ApiDependencies, search: EventSearch, window: Window) -> tuple[int, int]:
    """The range to draw: the search's own; an open start is the oldest match's time, an open end is now."""
    end = window.end_ms if window.end_ms is not None else now_ms()
    if window.start_ms is not None:
        return window.start_ms, end
    oldest = dependencies.events.search(search.query(), window, limit=1, order="oldest").events
    return (event_time_ms(oldest[0]) or end) if oldest else end, end
