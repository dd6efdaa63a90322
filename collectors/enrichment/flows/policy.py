"""The policy of data flows (``policies/collection/flows.yml``)."""

from __future__ import annotations

from functools import cache, cached_property
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from policies import load_policy
from registry.comparison import comparable


class FlowPolicy(BaseModel):
    """The whole file; its head says what each entry means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str
    high_grades: dict[str, str]
    subject_categories: tuple[str, ...]
    subjects_kept: int = Field(ge=0)
    body_longest: int = Field(ge=1)
    destruction_purposes: tuple[str, ...]
    remembered: int = Field(ge=1)

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @cached_property
    def comparable_destruction_purposes(self) -> frozenset[str]:
        """The purposes as grants compare them."""
        return frozenset(comparable(each) for each in self.destruction_purposes)


@cache
def flow_policy() -> FlowPolicy:
    """The policy in force.

    Raises:
        PolicyError: the file is missing or breaks its schema.
    """
    return load_policy("collection/flows.yml", FlowPolicy)
