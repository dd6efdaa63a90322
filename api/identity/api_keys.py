"""API keys: ``fsk_{id}_{secret}``, shown once, kept as a digest."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from sqlalchemy.orm import Session

from api.errors import ApiError
from api.identity.models import ApiKey, User
from api.identity.policy import role_policy, sign_in_policy
from api.identity.principal import Principal
from api.identity.repository import find_api_key
from api.identity.sessions import RequestOrigin
from api.identity.tokens import digest_of, new_token
from audit import Actor, AuditEntry, record
from events import now_ms

_PREFIX = "fsk"
_ID_BYTES = 6
_PARTS = 3
_MS_PER_DAY = 86_400_000


class ApiKeyError(ApiError):
    """A key can't be made so; the message says why and what is allowed."""


class ApiKeyNotFoundError(ApiError):
    """There is no such key, or it is another's."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """What a key is made of; ``days`` is its life, None for the policy's default.

    ``networks`` are the addresses it may be used from, as CIDR; none means any.
    """

    name: str
    scopes: Collection[str]
    days: int | None = None
    networks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PreparedKey:
    """A key that was checked, and of whose secret the digest is known; ``days`` count from its making."""

    id: str
    name: str
    user_id: str
    scopes: list[str]
    networks: list[str]
    days: int
    secret_digest: str


def prepare_api_key(request: NewApiKey, owner: Principal) -> tuple[str, PreparedKey]:
    """The whole key, which nobody can read again, and what is kept of it once it is added.

    Raises:
        ApiKeyError: no name, a scope that the owner does not hold, a life beyond the policy's, or no network.
    """
    days = request.days if request.days is not None else sign_in_policy().api_key.default_days
    _check(request, days, owner)
    secret, key_id = new_token(), secrets.token_hex(_ID_BYTES)
    networks = [str(_network(each)) for each in request.networks]
    scopes = sorted(set(request.scopes))
    prepared = PreparedKey(key_id, request.name.strip(), owner.user_id, scopes, networks, days, digest_of(secret))
    return f"{_PREFIX}_{key_id}_{secret}", prepared


def add_api_key(session: Session, prepared: PreparedKey, actor: Actor, origin: RequestOrigin) -> ApiKey:
    """Let a prepared key work from now on."""
    now = now_ms()
    row = ApiKey(
        id=prepared.id,
        name=prepared.name,
        user_id=prepared.user_id,
        secret_digest=prepared.secret_digest,
        scopes=prepared.scopes,
        networks=prepared.networks,
        created_ms=now,
        expires_ms=now + prepared.days * _MS_PER_DAY,
    )
    session.add(row)
    after: dict[str, object] = {
        "name": row.name,
        "scopes": row.scopes,
        "networks": row.networks,
        "expires_ms": row.expires_ms,
    }
    record(session, _entry("api-key:create", row.id, actor, origin, after))
    return row


def revoke_api_key(session: Session, key_id: str, owner: Principal, origin: RequestOrigin) -> None:
    """End one of the owner's keys for good; revoking it again changes nothing.

    Raises:
        ApiKeyNotFoundError: the owner has no such key.
    """
    found = find_api_key(session, key_id)
    if found is None or found[0].user_id != owner.user_id:
        raise ApiKeyNotFoundError("You have no key of this id; reload the list")
    row = found[0]
    if row.revoked_ms is None:
        row.revoked_ms = now_ms()
        record(session, _entry("api-key:revoke", row.id, owner.actor, origin, None))


def looks_like_key(presented: str) -> bool:
    """Whether a bearer credential is one of our keys, valid or not."""
    return presented.startswith(f"{_PREFIX}_")


def allows_address(key: ApiKey, address: str | None) -> bool:
    """Whether a key may be used from an address; a key bound to networks may not be used from nowhere."""
    if not key.networks:
        return True
    try:
        source = ip_address(address or "")
    except ValueError:
        return False
    source = getattr(source, "ipv4_mapped", None) or source
    return any(source in ip_network(network) for network in key.networks)


def live_api_key(session: Session, presented: str, now: int) -> tuple[ApiKey, User] | None:
    """The key of a presented text, when it may still be used."""
    parts = presented.split("_", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != _PREFIX:
        return None
    found = find_api_key(session, parts[1])
    if found is None or not hmac.compare_digest(found[0].secret_digest, digest_of(parts[2])):
        return None
    key, user = found
    return found if key.revoked_ms is None and now < key.expires_ms and not user.disabled else None


def principal_of_key(key: ApiKey, user: User) -> Principal:
    """The caller behind a key: never more than its owner may do today."""
    policy = role_policy()
    return Principal(
        Actor("api_key", key.id, f"{user.name}/{key.name}"),
        user.id,
        frozenset(key.scopes) & policy.scopes_of(user.roles),
        units=frozenset(user.units or ()),
        scopes_everywhere=policy.scopes_everywhere(user.roles),
    )


def _entry(
    action: str, key_id: str, actor: Actor, origin: RequestOrigin, after: dict[str, object] | None
) -> AuditEntry:
    return AuditEntry(
        actor,
        action,
        "api-key",
        key_id,
        after=after,
        request_id=origin.request_id,
        source_address=origin.source_address,
    )


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip())
    except ValueError as error:
        raise ApiKeyError(f"{text[:64]!r} is no network; write it as 192.0.2.0/24 or 2001:db8::/32") from error


def _check(request: NewApiKey, days: int, owner: Principal) -> None:
    maximum = sign_in_policy().api_key.maximum_days
    if not request.name.strip() or not request.scopes:
        raise ApiKeyError("A key needs a name and at least one scope")
    if beyond := set(request.scopes) - owner.scopes:
        raise ApiKeyError(f"You can't give scopes that you don't hold: {', '.join(sorted(beyond))}")
    if not 1 <= days <= maximum:
        raise ApiKeyError(f"A key lives 1 to {maximum} days")
