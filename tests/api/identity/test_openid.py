"""A provider that changes its keys, answers too much, or is away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jwt

from api.identity import openid
from api.identity.bearer_tokens import BearerTokenError, KeySetError, UnknownKeyError
from api.identity.openid import OpenIdProvider, OpenIdSettings


class Key:
    def __init__(self, kid: str) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        self.kid = kid
        self.pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public: dict[str, Any] = {**jwk.construct(public.decode(), "ES256").to_dict(), "kid": kid}

    def token(self) -> str:
        now = int(time.time())
        claims = {"iss": "https://idp", "aud": "fengsui", "sub": "li", "iat": now, "exp": now + 60}
        return jwt.encode(claims, self.pem, "ES256", headers={"kid": self.kid})


class Provider:
    def __init__(self) -> None:
        self.body, self.status, self.asked = b"", 200, 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(provider.body)))
                self.end_headers()
                self.wfile.write(provider.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, *keys: Key) -> None:
        self.body = json.dumps({"keys": [key.public for key in keys]}).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.server.shutdown()
    running.server.server_close()


def _opened(keys: str) -> OpenIdProvider:
    return OpenIdProvider(OpenIdSettings("https://idp", "fengsui", keys))


def test_follows_a_change_of_keys_but_asks_at_most_once_a_minute(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Key("old"), Key("new")
    provider.publish(old)
    opened = _opened(provider.address)
    assert opened.subject(old.token()) == "li"
    provider.publish(new)
    for _ in range(5):
        with pytest.raises(UnknownKeyError):
            opened.subject(new.token())
    assert provider.asked == 1
    monkeypatch.setattr(openid, "_RETRY_SECONDS", 0.0)
    assert opened.subject(new.token()) == "li"
    with pytest.raises(BearerTokenError):
        opened.subject(old.token())


def test_keeps_to_the_last_keys_while_the_provider_is_away(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key("k")
    provider.publish(key)
    opened = _opened(provider.address)
    assert opened.subject(key.token()) == "li"
    monkeypatch.setattr(openid, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(openid, "_RETRY_SECONDS", 0.0)
    for status, body in ((500, provider.body), (200, b"<html>"), (200, b" " * (300 << 10)), (302, b"")):
        provider.status, provider.body = status, body
        assert opened.subject(key.token()) == "li"
    assert provider.asked == 5


def test_reads_keys_from_a_file(tmp_path: Path) -> None:
    key = Key("k")
    with pytest.raises(UnknownKeyError):
        _opened(str(tmp_path / "missing.json")).subject(key.token())
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.public]}))
    assert _opened(str(tmp_path / "keys.json")).subject(key.token()) == "li"


def test_keys_come_over_tls() -> None:
    with pytest.raises(KeySetError, match="https"):
        _opened("http://idp.example.gov.cn/keys")
