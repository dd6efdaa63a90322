"""``/coverage``: the ATT&CK techniques that rules cover, by telemetry that was seen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.problems import COMMON_RESPONSES
from api.rule_coverage import current_coverage
from api.rule_insight_documents import CoverageDocument
from detection.coverage import load_coverage_policy, navigator_layer

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("rules:read"))]


@router.get("")
def get_coverage(dependencies: Dependencies, _caller: Reader) -> CoverageDocument:
    """Every technique that a rule names, with its state and its rules."""
    return CoverageDocument.model_validate(current_coverage(dependencies), from_attributes=True)


@router.get("/navigator-layer")
def get_navigator_layer(dependencies: Dependencies, response: Response, _caller: Reader) -> dict[str, Any]:
    """The same as a layer for the ATT&CK Navigator (format 4.5)."""
    response.headers["Content-Disposition"] = 'attachment; filename="fengsui-coverage.json"'
    return navigator_layer(current_coverage(dependencies), load_coverage_policy())
