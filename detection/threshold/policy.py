"""The shape of the policy of thresholds (``policies/detection/threshold.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from detection.rules.settings import duration_ms
from policies import load_policy


class ThresholdPolicy(BaseModel):
    """How long (in milliseconds) and how many windows of groups are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept: Annotated[int, BeforeValidator(duration_ms)]
    windows: int = Field(ge=1)


@cache
def load_threshold_policy() -> ThresholdPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/threshold.yml", ThresholdPolicy)
