"""The shape of the coverage policy (``policies/detection/coverage.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TacticLabel(_Strict):
    """A tactic's name in both languages."""

    zh: str
    en: str


class CoveragePolicy(_Strict):
    """How long telemetry counts as seen, and the tactics of the matrix in their order."""

    telemetry_days: int = Field(gt=0)
    measured_every_seconds: int = Field(gt=0)
    attack_version: str
    tactics: dict[str, TacticLabel]


@cache
def load_coverage_policy() -> CoveragePolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/coverage.yml", CoveragePolicy)
