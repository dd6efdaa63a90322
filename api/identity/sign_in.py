"""Signing in with a password, and what repeated failure leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sqlalchemy.orm import Session

from api.identity.models import User
from api.identity.passwords import hash_password, outdated, password_matches
from api.identity.policy import sign_in_policy
from api.identity.principal import Principal
from api.identity.repository import find_user
from api.identity.second_factor import code_passes, is_confirmed
from api.identity.sessions import RequestOrigin, actor_of, open_session, principal_of
from audit import Actor, AuditEntry, record
from events import now_ms
from store.records import RecordsDatabase
from store.records.secrets import SecretBox

_NAME_KEPT = 128


class Refusal(StrEnum):
    """Why a sign-in was refused, for the trail; the caller learns only that it was."""

    UNKNOWN_ACCOUNT = "unknown_account"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 (a reason, no secret)
    CODE_MISSING = "code_missing"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    DISABLED = "disabled"


_COUNTED = frozenset({Refusal.WRONG_PASSWORD, Refusal.WRONG_CODE})
"""What counts towards a lock."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a person presents; ``code`` is that of the second factor, where the account has one."""

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A successful sign-in: ``token`` is the secret for the cookie."""

    token: str
    principal: Principal
    expires_ms: int


def sign_in(
    records: RecordsDatabase, presented: Presented, origin: RequestOrigin, box: SecretBox
) -> SignedIn | Refusal:
    """Check a password, and the second factor where there is one, and open a session; a refusal is recorded too.

    The password is checked before the transaction, so that nobody waits for a slow hash while the database is locked.
    """
    with records.read() as session:
        user = find_user(session, presented.name)
        known = user.password_hash if user else None
    bounded = len(presented.password) <= sign_in_policy().password.maximum_length
    matches = bounded and password_matches(known, presented.password)
    renewed = hash_password(presented.password) if matches and known and outdated(known) else known
    with records.begin() as session:
        user = find_user(session, presented.name)
        # A password changed meanwhile was not the one checked.
        refusal = _refusal(user, now_ms(), matches=matches and user is not None and user.password_hash == known)
        if refusal is None and user is not None:
            refusal = _refusal_of_code(session, user, presented.code, box)
        if user is None or refusal is not None:
            return _refuse(session, user, presented.name, refusal or Refusal.UNKNOWN_ACCOUNT, origin)
        user.password_hash = renewed or user.password_hash
        return _admit(session, user, origin)


def _refusal_of_code(session: Session, user: User, code: str, box: SecretBox) -> Refusal | None:
    if not is_confirmed(session, user.id):
        return None
    if not code:
        return Refusal.CODE_MISSING
    return None if code_passes(session, user.id, code, box) else Refusal.WRONG_CODE


def _admit(session: Session, user: User, origin: RequestOrigin) -> SignedIn:
    user.failed_sign_ins, user.first_failure_ms, user.locked_until_ms = 0, None, None
    user.last_sign_in_ms = now_ms()
    token, row = open_session(session, user, origin)
    _record(session, user, user.name, None, origin)
    return SignedIn(token, principal_of(session, row, user), row.expires_ms)


def _refuse(session: Session, user: User | None, name: str, refusal: Refusal, origin: RequestOrigin) -> Refusal:
    if user is not None and refusal in _COUNTED:
        _count_failure(user, now_ms())
    _record(session, user, name, refusal, origin)
    return refusal


def _refusal(user: User | None, now: int, *, matches: bool) -> Refusal | None:
    if user is None:
        return Refusal.UNKNOWN_ACCOUNT
    if user.locked_until_ms is not None and now < user.locked_until_ms:
        return Refusal.LOCKED
    if not matches:
        return Refusal.WRONG_PASSWORD
    return Refusal.DISABLED if user.disabled else None


def _count_failure(user: User, now: int) -> None:
    policy = sign_in_policy().lockout
    if user.first_failure_ms is None or now - user.first_failure_ms > policy.within_ms:
        user.failed_sign_ins, user.first_failure_ms = 0, now
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= policy.failures:
        user.locked_until_ms = now + policy.lock_ms
        user.failed_sign_ins, user.first_failure_ms = 0, None


def _record(session: Session, user: User | None, name: str, refusal: Refusal | None, origin: RequestOrigin) -> None:
    # People type passwords into the name's field; a name that is no account's is not written down.
    actor = actor_of(user) if user else Actor("anonymous", "", f"unknown ({len(name[:_NAME_KEPT])} characters)")
    outcome: Literal["success", "failure"] = "failure" if refusal else "success"
    record(
        session,
        AuditEntry(
            actor,
            "session:create",
            "user",
            user.id if user else "",
            outcome,
            reason=str(refusal) if refusal else None,
            request_id=origin.request_id,
            source_address=origin.source_address,
        ),
    )
