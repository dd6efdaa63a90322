"""Passwords as argon2id hashes (RFC 9106) with the parameters of policy."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.identity.policy import sign_in_policy


def hash_password(password: str) -> str:
    """The hash to keep, with its salt and parameters."""
    with _place():
        return _hasher().hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash; takes as long when there is no account (None)."""
    known = password_hash or _hash_of_nobody()
    try:
        with _place():
            _hasher().verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher().check_needs_rehash(password_hash)


@cache
def _hasher() -> PasswordHasher:
    policy = sign_in_policy().password.hash
    return PasswordHasher(time_cost=policy.passes, memory_cost=policy.memory_kib, parallelism=policy.lanes)


@cache
def _place() -> BoundedSemaphore:
    """One of the places for hashes that are worked out at once."""
    return BoundedSemaphore(sign_in_policy().password.hash.at_once)


@cache
def _hash_of_nobody() -> str:
    return _hasher().hash("no account has this password")
