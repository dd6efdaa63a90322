"""The model of ``policies/triage``."""

from __future__ import annotations

from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from detection.alerts import Disposition
from policies import load_policy


class DispositionLabel(BaseModel):
    """A disposition's name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class DispositionPolicy(BaseModel):
    """Dispositions in the order in which they are offered, and the limits of triage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dispositions: dict[Disposition, DispositionLabel]
    comment_maximum_length: int = Field(gt=0)
    bulk_maximum: int = Field(gt=0)

    @model_validator(mode="after")
    def _names_all(self) -> Self:
        if missing := set(Disposition) - self.dispositions.keys():
            raise ValueError(f"dispositions: {sorted(missing)} have no label; add them")
        return self


@cache
def disposition_policy() -> DispositionPolicy:
    """The shipped dispositions."""
    return load_policy("triage/dispositions.yml", DispositionPolicy)
