"""Passwords as argon2id hashes (RFC 9106 §4, the library's own parameters)."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_at_once = BoundedSemaphore(4)
"""One hash takes 64 MiB; a flood of sign-ins waits instead of taking the machine's memory."""


def hash_password(password: str) -> str:
    """The hash to keep, with its salt and parameters."""
    with _at_once:
        return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash; takes as long when there is no account (None)."""
    try:
        with _at_once:
            _hasher.verify(password_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("no account has this password")
