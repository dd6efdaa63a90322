"""Removes what is older than policy keeps it, one bounded batch a transaction, with its record in the audit trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from detection.authorship import Change, audit_change, by_itself
from detection.retention import repository
from detection.retention.policy import RecordsRetention, load_records_retention
from store.records import RecordsDatabase

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind were removed; the events of removed alerts are among ``alert_events``."""

    alerts: int = 0
    alert_events: int = 0
    withheld_matches: int = 0

    def __bool__(self) -> bool:
        """Whether anything was removed, so that there may be more."""
        return any(asdict(self).values())


def remove_aged(records: RecordsDatabase, now: int, policy: RecordsRetention | None = None) -> Removed:
    """Remove one batch of what is older than policy keeps it; call again until nothing was removed."""
    kept = policy or load_records_retention()
    with records.read() as session:
        if not repository.any_aged(session, _cutoffs(kept, now)):
            return Removed()
    with records.begin() as session:
        removed = _remove(session, kept, now)
        after = {name: count for name, count in asdict(removed).items() if count}
        audit_change(session, Change("alert", "retention", "", after=after), by_itself(now))
    return removed


def _remove(session: Session, kept: RecordsRetention, now: int) -> Removed:
    cutoffs, left = _cutoffs(kept, now), kept.batch
    withheld = repository.remove_withheld(session, cutoffs.withheld_matches, left)
    left -= withheld
    events = repository.remove_alert_events(session, cutoffs.alert_events, left)
    left -= events
    alerts = repository.remove_alerts(session, cutoffs.alerts, left)
    return Removed(alerts, events, withheld)


def _cutoffs(kept: RecordsRetention, now: int) -> repository.Cutoffs:
    """Until when each kind goes; an alert's list of events goes with the alert at the latest."""
    alerts, events, withheld = (
        now - each.days * _DAY_MS for each in (kept.alerts, kept.alert_events, kept.withheld_matches)
    )
    return repository.Cutoffs(alerts, max(alerts, events), withheld)
