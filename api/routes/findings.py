"""``/classification/findings``: what scans suggest and people propose, and what other people decide on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.alert_documents import BulkResult
from api.caller import Caller
from api.dependencies import Dependencies
from api.finding_documents import FindingDetail, FindingList
from api.finding_query import FindingQuery, read_finding
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.review_work import (
    READ,
    REVIEW,
    amend_finding,
    confirm_finding,
    decide_findings,
    propose_finding,
    reject_finding,
    suggest_by_catalog,
)
from classification.review import Amendment, Confirmation, Proposal, Rejection, RejectReason

router = APIRouter(
    prefix="/api/v1/classification/findings",
    tags=["classification"],
    route_class=IdempotentRoute,
    responses=COMMON_RESPONSES,
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Reviewer = Annotated[Caller, Depends(Requires(REVIEW))]


class CommentRequest(BaseModel):
    """A step with words; identifiers in them are masked before they are kept."""

    comment: str | None = None


class RejectionRequest(CommentRequest):
    """Why a finding is not so; ``instead`` names what a wrong category should be, as a proposal of its own."""

    reason: RejectReason
    instead: str | None = Field(None, max_length=64)


class AmendmentRequest(BaseModel):
    """Why a finding is to be reviewed again; ``grade`` null leaves the one that it has."""

    comment: str
    grade: str | None = Field(None, max_length=32)


class ProposalRequest(CommentRequest):
    """A category that a field of a resource should have; without a grade it gets the scheme's."""

    resource_id: str = Field(max_length=128)
    field: str = Field(min_length=1, max_length=128)
    category: str = Field(max_length=64)
    grade: str | None = Field(None, max_length=32)


class BulkDecision(CommentRequest):
    """One decision on many findings: rejected where there is a reason, else confirmed."""

    finding_ids: list[UUID] = Field(min_length=1)
    reason: RejectReason | None = None


class CatalogRequest(BaseModel):
    """The resources whose fields are looked at; none for all."""

    resource_ids: list[str] = Field(default_factory=list, max_length=1000)


class CatalogSuggestions(BaseModel):
    """What is new, as ``field: category``, by the resource's id."""

    suggested: dict[str, list[str]]


@router.get("")
def list_(query: Annotated[FindingQuery, Query()], dependencies: Dependencies, caller: Reader) -> FindingList:
    """One page of the findings within the caller's units, the highest grade first."""
    return query.page(dependencies, caller)


@router.post("", status_code=HTTPStatus.CREATED)
def propose(body: ProposalRequest, dependencies: Dependencies, caller: Reviewer) -> FindingDetail:
    """Propose a finding; another person decides on it."""
    proposal = Proposal(body.resource_id, body.field, body.category, body.grade, body.comment)
    row = propose_finding(dependencies, proposal, caller)
    return read_finding(dependencies, row.id, caller)


@router.post(":bulk")
def decide(body: BulkDecision, dependencies: Dependencies, caller: Reviewer) -> BulkResult:
    """Confirm or reject many findings; those that can't be are named."""
    decision = Rejection(body.reason, body.comment) if body.reason else Confirmation(body.comment)
    outcome = decide_findings(dependencies, [str(each) for each in body.finding_ids], decision, caller)
    return BulkResult(changed=outcome.changed, failed=outcome.failed)


@router.post(":from-catalog")
def suggest_from_catalog(body: CatalogRequest, dependencies: Dependencies, caller: Reviewer) -> CatalogSuggestions:
    """Suggest what the names and comments of the catalog's fields say; what is known already stays as it is."""
    outcomes = suggest_by_catalog(dependencies, body.resource_ids, caller)
    return CatalogSuggestions(suggested={name: each.suggested for name, each in outcomes.items()})


@router.get("/{finding_id}")
def get_one(finding_id: str, dependencies: Dependencies, caller: Reader) -> FindingDetail:
    """One finding with its masked evidence, its history, and why its resource is graded as it is."""
    return read_finding(dependencies, finding_id, caller)


@router.post("/{finding_id}:confirm")
def confirm(finding_id: str, body: CommentRequest, dependencies: Dependencies, caller: Reviewer) -> FindingDetail:
    """Confirm a finding that another proposed; the catalog gets its category and grade."""
    confirm_finding(dependencies, finding_id, Confirmation(body.comment), caller)
    return read_finding(dependencies, finding_id, caller)


@router.post("/{finding_id}:reject")
def reject(finding_id: str, body: RejectionRequest, dependencies: Dependencies, caller: Reviewer) -> FindingDetail:
    """Reject a finding that another proposed, with a typed reason."""
    reject_finding(dependencies, finding_id, Rejection(body.reason, body.comment, body.instead), caller)
    return read_finding(dependencies, finding_id, caller)


@router.post("/{finding_id}:amend")
def amend(finding_id: str, body: AmendmentRequest, dependencies: Dependencies, caller: Reviewer) -> FindingDetail:
    """Put a finding to review again, with another grade where one is named."""
    amend_finding(dependencies, finding_id, Amendment(body.comment, body.grade), caller)
    return read_finding(dependencies, finding_id, caller)
