"""When the audit trail is sealed (``audit/checkpoints.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from policies.loader import load_policy


class CheckpointPolicy(BaseModel):
    """A checkpoint is due after so many records, or so many seconds after the first that none covers.

    ``first_seconds`` stand in for them as long as there is no checkpoint at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    records: int = Field(ge=1, le=100_000)
    seconds: int = Field(ge=1)
    first_seconds: int = Field(ge=1)


@cache
def checkpoint_policy() -> CheckpointPolicy:
    """The shipped policy."""
    return load_policy("audit/checkpoints.yml", CheckpointPolicy)
