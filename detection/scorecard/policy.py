"""The shape of the scorecard policy (``policies/detection/scorecard.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RetireBounds(_Strict):
    """From where on a rule does more harm than good."""

    false_positive_share: float = Field(gt=0, le=1)


class TuneBounds(_Strict):
    """From where on a rule asks for exceptions or a narrower condition."""

    unwanted_share: float = Field(gt=0, le=1)
    alerts_a_day: float = Field(gt=0)


class ScorecardPolicy(_Strict):
    """How far back to look, and the bounds of each hint."""

    period_days: int = Field(gt=0)
    minimum_closed: int = Field(gt=0)
    retire: RetireBounds
    tune: TuneBounds
    noisy_entities: int = Field(gt=0)


@cache
def load_scorecard_policy() -> ScorecardPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/scorecard.yml", ScorecardPolicy)
