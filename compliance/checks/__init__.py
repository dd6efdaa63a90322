"""Automatic checks: what a system's events, the records and the platform itself say."""

from compliance.checks.context import CheckContext, Surroundings
from compliance.checks.running import check_system

__all__ = ["CheckContext", "Surroundings", "check_system"]
