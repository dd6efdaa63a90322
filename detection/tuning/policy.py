"""The shape of the tuning policy (``policies/detection/tuning.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies import load_policy

DAY_MS = 86_400_000


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExceptionPolicy(_Strict):
    """Limits of exceptions; lives in days."""

    default_days: int = Field(gt=0)
    maximum_days: int = Field(gt=0)
    approval_by_another: bool
    reason_maximum_length: int = Field(gt=0)
    fields_maximum: int = Field(gt=0)

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.default_days > self.maximum_days:
            raise ValueError("default_days is more than maximum_days; lower it")
        return self


class BacktestPolicy(_Strict):
    """How much of the past an exception is tried on before it is saved."""

    alert_events_maximum: int = Field(gt=0)
    store_events_maximum: int = Field(gt=0)
    days_maximum: int = Field(gt=0)


class SilencePolicy(_Strict):
    """Limits of silences; the longest life in days."""

    maximum_days: int = Field(gt=0)
    matchers_maximum: int = Field(gt=0)


class TuningPolicy(_Strict):
    """The whole file; ``sample_events`` is how many withheld events are shown."""

    exceptions: ExceptionPolicy
    backtest: BacktestPolicy
    silences: SilencePolicy
    sample_events: int = Field(gt=0)


@cache
def tuning_policy() -> TuningPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/tuning.yml", TuningPolicy)
