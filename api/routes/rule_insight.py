"""``/rules/{id}:explain`` and scorecards: why a rule matches, and what came of its alerts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, model_validator

from api.access import Requires, signed_in
from api.caller import Caller
from api.dependencies import Dependencies
from api.problems import COMMON_RESPONSES, ProblemError, not_found
from api.rule_insight_documents import ScorecardDocument, ScorecardList
from api.rule_lookup import loaded_correlation, rule_or_problem
from detection.explanation import Explanation, explain
from detection.scorecard import scorecard_of, scorecards
from events import Event, flatten, now_ms
from events.event import NestingError

router = APIRouter(prefix="/api/v1", tags=["rules"], responses=COMMON_RESPONSES)


class Explained(BaseModel):
    """The event to explain: of the store by its id, or as given."""

    event_id: str | None = Field(None, max_length=64)
    event: dict[str, Any] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.event_id is None) == (self.event is None):
            raise ValueError("give event_id or event, one of them")
        return self


@router.post("/rules/{rule_id}:explain")
def explain_rule(
    rule_id: str,
    body: Explained,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("events:read"))],
) -> Explanation:
    """Which part of a rule holds for an event and which does not, down to each comparison, and why."""
    if not signed_in(caller).may("rules:read"):
        raise ProblemError(HTTPStatus.FORBIDDEN, "scope_missing", "This needs the scope rules:read")
    correlation = loaded_correlation(dependencies, rule_id)
    if correlation is not None:
        about = ", ".join(each.id for each in correlation.references)
        detail = f"A correlation is about several events, of which one explains nothing; explain its rules: {about}"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "correlation_not_explained", detail)
    rule = rule_or_problem(dependencies, rule_id)
    return explain(rule, _given(body.event) if body.event is not None else _stored(dependencies, str(body.event_id)))


@router.get("/rules/{rule_id}/scorecard")
def get_scorecard(
    rule_id: str, dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("rules:read"))]
) -> ScorecardDocument:
    """What came of the alerts of one rule, with the entities that it is noisiest about."""
    with dependencies.records.read() as session:
        card = scorecard_of(session, rule_id, now_ms())
    return ScorecardDocument.model_validate(card, from_attributes=True)


@router.get("/rule-scorecards")
def list_scorecards(
    dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("rules:read"))]
) -> ScorecardList:
    """The scorecards of all rules with alerts in the period, by rule id."""
    with dependencies.records.read() as session:
        cards = scorecards(session, now_ms())
    return ScorecardList.model_validate({"scorecards": cards}, from_attributes=True)


def _given(document: dict[str, Any]) -> Event:
    try:
        return flatten(document)
    except NestingError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_event", "The event is nested too deeply"
        ) from error


def _stored(dependencies: Dependencies, event_id: str) -> Event:
    found = dependencies.events.get([event_id])
    if not found:
        raise not_found("event", "The store holds no event of this id; its day may have been dropped")
    return found[0]
