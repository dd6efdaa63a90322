"""Retention of what detection wrote down: alerts that nobody acted upon, lists of events, withheld matches."""

from detection.retention.policy import RecordsRetention, load_records_retention
from detection.retention.removal import Removed, remove_aged

__all__ = ["RecordsRetention", "Removed", "load_records_retention", "remove_aged"]
