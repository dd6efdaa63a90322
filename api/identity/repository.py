"""Queries over accounts, sessions and API keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.identity.models import ApiKey, User, UserSession


def find_user(session: Session, name: str) -> User | None:
    """The account of a name, in any case of letters."""
    return session.scalars(select(User).where(User.name == name.strip().casefold())).one_or_none()


def count_users(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def list_users(session: Session) -> Sequence[User]:
    """All accounts by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def find_session(session: Session, token_digest: str) -> tuple[UserSession, User] | None:
    """A session that was not ended, with its account."""
    statement = select(UserSession, User).join(User, User.id == UserSession.user_id)
    row = session.execute(
        statement.where(UserSession.token_digest == token_digest, UserSession.ended_ms.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def open_session_ids(session: Session, user_id: str) -> Sequence[str]:
    """The sessions of an account that were not ended, the newest first."""
    statement = select(UserSession.id).where(UserSession.user_id == user_id, UserSession.ended_ms.is_(None))
    return session.scalars(statement.order_by(UserSession.created_ms.desc(), UserSession.id)).all()


def list_sessions(session: Session, user_id: str, now: int) -> Sequence[UserSession]:
    """The sessions of an account that are open now, the newest first."""
    statement = select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_ms.is_(None))
    return session.scalars(
        statement.where(UserSession.expires_ms > now).order_by(UserSession.created_ms.desc(), UserSession.id)
    ).all()


def find_external(session: Session, subject: str) -> User | None:
    """The account of a person of the OpenID provider."""
    return session.scalars(select(User).where(User.external_subject == subject)).one_or_none()


def end_sessions_of(session: Session, user_id: str, moment_ms: int) -> None:
    """End every open session of an account."""
    statement = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_ms.is_(None))
    session.execute(statement.values(ended_ms=moment_ms))


def find_api_key(session: Session, key_id: str) -> tuple[ApiKey, User] | None:
    """A key, revoked or not, with its owner."""
    statement = select(ApiKey, User).join(User, User.id == ApiKey.user_id).where(ApiKey.id == key_id)
    row = session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


def list_api_keys(session: Session, user_id: str) -> Sequence[ApiKey]:
    """The keys of an account, newest first."""
    statement = select(ApiKey).where(ApiKey.user_id == user_id)
    return session.scalars(statement.order_by(ApiKey.created_ms.desc(), ApiKey.id)).all()


def display_names(session: Session, user_ids: Iterable[str]) -> dict[str, str]:
    """The names of accounts by id; ids of no account are left out."""
    wanted = select(User.id, User.display_name).where(User.id.in_(sorted(set(user_ids))))
    return {row[0]: row[1] for row in session.execute(wanted)}


def mail_addresses(session: Session, role: str, unit_id: str) -> list[str]:
    """The mail addresses of the open accounts that hold a role; those that speak for a unit, where one is named."""
    reachable = session.scalars(select(User).where(User.email.is_not(None), User.disabled.is_(False)))
    return [
        user.email
        for user in reachable
        if user.email and role in user.roles and (not unit_id or unit_id in (user.units or ()))
    ]
