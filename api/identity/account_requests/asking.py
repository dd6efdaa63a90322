"""Writing a request down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from api.identity.account_requests.errors import AccountRequestConflictError
from api.identity.account_requests.models import AccountRequest, RequestKind, RequestState
from api.identity.account_requests.policy import approvals_policy
from api.identity.account_requests.repository import waits_already
from api.identity.principal import Principal
from api.identity.sessions import RequestOrigin
from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms


@dataclass(frozen=True, slots=True)
class AskedBy:
    """Who does something to an account, or asks for it, through which request."""

    principal: Principal
    origin: RequestOrigin

    def change(self, at_ms: int) -> ChangedBy:
        """The same, as the audit trail names it."""
        origin, principal = self.origin, self.principal
        return ChangedBy(principal.actor, at_ms, origin.request_id, origin.source_address, principal.user_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; ``detail`` is what a decider sees and what will be done, ``credential`` a hash or digest."""

    kind: RequestKind
    subject: str
    detail: Mapping[str, Any]
    user_id: str | None = None
    credential: str | None = None


def ask(session: Session, wanted: Wanted, by: AskedBy) -> AccountRequest:
    """Let something wait for a second person.

    Raises:
        AccountRequestConflictError: the same waits already.
    """
    if waits_already(session, wanted.kind, wanted.subject):
        raise AccountRequestConflictError("The same is asked for already; have it decided or withdraw it")
    now = now_ms()
    row = AccountRequest(
        id=uuid4().hex,
        kind=wanted.kind.value,
        user_id=wanted.user_id,
        subject=wanted.subject,
        detail=dict(wanted.detail),
        credential=wanted.credential,
        requested_by_id=by.principal.user_id,
        requested_by=by.principal.actor.name,
        requested_ms=now,
        expires_ms=now + approvals_policy().expire_ms,
        state=RequestState.PENDING.value,
    )
    session.add(row)
    shown = {name: value for name, value in row.detail.items() if name != "email"}
    after = {"kind": row.kind, "subject": row.subject, "account": row.user_id, **shown}
    audit_change(session, Change("account-request", "create", row.id, after=after), by.change(now))
    return row
