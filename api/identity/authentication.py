"""From a request's credential to its caller."""

from __future__ import annotations

from dataclasses import dataclass

from api.identity.api_keys import allows_address, live_api_key, looks_like_key, principal_of_key
from api.identity.bearer_tokens import BearerTokenError
from api.identity.models import ApiKey, UserSession
from api.identity.openid import OpenIdProvider
from api.identity.policy import sign_in_policy
from api.identity.principal import Principal
from api.identity.repository import find_external
from api.identity.sessions import RequestOrigin, live_session, principal_of, principal_of_user
from events import now_ms
from store.records import RecordsDatabase

__all__ = ["Credential", "RequestOrigin", "authenticate"]


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request presents.

    Attributes:
        session_token: from the cookie.
        bearer: from ``Authorization: Bearer``, an API key or an OpenID provider's token; outranks a cookie.
        source_address: where the request comes from, for keys that are bound to networks.
        passive: whether the request was made by the page itself, not by its reader; such a one keeps no session alive.
    """

    session_token: str | None = None
    bearer: str | None = None
    source_address: str | None = None
    passive: bool = False


def authenticate(
    records: RecordsDatabase, credential: Credential, provider: OpenIdProvider | None = None
) -> Principal | None:
    """The caller, or None when the credential is unknown, expired, revoked or missing."""
    now = now_ms()
    if credential.bearer is not None and looks_like_key(credential.bearer):
        return _by_api_key(records, credential.bearer, credential.source_address, now)
    if credential.bearer is not None:
        return _by_token(records, credential.bearer, provider)
    if credential.session_token is not None:
        return _by_session(records, credential.session_token, now, touch=not credential.passive)
    return None


def _by_session(records: RecordsDatabase, token: str, now: int, *, touch: bool) -> Principal | None:
    with records.read() as session:
        found = live_session(session, token, now)
        if found is None:
            return None
        row, user = found
        principal = principal_of(session, row, user)
    if touch and now - row.last_seen_ms >= sign_in_policy().session.touch_ms:
        with records.begin() as session:
            session.get_one(UserSession, row.id).last_seen_ms = now
    return principal


def _by_token(records: RecordsDatabase, token: str, provider: OpenIdProvider | None) -> Principal | None:
    """The account of whom the provider's token names; roles are given here, never by the token."""
    if provider is None:
        return None
    try:
        subject = provider.subject(token)
    except BearerTokenError:
        return None
    with records.read() as session:
        user = find_external(session, subject)
    return None if user is None or user.disabled else principal_of_user(user)


def _by_api_key(records: RecordsDatabase, presented: str, address: str | None, now: int) -> Principal | None:
    with records.read() as session:
        found = live_api_key(session, presented, now)
    if found is None or not allows_address(found[0], address):
        return None
    key, user = found
    if now - (key.last_used_ms or 0) >= sign_in_policy().session.touch_ms:
        with records.begin() as session:
            session.get_one(ApiKey, key.id).last_used_ms = now
    return principal_of_key(key, user)
