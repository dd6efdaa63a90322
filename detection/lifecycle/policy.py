"""The shape of the policy of rules' lives (``policies/detection/lifecycle.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from detection.lifecycle.models import RuleState
from policies import load_policy


class LifecyclePolicy(BaseModel):
    """The state of rules that nobody has switched, by their Sigma status, and the longest reason for a switch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by_status: dict[str, RuleState]
    without_status: RuleState
    reason_maximum_length: int = Field(gt=0)

    def state(self, status: str | None) -> RuleState:
        """The state that a status gives; a status that the policy does not name counts as none."""
        return self.by_status.get((status or "").lower(), self.without_status)


@cache
def lifecycle_policy() -> LifecyclePolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/lifecycle.yml", LifecyclePolicy)
