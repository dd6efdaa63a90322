"""The shape of the retention of detection's records (``policies/retention/records.yml``)."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy

FLOOR_DAYS = 184
"""Six months at their longest: the least that any kind is kept (网络安全法 article 21(3))."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordRetention(_Strict):
    """How long one kind of record is kept, and why."""

    days: int = Field(ge=FLOOR_DAYS, le=36_525)
    reason: str = Field(min_length=1)


class RecordsRetention(_Strict):
    """How long each kind is kept, and how many rows are removed in one transaction."""

    alerts: RecordRetention
    alert_events: RecordRetention
    withheld_matches: RecordRetention
    batch: int = Field(ge=1, le=1_000_000)


@cache
def load_records_retention() -> RecordsRetention:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says, such as less than six months.
    """
    return load_policy("retention/records.yml", RecordsRetention)
