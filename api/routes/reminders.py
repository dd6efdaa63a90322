"""``/reminders``: what the caller is reminded of because of clocks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.reminder_documents import ReminderList, SeenCount, SeenRequest
from api.reminder_work import read_reminders, see_reminders

router = APIRouter(
    prefix="/api/v1/reminders", tags=["reminders"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
SignedIn = Annotated[Caller, Depends(Requires(None))]


@router.get("")
def list_mine(
    dependencies: Dependencies,
    caller: SignedIn,
    *,
    unseen: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ReminderList:
    """The caller's reminders, the newest first."""
    return read_reminders(dependencies, caller, unseen=unseen, limit=limit)


@router.post(":seen")
def see(body: SeenRequest, dependencies: Dependencies, caller: SignedIn) -> SeenCount:
    """Say that reminders were seen."""
    return see_reminders(dependencies, caller, body.ids)
