"""One's own reminders: deadlines that are near, that have passed, and that were escalated to one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.form_fields import number_of
from api.console.rendering import redirect, render
from api.console.response_words import ResponseWords
from api.console.translation import language_of
from api.dependencies import Dependencies
from api.reminder_work import read_reminders, see_reminders

router = APIRouter(include_in_schema=False)
_A_PAGE = 200


@router.get("/reminders")
def show(
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires(None))],
    *,
    every: bool = False,
) -> Response:
    """Those not seen yet, or every one."""
    page = read_reminders(dependencies, caller, unseen=not every, limit=_A_PAGE)
    words = ResponseWords(language_of(request))
    return render(request, "reminders.html", {"active": "reminders", "page": page, "words": words, "shows_all": every})


@router.post("/reminders")
def see(
    dependencies: Dependencies, form: Form, caller: Annotated[Caller, Depends(Requires(None, form=True))]
) -> Response:
    """Say that one was seen and go to what it is of, or that all were."""
    if one := number_of(form, "reminder"):
        see_reminders(dependencies, caller, [one])
        return redirect(str(form.get("next", "/reminders")))
    see_reminders(dependencies, caller, None)
    return redirect("/reminders", "reminders_seen")
