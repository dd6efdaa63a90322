"""OpenID Connect bearer tokens: the one module that reads JSON Web Tokens.

Held so that what is known to go wrong with JWTs can't: algorithms are a fixed asymmetric list, a key verifies with its
own algorithm alone, keys are public JWKs of the configured issuer and never come from a token, encrypted tokens are
never opened, and a token's length is bounded before anything reads it (RFC 8725; CVE-2024-33663, CVE-2024-33664).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jose import jwk, jwt
from jose.backends.base import Key
from jose.exceptions import JOSEError

from api.errors import ApiError

ALGORITHMS_BY_KEY_TYPE: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512"),
    "EC": ("ES256", "ES384", "ES512"),
}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_MAXIMUM_TOKEN = 8192
_MAXIMUM_KEYS = 64
_SMALLEST_MODULUS_BITS = 2048
_LEEWAY_SECONDS = 30
_PARTS = 3
_HEADER_NAMES = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
_DEMANDED = ("exp", "iat", "iss", "aud", "sub")


class BearerTokenError(ApiError):
    """A token is not accepted; the message says why, without anything of the token."""


class UnknownKeyError(BearerTokenError):
    """The token names a key that the issuer did not have when it was last asked."""


class KeySetError(ApiError):
    """The issuer's keys can't be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key of the issuer, fixed to one algorithm."""

    algorithm: str
    key: Key


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are accepted, and for whom they must be made out."""

    name: str
    audience: str
    keys: Mapping[str, VerificationKey]


def read_key_set(text: bytes) -> dict[str, VerificationKey]:
    """The signing keys of a JWK set (RFC 7517) by key id; keys for other uses or of other kinds are passed over.

    Raises:
        KeySetError: it is no JWK set, or none of its keys can verify a token.
    """
    try:
        listed = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KeySetError("the issuer's keys are no JWK set; point the setting to its jwks_uri") from error
    if not isinstance(listed, list) or len(listed) > _MAXIMUM_KEYS:
        raise KeySetError(f"the issuer's JWK set is no list of at most {_MAXIMUM_KEYS} keys")
    keys = {str(each["kid"]): key for each in listed if (key := _verification_key(each)) is not None}
    if not keys:
        raise KeySetError("the issuer's JWK set has no RSA or EC signing key with a kid")
    return keys


def read_token(token: str, issuer: Issuer) -> dict[str, Any]:
    """The claims of a token that the issuer signed for us and that is valid now.

    Raises:
        BearerTokenError: it is not; ``UnknownKeyError`` when its key is not among the issuer's.
    """
    header = _header(token)
    found = issuer.keys.get(str(header.get("kid")))
    if found is None:
        raise UnknownKeyError("the token is signed with a key that its issuer does not publish")
    if header.get("alg") != found.algorithm:
        raise BearerTokenError("the token names another algorithm than its key has")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            found.key,
            algorithms=[found.algorithm],
            audience=issuer.audience,
            issuer=issuer.name,
            options={"leeway": _LEEWAY_SECONDS, **{f"require_{name}": True for name in _DEMANDED}},
        )
    except (JOSEError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BearerTokenError(f"the token is not valid: {type(error).__name__}") from error
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise BearerTokenError("the token names nobody")
    return claims


def _verification_key(described: object) -> VerificationKey | None:
    """The key of a JWK, None where it can't or must not verify tokens."""
    if not isinstance(described, dict) or not isinstance(described.get("kid"), str):
        return None
    allowed = ALGORITHMS_BY_KEY_TYPE.get(str(described.get("kty")))
    if allowed is None or described.get("use", "sig") != "sig" or "d" in described:
        return None
    algorithm = described.get("alg", _usual_algorithm(described))
    if algorithm not in allowed or (described["kty"] == "EC" and described.get("crv") != _CURVES[algorithm]):
        return None
    try:
        return VerificationKey(algorithm, jwk.construct(described, algorithm)) if _is_strong(described) else None
    except (JOSEError, ValueError, TypeError, KeyError):
        return None


def _usual_algorithm(described: Mapping[str, object]) -> str:
    if described["kty"] == "RSA":
        return "RS256"
    return next((name for name, curve in _CURVES.items() if curve == described.get("crv")), "")


def _is_strong(described: Mapping[str, Any]) -> bool:
    return described["kty"] == "EC" or int.from_bytes(_decode(described["n"])).bit_length() >= _SMALLEST_MODULUS_BITS


def _header(token: str) -> dict[str, Any]:
    """A token's header, when it is no longer and no other than a signed token's.

    Raises:
        BearerTokenError: it is.
    """
    if len(token) > _MAXIMUM_TOKEN or not token.isascii():
        raise BearerTokenError(f"a token has at most {_MAXIMUM_TOKEN} ASCII characters")
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise BearerTokenError("the token is no signed token; encrypted ones are not accepted")
    try:
        header = json.loads(_decode(parts[0]))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BearerTokenError("the token's header can't be read") from error
    if not isinstance(header, dict) or not header.keys() <= _HEADER_NAMES:
        raise BearerTokenError("the token's header holds more than names of a key; keys are never taken from a token")
    return header


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
