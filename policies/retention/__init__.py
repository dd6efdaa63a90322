"""Retention: which class an event belongs to, how long a class is kept, and when finished days are merged.

The files are ``retention/classes.yml`` and ``retention/merging.yml``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from policies.loader import load_policy
from store.retention import Merging, PlausibleTimes, StoragePolicy

_HOUR_MS = 3_600_000
FLOOR_DAYS = 180
"""网络安全法 (Cybersecurity Law) article 21(3): six months, the least that any class may keep."""

ClassName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RetentionClass(_Strict):
    """How long a class is kept, and why."""

    days: int = Field(ge=FLOOR_DAYS, le=36_525)
    reason: str


class DatasetAssignment(_Strict):
    """Which datasets belong to a class; a pattern with ``*`` and ``?`` over ``event.dataset``."""

    pattern: str
    retention_class: ClassName = Field(alias="class")


class RetentionClasses(_Strict):
    """The file ``retention/classes.yml``."""

    default: ClassName
    classes: dict[ClassName, RetentionClass]
    datasets: list[DatasetAssignment] = []

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name in (self.default, *(assignment.retention_class for assignment in self.datasets)):
            if name not in self.classes:
                raise ValueError(f"class {name} is not defined under classes; define it or correct the name")
        return self


class MergingOfDays(_Strict):
    """The file ``retention/merging.yml``."""

    after_days: int = Field(ge=0, le=365)
    least_share: float = Field(gt=0, le=1)


class EventTimes(BaseModel):
    """The file ``collection/time.yml``."""

    earliest: date
    latest_after_now_hours: int = Field(ge=0)


def storage_policy(
    classes: str | Path = "retention/classes.yml",
    times: str | Path = "collection/time.yml",
    merging: str | Path = "retention/merging.yml",
) -> StoragePolicy:
    """The policy that event stores are opened with.

    Raises:
        PolicyError: a file is missing or breaks its schema (less than 180 days, an unknown class).
    """
    retention = load_policy(classes, RetentionClasses)
    plausible = load_policy(times, EventTimes)
    merged = load_policy(merging, MergingOfDays)
    earliest = datetime(plausible.earliest.year, plausible.earliest.month, plausible.earliest.day, tzinfo=UTC)
    return StoragePolicy(
        days={name: kept.days for name, kept in retention.classes.items()},
        assignments=tuple((assignment.pattern, assignment.retention_class) for assignment in retention.datasets),
        default=retention.default,
        plausible=PlausibleTimes(int(earliest.timestamp() * 1000), plausible.latest_after_now_hours * _HOUR_MS),
        merging=Merging(merged.after_days, merged.least_share),
    )


__all__ = ["DatasetAssignment", "RetentionClass", "RetentionClasses", "storage_policy"]
