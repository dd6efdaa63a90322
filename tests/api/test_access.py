"""Nobody passes without the scope that a route demands, and no other site acts in a reader's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi.dependencies.models import Dependant

from api.access import Requires
from api.console import PAGES
from api.identity.policy import role_policy
from api.routes import ROUTERS
from tests.addresses import methods_of

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_PUBLIC = {
    ("POST", "/api/v1/sessions"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/preferences"),
    ("POST", "/api/v1/webhooks/endpoints/{endpoint_id}/callbacks"),  # whoever holds the endpoint's secret
}
_ANY_SIGNED_IN = {
    ("GET", "/api/v1/sessions/me"),
    ("POST", "/api/v1/account:change-password"),
    ("GET", "/api/v1/account/email"),
    ("PUT", "/api/v1/account/email"),
    ("GET", "/api/v1/account/sessions"),
    ("DELETE", "/api/v1/account/sessions/{session_id}"),
    ("POST", "/api/v1/account/second-factor"),
    ("POST", "/api/v1/account/second-factor:confirm"),
    ("GET", "/api/v1/reminders"),  # one's own
    ("POST", "/api/v1/reminders:seen"),
    ("GET", "/reminders"),
    ("POST", "/reminders"),
    ("GET", "/account"),
    ("POST", "/account/password"),
    ("POST", "/account/email"),
    ("POST", "/account/sessions/{session_id}"),
    ("POST", "/account/second-factor"),
    ("POST", "/account/second-factor/confirm"),
    ("DELETE", "/api/v1/sessions/me"),
    ("GET", "/"),
    ("POST", "/sign-out"),
}
_DEMANDS_MORE_WITHIN = {("POST", "/playbooks")}
"""Checks a text for readers; adding it is refused within to whoever lacks ``playbooks:write``."""


def _routes() -> list[tuple[str, str, Dependant]]:
    return [(method, route.path, route.dependant) for method, route in methods_of(*ROUTERS, *PAGES)]


def _demanded(dependant: Dependant) -> list[Requires]:
    own = [dependant.call] if isinstance(dependant.call, Requires) else []
    return own + [each for inner in dependant.dependencies for each in _demanded(inner)]


def _path(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def test_every_route_but_the_public_ones_demands_a_known_scope() -> None:
    for method, path, dependant in _routes():
        demanded = _demanded(dependant)
        if (method, path) in _PUBLIC:
            assert demanded == [], (method, path)
            continue
        assert len(demanded) == 1, (method, path)
        if (method, path) not in _ANY_SIGNED_IN:
            assert demanded[0].scope in role_policy().scopes, (method, path)


def test_a_route_that_changes_something_demands_more_than_reading() -> None:
    for method, path, dependant in _routes():
        if (
            method != "GET"
            and (method, path) not in _PUBLIC | _ANY_SIGNED_IN | _DEMANDS_MORE_WITHIN
            and not path.endswith(
                (":aggregate", ":explain", "/classify/try", "/classify", "/verification", ":validate", "dry-run")
            )
        ):
            assert not str(_demanded(dependant)[0].scope).endswith(":read"), (method, path)


def test_an_anonymous_caller_gets_nothing(site: Site) -> None:
    with site.client() as client:
        for method, path, _ in _routes():
            if (method, path) in _PUBLIC:
                continue
            answer = client.request(method, _path(path), json={})
            if path.startswith(("/api/", "/metrics")):
                assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), (method, path)
            else:
                assert answer.status_code == 303, (method, path)
                assert answer.headers["location"].startswith("/sign-in"), (method, path)


def test_an_account_without_roles_gets_nothing(sign_in: SignedIn) -> None:
    client = sign_in("nobody")
    for method, path, _ in _routes():
        if (method, path) not in _PUBLIC | _ANY_SIGNED_IN:
            assert client.request(method, _path(path), json={}).status_code == 403, (method, path)


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("auditor", "/api/v1/audit-records", 200),
        ("auditor", "/api/v1/events", 403),
        ("analyst", "/api/v1/audit-records", 403),
        ("analyst", "/api/v1/users", 403),
        ("admin", "/api/v1/users", 200),
        ("admin", "/api/v1/audit-records", 403),
    ],
)
def test_roles_are_kept_apart(sign_in: SignedIn, name: str, path: str, status: int) -> None:
    assert sign_in(name).get(path).status_code == status


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-CSRF-Token": ""}, "csrf_token_invalid"),
        ({"X-CSRF-Token": "0" * 64}, "csrf_token_invalid"),
        ({"X-CSRF-Token": "é"}, "csrf_token_invalid"),
        ({"Origin": "https://evil.example"}, "cross_site_request"),
        ({"Sec-Fetch-Site": "cross-site"}, "cross_site_request"),
    ],
)
def test_a_change_from_elsewhere_is_refused(site: Site, sign_in: SignedIn, headers: dict[str, str], code: str) -> None:
    client, address = sign_in(), f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge"
    raw = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
    kept = [(n, v) for n, v in client.headers.raw if n.decode().lower() not in {name.lower() for name in headers}]
    answer = client.send(client.build_request("POST", address, json={}, headers=httpx.Headers(raw)), stream=False)
    assert kept
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert client.get(f"/api/v1/alerts/{site.alert_ids[0]}").json()["state"] == "new"


def test_a_form_without_its_token_is_refused(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    answer = client.post(f"/alerts/{site.alert_ids[0]}", data={"action": "acknowledge"})
    assert answer.status_code == 403
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    answer = client.post(f"/alerts/{site.alert_ids[0]}", data={"action": "acknowledge", "csrf_token": token})
    assert answer.status_code == 303


def test_another_sessions_token_does_not_serve(site: Site, sign_in: SignedIn) -> None:
    mine, theirs = sign_in(), sign_in("admin")
    mine.headers["X-CSRF-Token"] = theirs.headers["X-CSRF-Token"]
    assert mine.post(f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge", json={}).status_code == 403


def test_answers_carry_the_security_headers(site: Site) -> None:
    with site.client() as client:
        for path in ("/sign-in", "/api/v1/alerts", "/nowhere", "/static/console.css"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert ("no-store" in headers["cache-control"]) is not path.startswith("/static")


def test_the_cookie_is_out_of_reach_of_scripts(site: Site) -> None:
    with site.client() as client:
        body = {"name": "analyst", "password": "correct horse battery"}
        cookie = client.post("/api/v1/sessions", json=body).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(site: Site, target: str) -> None:
    with site.client() as client:
        form = {"name": "analyst", "password": "correct horse battery", "next": target}
        assert client.post("/sign-in", data=form).headers["location"] == "/alerts"


def test_a_request_too_large_is_refused(sign_in: SignedIn) -> None:
    client = sign_in()
    body = {"alert_ids": ["x" * 1000] * 2000, "action": "acknowledge"}
    assert client.post("/api/v1/alerts:bulk", json=body).status_code == 413


def test_a_bad_parameter_is_named_without_its_value(sign_in: SignedIn) -> None:
    answer = sign_in().get("/api/v1/alerts", params={"level": "s3cret-value"})
    assert answer.status_code == 422
    assert "level" in answer.json()["errors"][0]["parameter"]
    assert "s3cret-value" not in answer.text


def test_the_description_is_published_and_names_every_route(site: Site) -> None:
    with site.client() as client:
        document = client.get("/api/v1/openapi.json").json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {
        (method, path) for method, path, _ in _routes() if path.startswith(("/api/", "/metrics")) or path.endswith("z")
    }


def test_health_tells_of_both_stores(site: Site) -> None:
    with site.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"records": "ok", "events": "ok"}
