"""What people do with their own account, and administrators with others', over HTTP and on the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pyotp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jwt

from api.identity import sign_in_policy
from api.identity.openid import OpenIdProvider, OpenIdSettings

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_PASSWORD = "correct horse battery"
_NEW = "another horse staple"


def test_changes_the_password_and_ends_the_other_sessions(sign_in: SignedIn) -> None:
    elsewhere, here = sign_in(), sign_in()
    wrong = here.post("/api/v1/account:change-password", json={"old": "no", "new": _NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_account")
    for bad in ("short", _PASSWORD, "a" * 20):
        assert here.post("/api/v1/account:change-password", json={"old": _PASSWORD, "new": bad}).status_code == 422
    assert here.post("/api/v1/account:change-password", json={"old": _PASSWORD, "new": _NEW}).status_code == 204
    assert here.get("/api/v1/sessions/me").status_code == 200
    assert elsewhere.get("/api/v1/sessions/me").status_code == 401
    assert sign_in(password=_NEW).get("/api/v1/sessions/me").status_code == 200


def test_lists_and_ends_ones_own_sessions_only(sign_in: SignedIn) -> None:
    mine, other, stranger = sign_in(), sign_in(), sign_in("auditor")
    listed = mine.get("/api/v1/account/sessions").json()
    assert len(listed) == 2
    assert stranger.delete(f"/api/v1/account/sessions/{listed[0]['id']}").status_code == 422
    assert mine.delete(f"/api/v1/account/sessions/{listed[0]['id']}").status_code == 204
    assert other.get("/api/v1/sessions/me").status_code == 401


def test_too_many_sessions_end_the_oldest(sign_in: SignedIn) -> None:
    opened = []
    for _ in range(sign_in_policy().session.maximum_per_account + 1):
        opened.append(sign_in())
        time.sleep(0.002)
    states = [client.get("/api/v1/sessions/me").status_code for client in opened]
    assert states == [401, *[200] * (len(opened) - 1)]


def test_sets_up_a_second_factor_and_signs_in_with_it(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    begun = client.post("/api/v1/account/second-factor")
    assert begun.status_code == 201
    totp = pyotp.parse_uri(begun.json()["address"])
    assert isinstance(totp, pyotp.TOTP)
    assert client.post("/api/v1/account/second-factor:confirm", json={"code": "000000"}).status_code == 422
    assert client.post("/api/v1/account/second-factor:confirm", json={"code": totp.now()}).status_code == 204
    with site.client() as fresh:
        body = {"name": "analyst", "password": _PASSWORD}
        answer = fresh.post("/api/v1/sessions", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
        later = totp.at(int(time.time()) + 30)
        assert fresh.post("/api/v1/sessions", json={**body, "code": later}).status_code == 201
        assert fresh.post("/api/v1/sessions", json={**body, "code": later}).json()["code"] == "sign_in_refused"


def test_an_administrator_helps_others_but_not_themself(sign_in: SignedIn) -> None:
    admin, analyst = sign_in("admin"), sign_in()
    accounts = {each["name"]: each["id"] for each in admin.get("/api/v1/users").json()}
    for step in ("reset-password", "end-sessions", "remove-second-factor", "disable"):
        own = admin.post(f"/api/v1/users/{accounts['admin']}:{step}")
        assert (own.status_code, own.json()["code"]) == (409, "own_account"), step
        assert admin.post(f"/api/v1/users/nobody-at-all:{step}").status_code == 404, step
        assert analyst.post(f"/api/v1/users/{accounts['auditor']}:{step}").status_code == 403, step
    assert admin.post(f"/api/v1/users/{accounts['analyst']}:end-sessions").status_code == 204
    assert analyst.get("/api/v1/sessions/me").status_code == 401
    password = admin.post(f"/api/v1/users/{accounts['analyst']}:reset-password").json()["password"]
    again = sign_in(password=password)
    totp = pyotp.TOTP(again.post("/api/v1/account/second-factor").json()["secret"])
    again.post("/api/v1/account/second-factor:confirm", json={"code": totp.now()})
    assert admin.post(f"/api/v1/users/{accounts['analyst']}:remove-second-factor").status_code == 204
    assert sign_in(password=password).get("/api/v1/sessions/me").status_code == 200


def test_the_page_shows_the_secret_once_with_a_picture(sign_in: SignedIn) -> None:
    client = sign_in()
    token = client.headers.pop("X-CSRF-Token")
    form = {"csrf_token": token}
    shown = client.post("/account/second-factor", data=form).text
    assert "<svg" in shown
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)
    assert secret is not None
    assert secret[1] not in client.get("/account").text
    refused = client.post("/account/second-factor/confirm", data={**form, "code": "000000"})
    assert refused.status_code == 422
    done = client.post("/account/second-factor/confirm", data={**form, "code": pyotp.TOTP(secret[1]).now()})
    assert done.status_code == 303
    assert "双因素认证已启用" in client.get("/account").text
    changed = client.post("/account/password", data={**form, "old": _PASSWORD, "new": _NEW})
    assert changed.status_code == 303
    assert client.post("/account/password", data={**form, "old": _PASSWORD, "new": _NEW}).status_code == 422
    assert client.post("/account/password", data={"old": _NEW, "new": _PASSWORD}).status_code == 403


def test_a_key_bound_to_networks_works_from_there_alone(site: Site, sign_in: SignedIn) -> None:
    admin = sign_in("admin")
    for networks, status in ((["127.0.0.0/8"], 200), (["10.0.0.0/8", "2001:db8::/32"], 401), ([], 200)):
        body = {"name": "hook", "scopes": ["alerts:read"], "networks": networks}
        secret = admin.post("/api/v1/api-keys", json=body).json()["secret"]
        with site.client() as client:
            client.headers["Authorization"] = f"Bearer {secret}"
            assert client.get("/api/v1/alerts").status_code == status
    bad = admin.post("/api/v1/api-keys", json={"name": "x", "scopes": ["alerts:read"], "networks": ["10.0.0.1/8"]})
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid_api_key")


def test_a_token_of_the_provider_acts_as_the_account_it_names(
    site: Site, sign_in: SignedIn, provided: Callable[[OpenIdProvider], None], tmp_path: Path
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    keys = {"keys": [{**jwk.construct(public.decode(), "ES256").to_dict(), "kid": "k"}]}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    provided(OpenIdProvider(OpenIdSettings("https://idp", "fengsui", str(tmp_path / "keys.json"))))
    admin = sign_in("admin")
    created = admin.post(
        "/api/v1/users",
        json={"name": "li", "password": _NEW, "roles": ["auditor"], "external_subject": "gov-4711"},
    )
    assert created.status_code == 201, created.text

    def ask(subject: str, **changed: object) -> int:
        now = int(time.time())
        claims = {"iss": "https://idp", "aud": "fengsui", "sub": subject, "iat": now, "exp": now + 60, **changed}
        token = jwt.encode(claims, private, "ES256", headers={"kid": "k"})
        with site.client() as client:
            return client.get("/api/v1/audit-records", headers={"Authorization": f"Bearer {token}"}).status_code

    assert ask("gov-4711") == 200
    assert ask("gov-4711", aud="else") == 401
    assert ask("gov-4712", roles=["auditor"]) == 401
    admin.post(f"/api/v1/users/{created.json()['id']}:disable")
    assert ask("gov-4711") == 401
