"""The loaded rules with their lives, and why some are not in force."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.histograms import LEVELS
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.problems import ProblemError
from api.tuning_documents import RuleLifeDocument
from api.tuning_views import read_exceptions, read_rule, read_rule_lives
from api.tuning_work import switch_rule
from detection.correlation.models import CorrelationStateRow
from detection.correlation.repository import correlation_state
from detection.lifecycle import RuleState

router = APIRouter(include_in_schema=False)
_SHOWN = 500


@router.get("/rules")
def show(
    request: Request,
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("rules:read"))],
    text: Annotated[str, Query(max_length=256)] = "",
    state: RuleState | None = None,
) -> Response:
    """Rules in a state whose title, id or tags hold a text; the most severe first."""
    lives, wanted = read_rule_lives(dependencies), text.strip().casefold()
    found = [life for life in lives if _holds(life, wanted) and state in (None, life.state)]
    found.sort(key=_order)
    in_force = [life for life in lives if life.rule.problem is None]
    context = {
        "active": "rules",
        "text": text,
        "state": state,
        "state_counts": {each.value: sum(life.state is each for life in in_force) for each in RuleState},
        "total": len(lives),
        "found": len(found),
        "not_in_force": len(lives) - len(in_force),
        "lives": found[:_SHOWN],
    }
    return render(request, "rules.html", context)


@router.get("/rules/{rule_id}")
def show_one(
    request: Request,
    rule_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("rules:read"))],
) -> Response:
    """One rule: its state, its switches, its versions, and the exceptions made to it."""
    may_read = caller.principal is not None and caller.principal.may("exceptions:read")
    context = {
        "active": "rules",
        "detail": read_rule(dependencies, rule_id),
        "correlation": _state_of(dependencies, rule_id),
        "states": [each.value for each in RuleState],
        "exceptions": read_exceptions(dependencies, rule_id=rule_id) if may_read else [],
    }
    return render(request, "rule.html", context)


@router.post("/rules/{rule_id}")
def switch(
    rule_id: str,
    dependencies: Dependencies,
    form: Form,
    caller: Annotated[Caller, Depends(Requires("rules:write", form=True))],
) -> Response:
    """Put a rule into another state."""
    try:
        state = RuleState(str(form.get("state", "")))
    except ValueError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_rule_switch", "Choose a state: draft, test, on or retired"
        ) from error
    switch_rule(dependencies, rule_id, state, str(form.get("reason", "")), caller)
    return redirect(f"/rules/{rule_id}", "rule_switched")


def _state_of(dependencies: ApiDependencies, rule_id: str) -> CorrelationStateRow | None:
    with dependencies.records.read() as session:
        return correlation_state(session, rule_id)


def _holds(life: RuleLifeDocument, wanted: str) -> bool:
    return wanted in " ".join((life.rule.title, life.rule.id, *life.rule.tags)).casefold()


def _order(life: RuleLifeDocument) -> tuple[bool, int, str]:
    rank = LEVELS.index(life.rule.level) if life.rule.level in LEVELS else len(LEVELS)
    return life.rule.problem is None, rank, life.rule.title
