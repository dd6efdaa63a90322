"""``/rules``: the loaded detection rules, their states and their versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies, RuleSummary
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.tuning_documents import RuleDetail, RuleLifeDocument
from api.tuning_views import read_rule, read_rule_lives
from api.tuning_work import switch_rule
from detection.lifecycle import RuleState

router = APIRouter(prefix="/api/v1/rules", tags=["rules"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("rules:read"))]
Writer = Annotated[Caller, Depends(Requires("rules:write"))]


class RuleList(BaseModel):
    """The rules; one with a ``problem`` is not in force."""

    rules: list[RuleSummary]


class RuleSwitch(BaseModel):
    """The state that a rule shall be in, and why."""

    state: RuleState
    reason: str


@router.get("")
def list_rules(dependencies: Dependencies, _caller: Reader) -> RuleList:
    """Every rule that was read, in force or not."""
    return RuleList(rules=list(dependencies.rules()))


@router.get("/lives")
def list_lives(dependencies: Dependencies, _caller: Reader) -> list[RuleLifeDocument]:
    """Every rule with its state, its version, and what it matched while on trial."""
    return read_rule_lives(dependencies)


@router.get("/{rule_id}")
def get_rule(rule_id: str, dependencies: Dependencies, _caller: Reader) -> RuleDetail:
    """One rule with every switch and version."""
    return read_rule(dependencies, rule_id)


@router.post("/{rule_id}:switch")
def switch(rule_id: str, body: RuleSwitch, dependencies: Dependencies, caller: Writer) -> RuleDetail:
    """Put a rule into another state: draft, test, on or retired."""
    switch_rule(dependencies, rule_id, body.state, body.reason, caller)
    return read_rule(dependencies, rule_id)
