"""``/alerts/stream``: tells a live list when the queue has changed (server-sent events, WHATWG HTML §9.2)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.access import Requires
from api.alert_query import alert_scope
from api.caller import Caller
from api.dependencies import ApiDependencies, Dependencies
from api.moments import Moment
from api.problems import COMMON_RESPONSES, ProblemError
from incidents import QueuePulse, queue_pulse
from registry import UnitScope

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], responses=COMMON_RESPONSES)
_KEEP_ALIVE_POLLS = 8


class QueueChange(BaseModel):
    """How many alerts are open by state, and when one last changed."""

    new: int
    acknowledged: int
    updated: Moment | None


class _Streams:
    """How many live lists are open in this process."""

    def __init__(self) -> None:
        self.open = 0


_streams = _Streams()


async def _place(dependencies: Dependencies) -> AsyncIterator[None]:
    """Hold one of the places while a stream lasts."""
    if _streams.open >= dependencies.settings.maximum_streams:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "too_many_streams", "Too many live lists are open; try again later"
        )
    _streams.open += 1
    try:
        yield
    finally:
        _streams.open -= 1


@router.get("/stream", response_class=EventSourceResponse)
async def stream_alerts(
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("alerts:read"))],
    _held: Annotated[None, Depends(_place)],
) -> AsyncIterator[ServerSentEvent]:
    """Send ``alerts`` whenever the queue has changed; ends after a while, and the browser opens it again."""
    settings, scope, seen, polls = dependencies.settings, alert_scope(caller), None, 0
    ends = time.monotonic() + settings.stream_seconds
    while time.monotonic() < ends and not await request.is_disconnected():
        pulse = await run_in_threadpool(_pulse, dependencies, scope)
        if pulse != seen:
            seen = pulse
            change = QueueChange(new=pulse.new, acknowledged=pulse.acknowledged, updated=pulse.updated_ms)
            yield ServerSentEvent(event="alerts", data=change.model_dump())
        elif polls % _KEEP_ALIVE_POLLS == 0:
            yield ServerSentEvent(comment="waiting")
        polls += 1
        await asyncio.sleep(settings.stream_poll_seconds)


def _pulse(dependencies: ApiDependencies, scope: UnitScope) -> QueuePulse:
    with dependencies.records.read() as session:
        return queue_pulse(session, scope)
