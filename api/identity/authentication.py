"""From a request's credential to its caller."""

from __future__ import annotations

from dataclasses import dataclass

from api.identity.api_keys import live_api_key, principal_of_key
from api.identity.models import ApiKey, UserSession
from api.identity.policy import sign_in_policy
from api.identity.principal import Principal
from api.identity.sessions import RequestOrigin, live_session, principal_of
from events import now_ms
from store.records import RecordsDatabase

__all__ = ["Credential", "RequestOrigin", "authenticate"]


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request presents.

    Attributes:
        session_token: from the cookie.
        api_key: from ``Authorization: Bearer``; outranks a cookie.
        passive: whether the request was made by the page itself, not by its reader; such a one keeps no session alive.
    """

    session_token: str | None = None
    api_key: str | None = None
    passive: bool = False


def authenticate(records: RecordsDatabase, credential: Credential) -> Principal | None:
    """The caller, or None when the credential is unknown, expired, revoked or missing."""
    now = now_ms()
    if credential.api_key is not None:
        return _by_api_key(records, credential.api_key, now)
    if credential.session_token is not None:
        return _by_session(records, credential.session_token, now, touch=not credential.passive)
    return None


def _by_session(records: RecordsDatabase, token: str, now: int, *, touch: bool) -> Principal | None:
    with records.read() as session:
        found = live_session(session, token, now)
    if found is None:
        return None
    row, user = found
    if touch and now - row.last_seen_ms >= sign_in_policy().session.touch_ms:
        with records.begin() as session:
            session.get_one(UserSession, row.id).last_seen_ms = now
    return principal_of(row, user)


def _by_api_key(records: RecordsDatabase, presented: str, now: int) -> Principal | None:
    with records.read() as session:
        found = live_api_key(session, presented, now)
    if found is None:
        return None
    key, user = found
    if now - (key.last_used_ms or 0) >= sign_in_policy().session.touch_ms:
        with records.begin() as session:
            session.get_one(ApiKey, key.id).last_used_ms = now
    return principal_of_key(key, user)
