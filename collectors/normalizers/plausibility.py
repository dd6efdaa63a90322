"""Which event times are plausible; a clock that is far off is marked, its events are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from events import format_timestamp
from policies import load_policy

_HOUR_MS = 3_600_000


class TimePolicy(BaseModel):
    """What a log's own time may be: not before ``earliest``, not later than so many hours after now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    earliest: date
    latest_after_now_hours: float = Field(gt=0)


@dataclass(frozen=True, slots=True)
class PlausibleTimes:
    """The plausible times as event timestamps, which compare as text because they have a fixed width."""

    earliest: str
    latest: str

    def __contains__(self, timestamp: object) -> bool:
        """Whether an event's timestamp lies within."""
        return isinstance(timestamp, str) and self.earliest <= timestamp <= self.latest


@cache
def time_policy() -> TimePolicy:
    """The policy in ``policies/collection/time.yml``.

    Raises:
        PolicyError: the file is missing or breaks its schema.
    """
    return load_policy("collection/time.yml", TimePolicy)


def plausible_times(now_ms: int) -> PlausibleTimes:
    """The plausible times as of a moment in milliseconds since 1970 UTC."""
    policy = time_policy()
    latest = now_ms + int(policy.latest_after_now_hours * _HOUR_MS)
    return PlausibleTimes(f"{policy.earliest:%Y-%m-%d}T00:00:00.000Z", format_timestamp(latest))
