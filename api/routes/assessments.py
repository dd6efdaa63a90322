"""``/systems/{id}/assessments`` and ``/attestations``: systems judged against what their levels demand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Requires, signed_in
from api.caller import Caller
from api.compliance_documents import (
    AssessmentDetail,
    AssessmentDocument,
    AttestationDocument,
    CheckDocument,
    GapDocument,
    ItemDocument,
    ItemHistoryDocument,
    assessment_detail,
    assessment_document,
    attestation_document,
    check_document,
    gap_document,
    history_document,
    item_document,
)
from api.compliance_requests import AttestationRequest, DecisionRequest, GapNoticesRequest, Place, Ref
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.incident_work import milliseconds
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from compliance import (
    AssessmentConflictError,
    Decision,
    NewAttestation,
    WorkState,
    attest,
    check_results,
    decide,
    gaps_of,
    get_assessment,
    item_history,
    list_assessments,
    list_attestations,
    notices_of,
    notify_gaps,
    request_assessment,
    summarize,
)
from compliance.models import Assessment
from registry import UnitScope

router = APIRouter(
    prefix="/api/v1/systems/{system_id}", tags=["compliance"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
one = APIRouter(
    prefix="/api/v1/systems/{system_id}/assessments/{assessment_id}",
    tags=["compliance"],
    route_class=IdempotentRoute,
    responses=COMMON_RESPONSES,
)
READ, ASSESS, ATTEST, ISSUE = "compliance:read", "compliance:assess", "compliance:attest", "notices:issue"
Reader = Annotated[Caller, Depends(Requires(READ))]
Assessor = Annotated[Caller, Depends(Requires(ASSESS))]
Attester = Annotated[Caller, Depends(Requires(ATTEST))]
Issuer = Annotated[Caller, Depends(Requires(ISSUE))]


def units_of(caller: Caller) -> UnitScope:
    """The units whose assessments the caller sees."""
    return signed_in(caller).unit_scope(READ)


@router.get("/assessments")
def list_(system_id: str, dependencies: Dependencies, caller: Reader) -> list[AssessmentDocument]:
    """The assessments of a system, the newest first, a hundred at most."""
    with dependencies.records.read() as session:
        return [assessment_document(each) for each in list_assessments(session, units_of(caller), system_id)]


@router.post("/assessments", status_code=HTTPStatus.CREATED)
def request(system_id: str, dependencies: Dependencies, caller: Assessor) -> AssessmentDocument:
    """Have a system assessed as soon as a worker is free."""
    with dependencies.records.begin() as session:
        return assessment_document(request_assessment(session, system_id, editor(caller, ASSESS)))


@one.get("")
def get_one(place: Place, dependencies: Dependencies, caller: Reader) -> AssessmentDetail | AssessmentDocument:
    """An assessment, and what it adds up to once it is done."""
    with dependencies.records.read() as session:
        found = get_assessment(session, units_of(caller), *place)
        if found.state != WorkState.DONE.value:
            return assessment_document(found)
        return assessment_detail(found, summarize(session, found))


@one.get("/items")
def list_items(place: Place, dependencies: Dependencies, caller: Reader) -> list[ItemDocument]:
    """Every item with the judgment that holds, in the standard's order; none until the assessment is done."""
    with dependencies.records.read() as session:
        found = get_assessment(session, units_of(caller), *place)
        return [item_document(each) for each in summarize(session, found).items]


@one.get("/items/{ref}/history")
def history(place: Place, ref: Ref, dependencies: Dependencies, caller: Reader) -> list[ItemHistoryDocument]:
    """Every judgment of an item, the first one first."""
    with dependencies.records.read() as session:
        found = get_assessment(session, units_of(caller), *place)
        return [history_document(each) for each in item_history(session, found.id, ref)]


@one.post("/items/{ref}:decide", status_code=HTTPStatus.CREATED)
def decide_item(
    place: Place, ref: Ref, body: DecisionRequest, dependencies: Dependencies, caller: Attester
) -> ItemHistoryDocument:
    """Judge an item otherwise; what was said before stays."""
    decision = Decision(ref, body.judgment, body.reason)
    with dependencies.records.begin() as session:
        return history_document(decide(session, place, decision, editor(caller, ATTEST)))


@one.get("/evidence")
def list_evidence(place: Place, dependencies: Dependencies, caller: Reader) -> list[CheckDocument]:
    """How each automatic check came out, with its evidence."""
    with dependencies.records.read() as session:
        found = get_assessment(session, units_of(caller), *place)
        return [check_document(each) for each in check_results(session, found.id)]


@one.get("/gaps")
def list_gaps(place: Place, dependencies: Dependencies, caller: Reader) -> list[GapDocument]:
    """What does not hold, what weighs most first, and who answers for it."""
    with dependencies.records.read() as session:
        found = _finished(get_assessment(session, units_of(caller), *place))
        numbers = {ref: each.number for ref, each in notices_of(session, found).items()}
        return [gap_document(each, numbers.get(each.ref)) for each in gaps_of(found, summarize(session, found))]


@one.post("/gaps:notify", status_code=HTTPStatus.CREATED)
def notify(place: Place, body: GapNoticesRequest, dependencies: Dependencies, caller: Issuer) -> list[GapDocument]:
    """Issue a notice for each of these gaps to the unit that answers for it."""
    acting = editor(caller, ISSUE)
    with dependencies.records.begin() as session:
        found = _finished(get_assessment(session, acting.scope, *place))
        gaps = gaps_of(found, summarize(session, found))
        notices = notify_gaps(session, found, gaps, body.refs, acting)
        by_ref = {each.ref: each for each in gaps}
        refs = dict.fromkeys(body.refs)
        return [gap_document(by_ref[ref], notice.number) for ref, notice in zip(refs, notices, strict=True)]


@router.get("/attestations")
def attestations(system_id: str, dependencies: Dependencies, caller: Reader) -> list[AttestationDocument]:
    """What people attested of a system, the newest first."""
    with dependencies.records.read() as session:
        return [attestation_document(each) for each in list_attestations(session, units_of(caller), system_id)]


@router.post("/attestations", status_code=HTTPStatus.CREATED)
def add_attestation(
    system_id: str, body: AttestationRequest, dependencies: Dependencies, caller: Attester
) -> AttestationDocument:
    """Attest an item; the next assessments take it into account."""
    new = NewAttestation(
        body.ref,
        body.judgment,
        body.statement,
        body.document,
        body.document_digest,
        milliseconds(body.valid_until),
    )
    with dependencies.records.begin() as session:
        return attestation_document(attest(session, system_id, new, editor(caller, ATTEST)))


def _finished(assessment: Assessment) -> Assessment:
    if assessment.state != WorkState.DONE.value:
        raise AssessmentConflictError(
            f"assessment {assessment.id} is {assessment.state}; its gaps come when it is done"
        )
    return assessment
