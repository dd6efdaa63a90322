"""Dead letters: what could not become an event, why, and another try."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.formatting import hex_dump, text_preview
from api.console.rendering import redirect, render
from api.dead_letter_work import ask_for_replay, discard, read
from api.dependencies import Dependencies
from api.routes.dead_letters import DeadLetterQuery
from api.signing import decode_cursor, encode_cursor
from collectors.delivery import DeadLetterFilter
from collectors.delivery.models import LetterState
from collectors.delivery.repository import count_dead_letters, find_dead_letters

router = APIRouter(include_in_schema=False)
_SHOWN_BYTES = 4096


@router.get("/dead-letters")
def show_list(
    request: Request,
    query: Annotated[DeadLetterQuery, Query()],
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("dead-letters:read"))],
) -> Response:
    """Counts by source and reason, and the letters of a choice; without a state, those not dealt with."""
    wanted = DeadLetterFilter(query.source or None, query.reason or None, query.state or LetterState.NEW)
    key, purpose = dependencies.secret_key, f"dead-letters:{wanted}"
    after = decode_cursor(key, purpose, query.cursor) if query.cursor else None
    with dependencies.records.read() as session:
        letters = find_dead_letters(session, wanted, after=after, limit=query.limit)
        totals = count_dead_letters(session)
    context = {
        "active": "dead_letters",
        "wanted": wanted,
        "letters": letters,
        "totals": [each for each in totals if each.state is wanted.state],
        "states": [state.value for state in LetterState],
        "next_cursor": encode_cursor(key, purpose, letters[-1].id) if len(letters) == query.limit else None,
    }
    return render(request, "dead_letters.html", context)


@router.get("/dead-letters/{letter_id}")
def show_one(
    request: Request,
    letter_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("dead-letters:read"))],
) -> Response:
    """One letter with its first bytes."""
    stored = read(dependencies, letter_id, caller)
    raw = stored.letter.raw[:_SHOWN_BYTES]
    context = {
        "active": "dead_letters",
        "letter": stored,
        "text": text_preview(raw),
        "hex": hex_dump(raw),
        "cut": len(stored.letter.raw) > _SHOWN_BYTES,
    }
    return render(request, "dead_letter.html", context)


@router.post("/dead-letters")
def act(
    dependencies: Dependencies,
    form: Form,
    caller: Annotated[Caller, Depends(Requires("dead-letters:write", form=True))],
) -> Response:
    """Replay or discard the selected letters."""
    ids, back = [str(each) for each in form.getlist("letter_id")], str(form.get("back", "/dead-letters"))
    if not ids:
        return redirect(back, "nothing_selected")
    if form.get("action") == "discard":
        return redirect(back, f"discarded:{discard(dependencies, ids, caller)}")
    return redirect(back, f"replay_requested:{ask_for_replay(dependencies, ids, None, caller)}")
