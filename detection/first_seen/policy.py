"""The shape of the policy of new terms (``policies/detection/first_seen.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from detection.rules.settings import duration_ms
from policies import load_policy

_Milliseconds = Annotated[int, BeforeValidator(duration_ms)]


class FirstSeenPolicy(BaseModel):
    """Durations in milliseconds; how many combinations a rule remembers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settling: _Milliseconds
    learning: _Milliseconds
    combinations: int = Field(ge=1)


@cache
def load_first_seen_policy() -> FirstSeenPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/first_seen.yml", FirstSeenPolicy)
