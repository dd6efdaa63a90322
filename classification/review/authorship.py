"""Who takes a step of review: a person, by the account that answers for it, or the product itself."""

from __future__ import annotations

from audit import Actor
from audit.authorship import ChangedBy

SYSTEM = "classification"
SYSTEM_NAME = "system"


def by_itself(at_ms: int) -> ChangedBy:
    """The product, whose scans suggest, at a moment (ms)."""
    return ChangedBy(Actor("system", SYSTEM, SYSTEM_NAME), at_ms)


def is_person(by: ChangedBy) -> bool:
    """Whether somebody acts who can answer for a decision."""
    return by.actor.kind in ("user", "api_key")
