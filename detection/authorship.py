"""Who changes how detection works, and the audit record that each such change leaves."""

from __future__ import annotations

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change

__all__ = ["Change", "ChangedBy", "audit_change", "by_itself"]


def by_itself(at_ms: int) -> ChangedBy:
    """The product, where time or a loaded file makes the change."""
    return ChangedBy(Actor("system", "detection", "system"), at_ms)
