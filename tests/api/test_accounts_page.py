"""Accounts and roles on their page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import select

from api.identity.accounts import NewAccount, create_user
from api.identity.models import User
from audit import Actor

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def test_makes_accounts_within_the_separation_of_duties(sign_in: SignedIn) -> None:
    admin = sign_in("admin")
    form = {"csrf_token": admin.headers.pop("X-CSRF-Token"), "name": "sec", "password": "one long enough phrase"}
    refused = admin.post("/accounts", data={**form, "role": ["security_administrator", "audit_administrator"]})
    assert refused.status_code == 422
    assert "separation of duties" in refused.text
    made = admin.post("/accounts", data={**form, "role": ["security_administrator"], "units": "u-1, u-2"})
    assert made.status_code == 303
    page = admin.get("/accounts").text
    assert "安全管理员" in page
    assert {"u-1", "u-2"} <= set(re.findall(r'<span class="tag">(u-\d)</span>', page))
    assert sign_in("sec", "one long enough phrase").get("/alerts").status_code == 200


def test_helps_and_closes_others_accounts(site: Site, sign_in: SignedIn) -> None:
    admin, analyst = sign_in("admin"), sign_in()
    form = {"csrf_token": admin.headers.pop("X-CSRF-Token")}
    with site.records.read() as session:
        ids = {user.name: user.id for user in session.scalars(select(User)) if user.name in {"analyst", "admin"}}
    for step in ("reset-password", "end-sessions", "remove-second-factor", "disable"):
        assert admin.post(f"/accounts/{ids['admin']}/{step}", data=form).status_code == 409, step
    shown = admin.post(f"/accounts/{ids['analyst']}/reset-password", data=form).text
    password = re.search(r"analyst  (\S+)</pre>", shown)
    assert password is not None
    assert analyst.get("/api/v1/sessions/me").status_code == 401
    again = sign_in("analyst", password[1])
    assert admin.post(f"/accounts/{ids['analyst']}/disable", data=form).status_code == 303
    assert again.get("/api/v1/sessions/me").status_code == 401
    assert sign_in("auditor").get("/accounts").status_code == 403


def test_an_administrators_account_waits_for_the_security_administrator(site: Site, sign_in: SignedIn) -> None:
    with site.records.begin() as session:
        keeper = NewAccount("keeper", "correct horse battery", ["security_administrator"])
        create_user(session, keeper, Actor("system", "test", "test"))
    admin, keeper_page = sign_in("admin"), sign_in("keeper")
    form = {"csrf_token": admin.headers.pop("X-CSRF-Token"), "name": "aud", "password": "one long enough phrase"}
    asked = admin.post("/accounts", data={**form, "role": ["audit_administrator"], "email": "aud@lanhai.example"})
    assert asked.headers["location"] == "/account-requests"
    [request] = admin.get("/api/v1/account-requests", params={"state": "pending"}).json()
    assert (request["kind"], request["subject"], request["requested_by"]) == ("create", "aud", "admin")
    assert "argon2" not in admin.get("/api/v1/account-requests").text
    assert "撤回申请" in admin.get("/account-requests").text
    refused = admin.post(f"/account-requests/{request['id']}", data={**form, "decision": "approve"})
    assert refused.status_code == 403
    page = keeper_page.get("/account-requests").text
    assert {"审计管理员", "aud@lanhai.example"} <= set(re.findall(r">([^<>]+)<", page))
    token = {"csrf_token": keeper_page.headers["X-CSRF-Token"]}
    decided = keeper_page.post(f"/account-requests/{request['id']}", data={**token, "decision": "approve"})
    assert decided.status_code == 303
    assert "已批准" in keeper_page.get("/account-requests", params={"state": "approved"}).text
    assert sign_in("aud", "one long enough phrase").get("/audit-trail").status_code == 200


def test_what_waits_is_answered_as_accepted(site: Site, sign_in: SignedIn) -> None:
    with site.records.begin() as session:
        keeper = NewAccount("keeper", "correct horse battery", ["security_administrator"])
        ids = {"keeper": create_user(session, keeper, Actor("system", "test", "test")).id}
    admin, api = sign_in("admin"), sign_in("keeper")
    body = {"name": "second", "password": "one long enough phrase", "roles": ["system_administrator"]}
    waiting = [
        admin.post("/api/v1/users", json=body),
        admin.post(f"/api/v1/users/{ids['keeper']}:reset-password"),
        admin.post(
            f"/api/v1/users/{ids['keeper']}:change-roles", json={"roles": ["analyst", "security_administrator"]}
        ),
        admin.post("/api/v1/api-keys", json={"name": "wide", "scopes": ["users:write"]}),
    ]
    assert [each.status_code for each in waiting] == [202] * 4
    assert waiting[1].json()["request"]["kind"] == "reset-password"
    assert admin.post("/api/v1/users", json=body).json()["code"] == "account_request_conflict"
    own = f"/api/v1/account-requests/{waiting[2].json()['id']}"
    assert api.post(f"{own}:approve", json={}).json()["code"] == "own_account_request"
    assert admin.post(f"{own}:withdraw").json()["state"] == "withdrawn"
    assert api.post(f"{own}:reject", json={}).json()["code"] == "account_request_conflict"
    assert admin.post(f"/api/v1/users/{ids['keeper']}:disable").json()["code"] == "invalid_account"
    assert admin.post(f"/api/v1/users/{ids['keeper']}:remove-second-factor").json()["code"] == "invalid_second_factor"


def test_people_have_a_mail_address(sign_in: SignedIn) -> None:
    analyst, admin = sign_in(), sign_in("admin")
    assert analyst.put("/api/v1/account/email", json={"email": "li@lanhai.example"}).status_code == 204
    form = {"csrf_token": analyst.headers["X-CSRF-Token"]}
    assert "mail address" in analyst.post("/account/email", data={**form, "email": "no address"}).text
    assert 'value="li@lanhai.example"' in analyst.get("/account").text
    [found] = [each for each in admin.get("/api/v1/users").json() if each["name"] == "analyst"]
    assert found["email"] == "li@lanhai.example"
    changed = {"csrf_token": admin.headers["X-CSRF-Token"], "role": "auditor", "email": "", "units": "u-1"}
    assert admin.post(f"/accounts/{found['id']}/roles", data=changed).status_code == 303
    [found] = [each for each in admin.get("/api/v1/users").json() if each["name"] == "analyst"]
    assert (found["email"], found["roles"], found["units"]) == (None, ["auditor"], ["u-1"])
    assert analyst.get("/api/v1/audit-records").status_code == 200
