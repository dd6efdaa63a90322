"""The review desk: what scans suggest and people propose, with masked evidence, and what others decide on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.rendering import redirect, render
from api.console.translation import language_of
from api.dependencies import ApiDependencies, Dependencies
from api.finding_query import FindingQuery, read_finding
from api.problems import ProblemError
from api.review_work import (
    READ,
    REVIEW,
    amend_finding,
    confirm_finding,
    decide_findings,
    reject_finding,
    suggest_by_catalog,
)
from classification.review import (
    Amendment,
    Confirmation,
    FindingState,
    Rejection,
    RejectReason,
    review_policy,
)

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Reviewer = Annotated[Caller, Depends(Requires(REVIEW, form=True))]
_STATES = [state.value for state in FindingState]


@router.get("/review")
def show_list(
    request: Request, query: Annotated[FindingQuery, Query()], dependencies: Dependencies, caller: Reader
) -> Response:
    """The findings of a filter; without a state, those that wait, or that a scan disagrees with, or that are due."""
    asked = query.state or not (query.disagreeing or query.due)
    chosen = query if query.state or not asked else query.model_copy(update={"state": [FindingState.SUGGESTED]})
    context = {
        "active": "review",
        "words": DataWords(language_of(request)),
        "query": query,
        "shown_states": chosen.state,
        "states": _STATES,
        "page": chosen.page(dependencies, caller),
        "reasons": [reason.value for reason in RejectReason],
        "longest": review_policy().comment_maximum_length,
        "parameters": query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}),
    }
    return render(request, "review.html", context)


@router.post("/review")
def decide(dependencies: Dependencies, form: Form, caller: Reviewer) -> Response:
    """One decision on all selected findings."""
    back, selected = str(form.get("back", "/review")), [str(each) for each in form.getlist("finding_id")]
    if not selected:
        return redirect(back, "nothing_selected")
    comment = str(form.get("comment", "")).strip() or None
    decision: Confirmation | Rejection
    decision = Rejection(_reason(form), comment) if form.get("action") == "reject" else Confirmation(comment)
    outcome = decide_findings(dependencies, selected, decision, caller)
    failed = f":{len(outcome.failed)}" if outcome.failed else ""
    return redirect(back, f"{'decided_some' if failed else 'decided'}:{len(outcome.changed)}{failed}")


@router.post("/review/from-catalog")
def suggest_from_catalog(dependencies: Dependencies, caller: Reviewer) -> Response:
    """Suggest what the names and comments of the catalog's fields say."""
    outcomes = suggest_by_catalog(dependencies, (), caller)
    return redirect("/review", f"suggested:{sum(len(each.suggested) for each in outcomes.values())}")


@router.get("/review/{finding_id}")
def show_one(request: Request, finding_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One finding: its evidence, beside a decision the latest scan's, its resource's grade, and its history."""
    finding = read_finding(dependencies, finding_id, caller)
    context = {
        "active": "review",
        "words": DataWords(language_of(request)),
        "finding": finding,
        "reasons": [reason.value for reason in RejectReason],
        "longest": review_policy().comment_maximum_length,
        "is_own": caller.principal is not None and finding.proposed_by == caller.principal.actor.name,
    }
    return render(request, "finding.html", context)


@router.post("/review/{finding_id}")
def act_on_one(finding_id: str, dependencies: Dependencies, form: Form, caller: Reviewer) -> Response:
    """Confirm or reject a finding, or put it to review again."""
    _act(dependencies, finding_id, form, caller)
    return redirect(f"/review/{finding_id}", f"finding_{form.get('action')}")


def _act(dependencies: ApiDependencies, finding_id: str, form: Form, caller: Caller) -> None:
    comment = str(form.get("comment", "")).strip() or None
    match form.get("action"):
        case "confirm":
            confirm_finding(dependencies, finding_id, Confirmation(comment), caller)
        case "reject":
            rejection = Rejection(_reason(form), comment, str(form.get("instead", "")) or None)
            reject_finding(dependencies, finding_id, rejection, caller)
        case "amend":
            amendment = Amendment(comment or "", str(form.get("grade", "")) or None)
            amend_finding(dependencies, finding_id, amendment, caller)
        case _:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Confirm, reject or amend the finding")


def _reason(form: Form) -> RejectReason:
    try:
        return RejectReason(str(form.get("reason", "")))
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Choose why it is not so") from error
