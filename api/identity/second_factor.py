"""A second factor: time-based one-time passwords (RFC 6238) from an app that the person holds."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import ApiError
from api.identity.models import SecondFactor, User
from api.identity.policy import sign_in_policy
from audit import Actor, AuditEntry, record
from events import now_ms
from store.records.secrets import SecretBox

ISSUER = "Fengsui 烽燧"
_STEP_SECONDS = 30
_NEIGHBORS = (-1, 0, 1)
"""Steps beside the present one whose codes pass, for clocks that differ (RFC 6238 §5.2)."""
_MS_PER_SECOND = 1000


class SecondFactorError(ApiError):
    """A second factor can't be set up or taken away so; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What the app is told, once: the secret, and the same as an ``otpauth`` address for a QR code."""

    secret: str
    address: str


def begin_enrollment(session: Session, user: User, box: SecretBox) -> Enrollment:
    """A new secret for an account that has no confirmed one; an enrollment left half-way begins again.

    Raises:
        SecondFactorError: the account has a second factor.
    """
    if is_confirmed(session, user.id):
        message = "this account has a second factor; have it taken away before setting up another"
        raise SecondFactorError(message, "factor_exists")
    secret = pyotp.random_base32()
    factor = SecondFactor(user_id=user.id, sealed_secret=box.seal(secret, _place(user.id)), enrolled_ms=now_ms())
    factor.last_step = 0
    session.merge(factor)
    return Enrollment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=ISSUER))


def confirm(session: Session, user: User, code: str, box: SecretBox) -> None:
    """Switch the second factor on by a first code.

    Raises:
        SecondFactorError: nothing was begun, or the code is wrong.
    """
    factor = session.get(SecondFactor, user.id)
    if factor is None or factor.confirmed_ms is not None:
        raise SecondFactorError("begin to set up the second factor first", "factor_not_begun")
    if not _passes(factor, code, box):
        message = "the code is wrong or was used; check the clock of the device and take the next one"
        raise SecondFactorError(message, "code_wrong")
    factor.confirmed_ms = now_ms()
    record(session, _entry("user:enroll-second-factor", Actor("user", user.id, user.name), user))


def is_confirmed(session: Session, user_id: str) -> bool:
    """Whether an account has a second factor."""
    factor = session.get(SecondFactor, user_id)
    return factor is not None and factor.confirmed_ms is not None


def confirmed_accounts(session: Session) -> frozenset[str]:
    """The ids of all accounts with a second factor."""
    return frozenset(session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_ms.is_not(None))))


def enrollment_overdue(session: Session, user: User, now: int) -> bool:
    """Whether an account needs a second factor, has none, and the grace is over."""
    policy = sign_in_policy().second_factor
    needed = not policy.required_roles.isdisjoint(user.roles) and now >= user.created_ms + policy.grace_ms
    return needed and not is_confirmed(session, user.id)


def code_passes(session: Session, user_id: str, code: str, box: SecretBox) -> bool:
    """Whether a code is right and was not used before; it is used up."""
    factor = session.get(SecondFactor, user_id)
    return factor is not None and factor.confirmed_ms is not None and _passes(factor, code, box)


def take_away(session: Session, user: User, actor: Actor) -> None:
    """Remove a second factor that its owner lost; the next sign-in needs the password alone.

    Raises:
        SecondFactorError: there is none.
    """
    factor = session.get(SecondFactor, user.id)
    if factor is None:
        raise SecondFactorError("this account has no second factor", "factor_missing")
    session.delete(factor)
    record(session, _entry("user:remove-second-factor", actor, user))


def _passes(factor: SecondFactor, code: str, box: SecretBox) -> bool:
    totp = pyotp.TOTP(box.open(factor.sealed_secret, _place(factor.user_id)), interval=_STEP_SECONDS)
    present = now_ms() // _MS_PER_SECOND // _STEP_SECONDS
    given = "".join(code.split())
    for step in (present + neighbor for neighbor in _NEIGHBORS):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), given.encode())
        if right and step > factor.last_step:
            factor.last_step = step
            return True
    return False


def _place(user_id: str) -> str:
    return f"second_factors/{user_id}"


def _entry(action: str, actor: Actor, user: User) -> AuditEntry:
    return AuditEntry(actor, action, "user", user.id, after={"name": user.name})
