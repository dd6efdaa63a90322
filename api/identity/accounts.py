"""Making accounts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from api.errors import ApiError
from api.identity.models import User
from api.identity.passwords import hash_password
from api.identity.policy import role_policy, sign_in_policy
from api.identity.repository import count_users, end_sessions_of, find_external, find_user
from api.identity.sessions import RequestOrigin
from audit import Actor, AuditEntry, record
from events import now_ms

_FIRST_START = Actor("system", "first-start", "first start")
_NOWHERE = RequestOrigin()
_RANDOM_PASSWORD_BYTES = 15
_MAXIMUM_NAME = 128


class AccountError(ApiError):
    """An account can't be made or changed so; the message says why and what is allowed."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of.

    ``units`` are the ids of the units that it speaks for; ``external_subject`` is who the person is to the OpenID
    provider.
    """

    name: str
    password: str
    roles: Sequence[str]
    display_name: str = ""
    units: Sequence[str] = ()
    external_subject: str | None = None


def create_user(session: Session, account: NewAccount, actor: Actor, origin: RequestOrigin = _NOWHERE) -> User:
    """Make an account and record who made it.

    Raises:
        AccountError: the name is taken or empty, the password too short, or the roles exclude each other.
    """
    name = account.name.strip().casefold()
    _check(session, name, account)
    user = User(
        id=uuid4().hex,
        name=name,
        display_name=account.display_name or account.name,
        password_hash=hash_password(account.password),
        roles=sorted(set(account.roles)),
        units=sorted(set(account.units)),
        external_subject=account.external_subject,
        created_ms=now_ms(),
    )
    session.add(user)
    record(
        session, _entry("user:create", user.id, actor, origin, {"name": name, "roles": user.roles, "units": user.units})
    )
    return user


def disable_user(session: Session, user: User, actor: Actor, origin: RequestOrigin) -> None:
    """Close an account: its sessions end, its keys no longer work."""
    user.disabled = True
    end_sessions_of(session, user.id, now_ms())
    record(session, _entry("user:disable", user.id, actor, origin, {"disabled": True}))


def end_all_sessions(session: Session, user: User, actor: Actor, origin: RequestOrigin) -> None:
    """End every session of an account at once."""
    end_sessions_of(session, user.id, now_ms())
    record(session, _entry("user:end-sessions", user.id, actor, origin, {"name": user.name}))


def reset_password(session: Session, name: str, actor: Actor, origin: RequestOrigin = _NOWHERE) -> str:
    """Give an account a new random password, to be shown once; its sessions end and a lock is lifted.

    Raises:
        AccountError: there is no such account.
    """
    user = find_user(session, name)
    if user is None:
        raise AccountError(f"there is no account {name!r}; the first one is {role_policy().first_administrator.name}")
    password = secrets.token_urlsafe(_RANDOM_PASSWORD_BYTES)
    user.password_hash = hash_password(password)
    user.failed_sign_ins, user.first_failure_ms, user.locked_until_ms = 0, None, None
    end_sessions_of(session, user.id, now_ms())
    record(session, _entry("user:reset-password", user.id, actor, origin, {"name": user.name}))
    return password


def ensure_first_administrator(session: Session) -> str | None:
    """Make the policy's first account when there is none; returns its random password, to be shown once."""
    if count_users(session):
        return None
    first = role_policy().first_administrator
    password = secrets.token_urlsafe(_RANDOM_PASSWORD_BYTES)
    create_user(session, NewAccount(first.name, password, first.roles), _FIRST_START)
    return password


def check_password(password: str) -> None:
    """Refuse a password that the policy does not allow.

    Raises:
        AccountError: it is too short, too long, or nearly one character repeated.
    """
    policy = sign_in_policy().password
    if not policy.minimum_length <= len(password) <= policy.maximum_length:
        raise AccountError(f"A password has {policy.minimum_length} to {policy.maximum_length} characters")
    if len(set(password)) < policy.distinct_characters:
        raise AccountError(f"A password has at least {policy.distinct_characters} different characters")


def _entry(action: str, user_id: str, actor: Actor, origin: RequestOrigin, after: dict[str, object]) -> AuditEntry:
    return AuditEntry(
        actor,
        action,
        "user",
        user_id,
        after=after,
        request_id=origin.request_id,
        source_address=origin.source_address,
    )


def _check(session: Session, name: str, account: NewAccount) -> None:
    if not name or len(name) > _MAXIMUM_NAME:
        raise AccountError(f"An account needs a name of 1 to {_MAXIMUM_NAME} characters")
    if find_user(session, name):
        raise AccountError("There is an account of this name already; choose another")
    if account.external_subject and find_external(session, account.external_subject):
        raise AccountError("There is an account for this person of the OpenID provider already")
    check_password(account.password)
    if problem := role_policy().conflict(account.roles):
        raise AccountError(problem)
