"""``/rules``: the loaded detection rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies, RuleSummary
from api.problems import COMMON_RESPONSES

router = APIRouter(prefix="/api/v1/rules", tags=["rules"], responses=COMMON_RESPONSES)


class RuleList(BaseModel):
    """The rules; one with a ``problem`` is not in force."""

    rules: list[RuleSummary]


@router.get("")
def list_rules(dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("rules:read"))]) -> RuleList:
    """Every rule that was read, in force or not."""
    return RuleList(rules=list(dependencies.rules()))
