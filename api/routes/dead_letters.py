"""``/dead-letters``: what could not become an event."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dead_letter_work import ask_for_replay, discard, read
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from api.signing import decode_cursor, encode_cursor
from collectors.delivery import DeadLetterFilter, StoredDeadLetter
from collectors.delivery.models import LetterState
from collectors.delivery.repository import count_dead_letters, find_dead_letters

router = APIRouter(
    prefix="/api/v1/dead-letters", tags=["dead letters"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires("dead-letters:read"))]
Writer = Annotated[Caller, Depends(Requires("dead-letters:write"))]
_MAXIMUM = 500


class DeadLetterQuery(BaseModel):
    """Which dead letters."""

    source: str | None = None
    reason: str | None = None
    state: LetterState | None = None
    limit: int = Field(100, ge=1, le=_MAXIMUM)
    cursor: str | None = None


class DeadLetterDocument(BaseModel):
    """A dead letter without its bytes; ``is_whole`` when all of them were kept, so that it can be replayed."""

    id: str
    source: str
    position: int
    reason: str
    detail: str
    decoder: str
    format: str | None
    length: int | None
    received: Moment
    state: str
    event_id: str | None
    is_whole: bool


class DeadLetterDetail(DeadLetterDocument):
    """A dead letter with its bytes in Base64."""

    raw: str


class DeadLetterList(BaseModel):
    """A page of dead letters, the last received first."""

    dead_letters: list[DeadLetterDocument]
    next_cursor: str | None


class DeadLetterCounts(BaseModel):
    """How many dead letters a source has for a reason, in a state."""

    source: str
    reason: str
    state: str
    count: int


class DeadLetterIds(BaseModel):
    """Which dead letters to act upon."""

    ids: list[str] = Field(min_length=1, max_length=_MAXIMUM)


class ReplayRequest(DeadLetterIds):
    """Which to try again; ``format`` names another normalizer, null keeps the source's."""

    format: str | None = Field(None, max_length=100)


@router.get("")
def list_dead_letters(
    query: Annotated[DeadLetterQuery, Query()], dependencies: Dependencies, _caller: Reader
) -> DeadLetterList:
    """One page of the dead letters."""
    wanted = DeadLetterFilter(query.source, query.reason, query.state)
    key, purpose = dependencies.secret_key, f"dead-letters:{wanted}"
    after = decode_cursor(key, purpose, query.cursor) if query.cursor else None
    with dependencies.records.read() as session:
        found = find_dead_letters(session, wanted, after=after, limit=query.limit)
    following = encode_cursor(key, purpose, found[-1].id) if len(found) == query.limit else None
    return DeadLetterList(dead_letters=[_document(stored) for stored in found], next_cursor=following)


@router.get("/counts")
def count(dependencies: Dependencies, _caller: Reader) -> list[DeadLetterCounts]:
    """How many there are by source, reason and state."""
    with dependencies.records.read() as session:
        counts = count_dead_letters(session)
    return [DeadLetterCounts.model_validate(each, from_attributes=True) for each in counts]


@router.get("/{letter_id}")
def get_dead_letter(letter_id: str, dependencies: Dependencies, caller: Reader) -> DeadLetterDetail:
    """One dead letter with its bytes."""
    stored = read(dependencies, letter_id, caller)
    raw = base64.b64encode(stored.letter.raw).decode("ascii")
    return DeadLetterDetail(**dict(_document(stored)), raw=raw)


@router.post(":replay", status_code=HTTPStatus.ACCEPTED)
def request_replay(body: ReplayRequest, dependencies: Dependencies, caller: Writer) -> dict[str, int]:
    """Ask that dead letters be decoded and normalized anew; their state tells what came of it."""
    return {"requested": ask_for_replay(dependencies, body.ids, body.format, caller)}


@router.post(":discard")
def discard_letters(body: DeadLetterIds, dependencies: Dependencies, caller: Writer) -> dict[str, int]:
    """Set dead letters aside as not needed; they stay readable."""
    return {"discarded": discard(dependencies, body.ids, caller)}


def _document(stored: StoredDeadLetter) -> DeadLetterDocument:
    letter = stored.letter
    return DeadLetterDocument(
        id=stored.id,
        source=stored.source,
        position=letter.position,
        reason=letter.reason,
        detail=letter.detail,
        decoder=letter.decoder,
        format=stored.format,
        length=letter.length,
        received=stored.received_ms,
        state=stored.state,
        event_id=stored.event_id,
        is_whole=stored.is_whole,
    )
