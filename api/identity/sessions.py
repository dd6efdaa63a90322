"""Sessions: opened at sign-in, kept on the server, ended by sign-out, idleness or age."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy.orm import Session

from api.identity.models import User, UserSession
from api.identity.policy import SessionPolicy, role_policy, sign_in_policy
from api.identity.principal import Principal
from api.identity.repository import find_session, open_session_ids
from api.identity.second_factor import enrollment_overdue
from api.identity.tokens import digest_of, new_token
from audit import Actor, AuditEntry, record
from events import now_ms


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where a request comes from."""

    source_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


def actor_of(user: User) -> Actor:
    """An account as the audit trail names it."""
    return Actor("user", user.id, user.name)


def open_session(session: Session, user: User, origin: RequestOrigin) -> tuple[str, UserSession]:
    """A new session with a fresh token, returned once and kept only as its digest; too many end the oldest."""
    token, now = new_token(), now_ms()
    open_ids = open_session_ids(session, user.id)
    for surplus in open_ids[sign_in_policy().session.maximum_per_account - 1 :]:
        session.get_one(UserSession, surplus).ended_ms = now
    row = UserSession(
        id=uuid4().hex,
        token_digest=digest_of(token),
        user_id=user.id,
        created_ms=now,
        last_seen_ms=now,
        expires_ms=now + sign_in_policy().session.absolute_ms,
        source_address=origin.source_address,
        user_agent=(origin.user_agent or "")[:256],
    )
    session.add(row)
    return token, row


def live_session(session: Session, token: str, now: int) -> tuple[UserSession, User] | None:
    """The session of a token, when it may still be used."""
    found = find_session(session, digest_of(token))
    return found if found and _alive(*found, sign_in_policy().session, now) else None


def principal_of(session: Session, row: UserSession, user: User) -> Principal:
    """The caller behind a session; without any scope while a second factor is overdue."""
    principal = principal_of_user(user, row.id)
    if enrollment_overdue(session, user, now_ms()):
        return replace(principal, scopes=frozenset(), must_enroll=True)
    return principal


def principal_of_user(user: User, session_id: str | None = None) -> Principal:
    """An account as a caller."""
    policy = role_policy()
    return Principal(
        actor_of(user),
        user.id,
        policy.scopes_of(user.roles),
        session_id,
        frozenset(user.units or ()),
        policy.scopes_everywhere(user.roles),
    )


def end_session(session: Session, principal: Principal, origin: RequestOrigin) -> None:
    """Sign out."""
    row = session.get(UserSession, principal.session_id) if principal.session_id else None
    if row is None or row.ended_ms is not None:
        return
    row.ended_ms = now_ms()
    record(
        session,
        AuditEntry(
            principal.actor,
            "session:end",
            "session",
            row.id,
            request_id=origin.request_id,
            source_address=origin.source_address,
        ),
    )


def _alive(row: UserSession, user: User, policy: SessionPolicy, now: int) -> bool:
    return not user.disabled and now < row.expires_ms and now < row.last_seen_ms + policy.idle_ms
