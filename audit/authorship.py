"""Who changes something, and the audit record that each such change leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.entry import Actor, AuditEntry
from audit.trail import record


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who makes a change, at which moment (ms), through which request.

    ``account_id`` is the account behind the actor, where that is another: the owner of an API key.
    """

    actor: Actor
    at_ms: int
    request_id: str | None = None
    source_address: str | None = None
    account_id: str | None = None

    @property
    def responsible_id(self) -> str:
        """Who answers for the change: what separation of duties goes by."""
        return self.account_id or self.actor.id


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to what: ``{kind}:{verb}`` on the object of an id, why, and its states before and after."""

    kind: str
    verb: str
    object_id: str
    reason: str | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


def audit_change(session: Session, change: Change, by: ChangedBy) -> None:
    """Append the change to the audit trail, in the caller's transaction."""
    record(
        session,
        AuditEntry(
            by.actor,
            f"{change.kind}:{change.verb}",
            change.kind,
            change.object_id,
            reason=change.reason,
            before=change.before,
            after=change.after,
            request_id=by.request_id,
            source_address=by.source_address,
        ),
    )
