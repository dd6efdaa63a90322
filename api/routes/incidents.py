"""``/incidents``: list, open, and lead through the five steps."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.identity.repository import find_user
from api.incident_documents import IncidentDocument, IncidentList, incident_document
from api.incident_work import (
    READ,
    WRITE,
    Cursor,
    Id,
    Limit,
    Title,
    Words,
    before_number,
    milliseconds,
    next_page,
    scope_of,
)
from api.problems import COMMON_RESPONSES, not_found
from api.registry_work import editor
from incidents import (
    Classification,
    IncidentFacts,
    IncidentLevel,
    IncidentSource,
    IncidentState,
    LevelDecision,
    Merging,
    Move,
    NewIncident,
    Operator,
    Owner,
    advance,
    close_incident,
    decide_level,
    give_to,
    merge_incident,
    open_incident,
    reclassify,
    reopen_incident,
    unmerge_incident,
    weigh,
)
from incidents.repository.listing import IncidentFilter, list_incidents
from incidents.repository.lookup import incident_of

router = APIRouter(
    prefix="/api/v1/incidents", tags=["incidents"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class IncidentQuery(BaseModel):
    """Which incidents: all that is set must hold; ``text`` is part of the title, or the number."""

    state: list[IncidentState] = Field(default=[], max_length=16)
    level: list[IncidentLevel] = Field(default=[], max_length=4)
    unit: Id | None = None
    system: Id | None = None
    class_code: Id | None = None
    text: Title = ""
    limit: Limit = 50
    cursor: Cursor | None = None


class IncidentRequest(BaseModel):
    """An incident to be opened; without a unit it is that of the system's operator."""

    title: Title
    class_code: Id
    subclass_code: Id | None = None
    summary: Words = ""
    unit_id: Id | None = None
    system_id: Id | None = None
    facts: IncidentFacts = Field(default_factory=IncidentFacts)
    operator: Operator | None = None
    discovered: AwareDatetime | None = None
    alert_ids: list[Id] = Field(default=[], max_length=500)


class ReasonRequest(BaseModel):
    """Why."""

    reason: Words


class MoveRequest(BaseModel):
    """To which step; anything but one step on needs a reason."""

    to: IncidentState
    reason: Words | None = None


class CloseRequest(ReasonRequest):
    """How it ended."""

    conclusion: Id


class MergeRequest(ReasonRequest):
    """Into which other incident."""

    into_id: Id


class LevelRequest(ReasonRequest):
    """The level that a person gives, 1 (特别重大) to 4 (一般)."""

    level: IncidentLevel


class ClassRequest(BaseModel):
    """The class that an incident should have."""

    class_code: Id
    subclass_code: Id | None = None
    reason: Words = ""


class OwnerRequest(BaseModel):
    """The name of the account that leads it; null for nobody."""

    owner: str | None = Field(max_length=128)


@router.get("")
def list_(query: Annotated[IncidentQuery, Query()], dependencies: Dependencies, caller: Reader) -> IncidentList:
    """One page of the incidents within the caller's units, newest first."""
    criteria = IncidentFilter(
        query.state, query.level, query.unit, query.system, class_code=query.class_code, text=query.text
    )
    purpose = f"incidents:{criteria}"
    before = before_number(dependencies, purpose, query.cursor)
    with dependencies.records.read() as session:
        found = list_incidents(session, scope_of(caller, READ), criteria, limit=query.limit, before=before)
        shown = [incident_document(incident) for incident in found]
    cursor = next_page(dependencies, purpose, [incident.number for incident in shown], query.limit)
    return IncidentList(incidents=shown, next_cursor=cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def open_(body: IncidentRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Open an incident; its level is proposed from the facts and its clocks start."""
    source = IncidentSource.API if caller.principal and caller.principal.session_id is None else IncidentSource.PERSON
    new = NewIncident(
        title=body.title,
        class_code=body.class_code,
        subclass_code=body.subclass_code,
        summary=body.summary,
        unit_id=body.unit_id,
        system_id=body.system_id,
        source=source,
        facts=body.facts,
        operator=body.operator,
        discovered_ms=milliseconds(body.discovered),
        alert_ids=tuple(body.alert_ids),
    )
    with dependencies.records.begin() as session:
        return incident_document(open_incident(session, new, editor(caller, WRITE)))


@router.get("/{incident_id}")
def get_one(incident_id: str, dependencies: Dependencies, caller: Reader) -> IncidentDocument:
    """An incident."""
    with dependencies.records.read() as session:
        return incident_document(incident_of(session, scope_of(caller, READ), incident_id))


@router.post("/{incident_id}:advance")
def advance_(incident_id: str, body: MoveRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Take an incident to another of the five steps."""
    with dependencies.records.begin() as session:
        move = Move(body.to, body.reason)
        return incident_document(advance(session, incident_id, move, editor(caller, WRITE)))


@router.post("/{incident_id}:close")
def close(incident_id: str, body: CloseRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Close an incident; its level must be decided and its notices verified."""
    move = Move(IncidentState.CLOSED, body.reason, body.conclusion)
    with dependencies.records.begin() as session:
        return incident_document(close_incident(session, incident_id, move, editor(caller, WRITE)))


@router.post("/{incident_id}:reopen")
def reopen(incident_id: str, body: MoveRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Open a closed incident anew."""
    with dependencies.records.begin() as session:
        move = Move(body.to, body.reason)
        return incident_document(reopen_incident(session, incident_id, move, editor(caller, WRITE)))


@router.post("/{incident_id}:merge")
def merge(incident_id: str, body: MergeRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Let an incident be handled as part of another."""
    merging = Merging(body.into_id, body.reason)
    with dependencies.records.begin() as session:
        return incident_document(merge_incident(session, incident_id, merging, editor(caller, WRITE)))


@router.post("/{incident_id}:unmerge")
def unmerge(incident_id: str, body: ReasonRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Take a merged incident out again."""
    with dependencies.records.begin() as session:
        return incident_document(unmerge_incident(session, incident_id, body.reason, editor(caller, WRITE)))


@router.post("/{incident_id}:decide-level")
def decide(incident_id: str, body: LevelRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Decide the level; its clocks take the place of the others."""
    decision = LevelDecision(body.level, body.reason)
    with dependencies.records.begin() as session:
        return incident_document(decide_level(session, incident_id, decision, editor(caller, WRITE)))


@router.post("/{incident_id}:weigh")
def weigh_(incident_id: str, body: IncidentFacts, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Say what is known of its weight; the level is proposed anew, a decided one stands."""
    with dependencies.records.begin() as session:
        return incident_document(weigh(session, incident_id, body, editor(caller, WRITE)))


@router.post("/{incident_id}:classify")
def classify(incident_id: str, body: ClassRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Give an incident another class."""
    classification = Classification(body.class_code, body.subclass_code, body.reason)
    with dependencies.records.begin() as session:
        return incident_document(reclassify(session, incident_id, classification, editor(caller, WRITE)))


@router.post("/{incident_id}:assign")
def assign(incident_id: str, body: OwnerRequest, dependencies: Dependencies, caller: Writer) -> IncidentDocument:
    """Let somebody lead an incident, or nobody."""
    with dependencies.records.begin() as session:
        user = find_user(session, body.owner) if body.owner is not None else None
        if user is None and body.owner is not None:
            raise not_found("user", "There is no account of this name; see the list of accounts")
        owner = Owner(user.id, user.name) if user is not None else None
        return incident_document(give_to(session, incident_id, owner, editor(caller, WRITE)))
