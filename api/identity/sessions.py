"""Sessions: opened at sign-in, kept on the server, ended by sign-out, idleness or age."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from api.identity.models import User, UserSession
from api.identity.policy import SessionPolicy, role_policy, sign_in_policy
from api.identity.principal import Principal
from api.identity.repository import find_session
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
    """A new session with a fresh token; the token is returned once and kept only as its digest."""
    token, now = new_token(), now_ms()
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


def principal_of(row: UserSession, user: User) -> Principal:
    """The caller behind a session."""
    policy = role_policy()
    return Principal(
        actor_of(user),
        user.id,
        policy.scopes_of(user.roles),
        row.id,
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
