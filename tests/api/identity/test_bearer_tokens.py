"""Bearer tokens of an OpenID provider: what is right passes, and each known attack on JWTs fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jose import jwe, jwk, jwt

from api.identity.bearer_tokens import (
    BearerTokenError,
    Issuer,
    KeySetError,
    UnknownKeyError,
    read_key_set,
    read_token,
)

_RSA = rsa.generate_private_key(65537, 2048)
_EC = ec.generate_private_key(ec.SECP256R1())
_NAME, _AUDIENCE = "https://idp.example.gov.cn", "fengsui"


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _public_der(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str, kid: str) -> dict[str, Any]:
    return {**jwk.construct(_public_pem(key).decode(), algorithm).to_dict(), "kid": kid, "use": "sig"}


_KEYS = {"keys": [_jwk(_RSA, "RS256", "rsa"), _jwk(_EC, "ES256", "ec")]}
_ISSUER = Issuer(_NAME, _AUDIENCE, read_key_set(json.dumps(_KEYS).encode()))


def _claims(**changed: object) -> dict[str, object]:
    now = int(time.time())
    claims = {"iss": _NAME, "aud": _AUDIENCE, "sub": "u-17", "iat": now, "exp": now + 300, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def _signed(claims: dict[str, object], **headers: str) -> str:
    return jwt.encode(claims, _pem(_RSA), "RS256", headers={"kid": "rsa", **headers})


def _encode(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _by_hmac(secret: bytes, algorithm: str, kid: str = "rsa") -> str:
    """A token signed with a public key as if it were a shared secret."""
    signing = f"{_encode({'alg': algorithm, 'kid': kid})}.{_encode(_claims())}"
    hashing = {"HS256": hashlib.sha256, "RS256": hashlib.sha256}[algorithm]
    return f"{signing}.{_encode(hmac.new(secret, signing.encode(), hashing).digest())}"


def test_reads_tokens_of_both_key_types() -> None:
    assert read_token(_signed(_claims()), _ISSUER)["sub"] == "u-17"
    by_ec = jwt.encode(_claims(aud=[_AUDIENCE, "other"]), _pem(_EC), "ES256", headers={"kid": "ec"})
    assert read_token(by_ec, _ISSUER)["sub"] == "u-17"
    assert read_token(_signed(_claims(), typ="at+jwt", x5t="abc"), _ISSUER)["sub"] == "u-17"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"nbf": int(time.time()) + 86_400},
        {"iat": None},
        {"iss": "https://idp.example.gov.cn.evil.example"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"aud": [1, 2]},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
    ],
)
def test_refuses_claims_that_do_not_hold(changed: dict[str, object]) -> None:
    with pytest.raises(BearerTokenError):
        read_token(_signed(_claims(**changed)), _ISSUER)


def test_a_moment_of_clock_skew_is_borne() -> None:
    assert read_token(_signed(_claims(exp=int(time.time()) - 5)), _ISSUER)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_refuses_unsigned_tokens(algorithm: str) -> None:
    with pytest.raises(BearerTokenError):
        read_token(f"{_encode({'alg': algorithm, 'kid': 'rsa'})}.{_encode(_claims())}.", _ISSUER)


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
@pytest.mark.parametrize("secret", [_public_pem(_RSA), _public_der(_RSA), json.dumps(_KEYS["keys"][0]).encode()])
def test_a_public_key_is_no_shared_secret(secret: bytes, algorithm: str) -> None:
    """The confusion of CVE-2024-33663, in PEM, in raw DER, and as a JWK."""
    with pytest.raises(BearerTokenError):
        read_token(_by_hmac(secret, algorithm), _ISSUER)


def test_a_key_verifies_with_its_own_algorithm_alone() -> None:
    for algorithm in ("RS384", "RS512"):
        with pytest.raises(BearerTokenError, match="another algorithm"):
            read_token(jwt.encode(_claims(), _pem(_RSA), algorithm, headers={"kid": "rsa"}), _ISSUER)
    with pytest.raises(BearerTokenError, match="another algorithm"):
        read_token(jwt.encode(_claims(), _pem(_EC), "ES256", headers={"kid": "rsa"}), _ISSUER)


def test_refuses_a_foreign_signature_and_an_unknown_key() -> None:
    other = _pem(rsa.generate_private_key(65537, 2048))
    with pytest.raises(BearerTokenError):
        read_token(jwt.encode(_claims(), other, "RS256", headers={"kid": "rsa"}), _ISSUER)
    with pytest.raises(UnknownKeyError):
        read_token(jwt.encode(_claims(), other, "RS256", headers={"kid": "new"}), _ISSUER)
    with pytest.raises(UnknownKeyError):
        read_token(jwt.encode(_claims(), _pem(_RSA), "RS256"), _ISSUER)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "zip", "b64"])
def test_keys_are_never_taken_from_a_token(name: str) -> None:
    with pytest.raises(BearerTokenError, match="never taken"):
        read_token(_signed(_claims(), **{name: "https://evil.example/keys"}), _ISSUER)


def test_never_opens_encrypted_tokens() -> None:
    """The decompression bomb of CVE-2024-33664, and an honest one."""
    bomb = jwe.encrypt(zlib.compress(b"0" * 10_000_000), b"k" * 32, "A256GCM", "dir", zip="DEF")
    for token in (bomb.decode(), jwe.encrypt(b"{}", b"k" * 32, "A256GCM", "dir").decode()):
        with pytest.raises(BearerTokenError):
            read_token(token, _ISSUER)


def test_bounds_what_it_reads() -> None:
    with pytest.raises(BearerTokenError, match="8192"):
        read_token(_signed(_claims(filler="x" * 9000)), _ISSUER)
    deep = "[" * 3000 + "]" * 3000
    with pytest.raises(BearerTokenError):
        read_token(f"{_encode(deep.encode())}.{_encode(_claims())}.AAAA", _ISSUER)
    with pytest.raises(BearerTokenError):
        read_token(f"{_encode({'alg': 'RS256', 'kid': 'rsa'})}.{_encode(deep.encode())}.AAAA", _ISSUER)


@given(st.text(max_size=60) | st.lists(st.text(max_size=12), min_size=3, max_size=3).map(".".join))
def test_junk_is_refused_and_nothing_else_happens(junk: str) -> None:
    with pytest.raises(BearerTokenError):
        read_token(junk, _ISSUER)


@given(st.integers(0), st.integers(0, 5))
def test_no_bit_of_a_signature_may_change(at: int, bit: int) -> None:
    head, payload, signature = _signed(_claims()).split(".")
    data = bytearray(base64.urlsafe_b64decode(signature + "=="))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(BearerTokenError):
        read_token(f"{head}.{payload}.{_encode(bytes(data))}", _ISSUER)


def test_the_error_says_nothing_of_the_token() -> None:
    token = _signed(_claims(sub="secret-person", aud="elsewhere"))
    with pytest.raises(BearerTokenError) as raised:
        read_token(token, _ISSUER)
    assert "secret-person" not in str(raised.value)
    assert token not in str(raised.value)


def test_key_sets_hold_only_what_may_verify() -> None:
    small = _jwk(rsa.generate_private_key(65537, 1024), "RS256", "small")  # noqa: S505 (too small is the point)
    good = _KEYS["keys"][0]
    refused: list[object] = [
        small,
        {**good, "kid": None},
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "hmac", "kty": "oct", "k": "c2VjcmV0"},
        {**good, "kid": "hs", "alg": "HS256"},
        {**_KEYS["keys"][1], "kid": "curve", "alg": "ES512"},
        {**good, "kid": "cut", "n": "!"},
        {**jwk.construct(_pem(_RSA), "RS256").to_dict(), "kid": "private", "d": "x"},
        "no key",
    ]
    kept = read_key_set(json.dumps({"keys": [good, *refused]}).encode())
    assert list(kept) == ["rsa"]
    for text in (b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', json.dumps({"keys": refused}).encode()):
        with pytest.raises(KeySetError):
            read_key_set(text)
