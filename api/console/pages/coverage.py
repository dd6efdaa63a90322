"""The ATT&CK matrix: what the rules cover, by telemetry that was seen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.rendering import render
from api.dependencies import Dependencies
from api.rule_coverage import current_coverage
from detection.coverage import CoverageState, load_coverage_policy

router = APIRouter(include_in_schema=False)


@router.get("/coverage")
def show(
    request: Request, dependencies: Dependencies, _caller: Annotated[Caller, Depends(Requires("rules:read"))]
) -> Response:
    """The techniques by tactic, each with its state and its rules."""
    coverage, policy = current_coverage(dependencies), load_coverage_policy()
    context = {
        "active": "coverage",
        "coverage": coverage,
        "policy": policy,
        "counts": {state.value: coverage.count(state) for state in CoverageState},
    }
    return render(request, "coverage.html", context)
