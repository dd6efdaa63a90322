"""The model of ``policies/compliance/scoring.yml``."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from policies.compliance.catalog import Importance
from policies.compliance.language import Words
from policies.loader import load_policy

Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScoreGrade(_Strict):
    """A conclusion by score: given from ``at_least`` points, with open problems of high or medium risk or without."""

    name: Words
    at_least: float
    high_risk: bool
    medium_risk: bool


class Deduction(_Strict):
    """The deduction method of the 2021 template."""

    technical_share: Share
    factors: dict[Importance, float]
    unstated: Importance
    partial: Share
    grades: tuple[ScoreGrade, ...] = Field(min_length=1)


class RateConclusion(_Strict):
    """A conclusion by compliance rate: given above so many per cent, with major hidden dangers or without."""

    name: Words
    above: float
    hazards: bool


class ComplianceRate(_Strict):
    """The compliance rate of the 2025 template."""

    partial: Share
    conclusions: tuple[RateConclusion, ...] = Field(min_length=1)


class ScoringPolicy(_Strict):
    """Both ways of adding up."""

    deduction: Deduction
    compliance_rate: ComplianceRate


@cache
def scoring_policy() -> ScoringPolicy:
    """The shipped policy."""
    return load_policy("compliance/scoring.yml", ScoringPolicy)
