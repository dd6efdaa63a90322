"""What decides where an event is kept and how long: retention classes and the bounds of plausible time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class PlausibleTimes:
    """What an event's own time may honestly be.

    Attributes:
        earliest_ms: anything before it is implausible.
        latest_after_now_ms: anything further in the future than this is implausible.
    """

    earliest_ms: int
    latest_after_now_ms: int

    def include(self, moment_ms: int, now_ms: int) -> bool:
        """Whether a moment is plausible, seen from the present."""
        return self.earliest_ms <= moment_ms <= now_ms + self.latest_after_now_ms


@dataclass(frozen=True, slots=True)
class Merging:
    """When a day that is over is written anew as one piece, where the engine is one that keeps days in pieces.

    Attributes:
        after_days: whole days between the end of a day and its merge, in which late events still come.
        least_share: the share of a day's events that its largest piece must have, else it is merged (again).
    """

    after_days: int
    least_share: float


@dataclass(frozen=True, slots=True)
class StoragePolicy:
    """Retention classes, which events belong to them, and the bounds of plausible time.

    Attributes:
        days: days that each class keeps, counted from the event's own day.
        assignments: (pattern over ``event.dataset``, class), the first that fits decides.
        default: the class of everything else.
        plausible: the bounds of plausible time.
        merging: when days that are over are merged; never where it is None.
    """

    days: Mapping[str, int]
    assignments: tuple[tuple[str, str], ...]
    default: str
    plausible: PlausibleTimes
    merging: Merging | None = None

    def class_of(self, dataset: str) -> str:
        """The retention class of a dataset."""
        return _class_of(self.assignments, self.default, dataset)

    def expired(self, retention_class: str, day: date, today: date) -> bool:
        """Whether a class no longer keeps a day; a class that the policy doesn't know is kept."""
        kept = self.days.get(retention_class)
        return kept is not None and today - day > timedelta(days=kept)


@lru_cache(maxsize=4_096)
def _class_of(assignments: tuple[tuple[str, str], ...], default: str, dataset: str) -> str:
    return next((name for pattern, name in assignments if fnmatchcase(dataset, pattern)), default)


KEEP_EVERYTHING = StoragePolicy({}, (), "standard", PlausibleTimes(0, 86_400_000))
"""For stores opened without a policy: one class that is never dropped."""
