"""Making accounts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
_MAXIMUM_MAIL = 254
_MAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
"""What browsers take in a field for mail (HTML Living Standard §4.10.5.1.5, "valid email address")."""


class AccountError(ApiError):
    """An account can't be made or changed so; the message says why and what is allowed."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of.

    ``units`` are the ids of the units that it speaks for; ``external_subject`` is who the person is to the OpenID
    provider; ``email`` is where reminders are sent, empty for none.
    """

    name: str
    password: str
    roles: Sequence[str]
    display_name: str = ""
    units: Sequence[str] = ()
    external_subject: str | None = None
    email: str = ""

    @property
    def key(self) -> str:
        """The name as it is kept: in any case of letters it is the same account."""
        return self.name.strip().casefold()


def create_user(session: Session, account: NewAccount, actor: Actor, origin: RequestOrigin = _NOWHERE) -> User:
    """Make an account and record who made it.

    Raises:
        AccountError: the name is taken or empty, the password too short, or the roles exclude each other.
    """
    check_account(session, account)
    check_password(account.password)
    return add_user(session, account, hash_password(account.password), actor, origin)


def add_user(session: Session, account: NewAccount, password_hash: str, actor: Actor, origin: RequestOrigin) -> User:
    """Add an account that was checked, under the hash of its password."""
    user = User(
        id=uuid4().hex,
        name=account.key,
        display_name=account.display_name or account.name,
        email=account.email or None,
        password_hash=password_hash,
        roles=sorted(set(account.roles)),
        units=sorted(set(account.units)),
        external_subject=account.external_subject,
        created_ms=now_ms(),
    )
    session.add(user)
    session.flush()
    after: dict[str, object] = {"name": user.name, "roles": user.roles, "units": user.units}
    record(session, _entry("user:create", user.id, actor, origin, after))
    return user


def change_roles(
    session: Session, user: User, given: tuple[Sequence[str], Sequence[str]], actor: Actor, origin: RequestOrigin
) -> None:
    """Give an account other roles and units, which were checked; they hold from its next request on."""
    before = {"roles": list(user.roles), "units": list(user.units or ())}
    user.roles, user.units = sorted(set(given[0])), sorted(set(given[1]))
    after: dict[str, object] = {"roles": user.roles, "units": user.units}
    record(session, replace(_entry("user:change-roles", user.id, actor, origin, after), before=before))


def set_email(session: Session, user: User, email: str, actor: Actor, origin: RequestOrigin) -> None:
    """Note where an account's reminders are sent; empty for nowhere.

    Raises:
        AccountError: it is no mail address.
    """
    check_email(email.strip())
    user.email = email.strip() or None
    record(session, _entry("user:set-email", user.id, actor, origin, {"email": _masked(user.email)}))


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
    password = random_password()
    set_password(session, user, hash_password(password), actor, origin)
    return password


def random_password() -> str:
    """A password that nobody can guess, to be shown once."""
    return secrets.token_urlsafe(_RANDOM_PASSWORD_BYTES)


def set_password(session: Session, user: User, password_hash: str, actor: Actor, origin: RequestOrigin) -> None:
    """Give an account another password; its sessions end and a lock is lifted."""
    user.password_hash = password_hash
    user.failed_sign_ins, user.first_failure_ms, user.locked_until_ms = 0, None, None
    end_sessions_of(session, user.id, now_ms())
    record(session, _entry("user:reset-password", user.id, actor, origin, {"name": user.name}))


def ensure_first_administrator(session: Session) -> str | None:
    """Make the policy's first account when there is none; returns its random password, to be shown once."""
    if count_users(session):
        return None
    first = role_policy().first_administrator
    password = random_password()
    create_user(session, NewAccount(first.name, password, first.roles), _FIRST_START)
    return password


def check_account(session: Session, account: NewAccount) -> None:
    """Refuse an account that can't be made; its password is another matter.

    Raises:
        AccountError: the name is empty, too long or taken, the person has an account, or the roles exclude each other.
    """
    if not account.key or len(account.key) > _MAXIMUM_NAME:
        raise AccountError(f"An account needs a name of 1 to {_MAXIMUM_NAME} characters", "account_name_length")
    if find_user(session, account.key):
        raise AccountError("There is an account of this name already; choose another", "account_exists")
    if account.external_subject and find_external(session, account.external_subject):
        message = "There is an account for this person of the OpenID provider already"
        raise AccountError(message, "account_subject_exists")
    check_email(account.email)
    check_roles(account.roles)


def check_roles(roles: Sequence[str]) -> None:
    """Refuse roles that policy does not know, or that exclude each other.

    Raises:
        AccountError: it does.
    """
    if problem := role_policy().conflict(roles):
        raise AccountError(problem, "roles_refused")


def check_email(email: str) -> None:
    """Refuse what is no mail address; empty is none.

    Raises:
        AccountError: it is none.
    """
    if email and (len(email) > _MAXIMUM_MAIL or not _MAIL.fullmatch(email)):
        message = "This is no mail address; write it as name@host.example, or leave it empty"
        raise AccountError(message, "mail_address")


def check_password(password: str) -> None:
    """Refuse a password that the policy does not allow.

    Raises:
        AccountError: it is too short, too long, or nearly one character repeated.
    """
    policy = sign_in_policy().password
    if not policy.minimum_length <= len(password) <= policy.maximum_length:
        message = f"A password has {policy.minimum_length} to {policy.maximum_length} characters"
        raise AccountError(message, "password_length")
    if len(set(password)) < policy.distinct_characters:
        message = f"A password has at least {policy.distinct_characters} different characters"
        raise AccountError(message, "password_too_plain")


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


def _masked(email: str | None) -> str | None:
    name, _, host = (email or "").partition("@")
    return f"{name[:1]}***@{host}" if host else None
