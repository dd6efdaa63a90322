"""The shape of the correlation policy (``policies/detection/correlation.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from detection.rules.settings import duration_ms
from policies import load_policy


class CorrelationPolicy(BaseModel):
    """Lateness in milliseconds, and bounds on what is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lateness: Annotated[int, BeforeValidator(duration_ms)]
    waiting_events: int = Field(ge=1)
    groups: int = Field(ge=1)
    events_a_group: int = Field(ge=1)


_EVER_MS = 1 << 60


def for_whole_input(policy: CorrelationPolicy) -> CorrelationPolicy:
    """The policy for input with an end: nothing is late, everything is evaluated at the end, in the order of time."""
    return policy.model_copy(update={"lateness": _EVER_MS})


@cache
def load_correlation_policy() -> CorrelationPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/correlation.yml", CorrelationPolicy)
