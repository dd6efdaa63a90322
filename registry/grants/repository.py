"""Reading grants and appending to their history."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from registry.models import GrantRecord, GrantTransition
from registry.vocabulary import GrantState

_LASTING = (GrantState.REQUESTED.value, GrantState.APPROVED.value, GrantState.SUSPENDED.value)


def grant_transitions(session: Session, grant_id: str) -> list[GrantTransition]:
    """The history of a grant, oldest first."""
    wanted = GrantTransition.grant_id == grant_id
    return list(session.scalars(select(GrantTransition).where(wanted).order_by(GrantTransition.id)))


def append_step(session: Session, grant: GrantRecord, before: str | None, by: ChangedBy, reason: str | None) -> None:
    """Append the step that brought a grant into its present state."""
    session.add(
        GrantTransition(
            grant_id=grant.id,
            at=grant.state_since_ms,
            from_state=before,
            to_state=grant.state,
            actor=by.actor.name,
            reason=reason,
        )
    )
    session.flush()


def due(session: Session, now_ms: int, limit: int) -> list[GrantRecord]:
    """Grants whose time is over and that do not say so yet."""
    wanted = (GrantRecord.state.in_(_LASTING)) & (GrantRecord.valid_to_ms <= now_ms)
    return list(session.scalars(select(GrantRecord).where(wanted).order_by(GrantRecord.id).limit(limit)))
