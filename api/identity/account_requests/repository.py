"""Queries over requests, and over who could decide on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.identity.account_requests.errors import AccountRequestNotFoundError
from api.identity.account_requests.models import AccountRequest, RequestState
from api.identity.account_requests.policy import DECIDE
from api.identity.models import User
from api.identity.policy import role_policy
from api.identity.repository import list_users


def find_request(session: Session, request_id: str, *, for_update: bool = False) -> AccountRequest:
    """A request.

    Raises:
        AccountRequestNotFoundError: there is none of this id.
    """
    found = session.get(AccountRequest, request_id, with_for_update=for_update)
    if found is None:
        raise AccountRequestNotFoundError("There is no request of this id; reload the list")
    return found


def list_requests(session: Session, state: RequestState | None, limit: int) -> Sequence[AccountRequest]:
    """The requests of a state, or all, the newest first."""
    statement = select(AccountRequest).order_by(AccountRequest.requested_ms.desc(), AccountRequest.id).limit(limit)
    return session.scalars(statement if state is None else statement.where(AccountRequest.state == state.value)).all()


def due_requests(session: Session, now: int) -> Sequence[AccountRequest]:
    """The requests that nobody decided in time."""
    pending = AccountRequest.state == RequestState.PENDING.value
    return session.scalars(select(AccountRequest).where(pending, AccountRequest.expires_ms <= now).limit(100)).all()


def waits_already(session: Session, kind: str, subject: str) -> bool:
    """Whether the same is asked for the same account or key."""
    pending = AccountRequest.state == RequestState.PENDING.value
    of_it = (pending, AccountRequest.kind == kind, AccountRequest.subject == subject)
    return session.scalars(select(AccountRequest.id).where(*of_it).limit(1)).first() is not None


def deciders(session: Session) -> list[User]:
    """All accounts, closed ones too, whose roles let them decide."""
    policy = role_policy()
    return [user for user in list_users(session) if DECIDE in policy.scopes_of(user.roles)]
